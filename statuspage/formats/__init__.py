"""How the console writes times: UTC, to the second, 24 hours."""
