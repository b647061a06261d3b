"""What the templates of this package ask for."""
