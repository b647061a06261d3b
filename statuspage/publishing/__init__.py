"""Snapshot -> documents -> files: what the public reads, without a database."""
