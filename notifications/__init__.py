"""Who must be told, and proof that they were."""
