"""The reader's side: stored bytes, no query."""
