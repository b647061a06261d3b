"""The machine's side: Statuspage's Manage API v1, as thin doors to the actions. Begin at `routes.py`."""
