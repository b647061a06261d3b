"""The documents of this package: feeds and the pages to subscribe, registered with the publication."""

from statuspage.publishing.documents import register_hot


def register() -> None:
    """Add them; called once, when the application is ready."""
    from . import feeds, pages
    from .feeds import calendar

    register_hot(feeds.documents)
    register_hot(calendar.documents)
    register_hot(pages.documents)
