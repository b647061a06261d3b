"""Commands of the status page."""
