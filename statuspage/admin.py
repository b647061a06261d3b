"""Django looks here for the admin's lists; they stand in the console."""

from .console import components, staff  # noqa: F401
