"""The staff's side: Django's admin site with rooms of its own."""
