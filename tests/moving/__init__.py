"""Moving in and out: a whole site as files and back, and in from a Statuspage by key."""
