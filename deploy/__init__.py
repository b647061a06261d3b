"""What runs a site: the one-terminal site of `make run`, and examples for a production machine."""
