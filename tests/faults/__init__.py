"""The faults of workers, the doorbell, schedulers and versions, each done to a whole running site (docs/faults.md)."""
