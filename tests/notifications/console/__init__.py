"""The staff's rooms of the ledger."""
