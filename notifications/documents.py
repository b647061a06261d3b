"""The documents of this package: feeds and the pages to subscribe, registered with the publication."""

from importlib.util import find_spec

from statuspage.publishing.documents import register_hot


def register() -> None:
    """Add them; called once, when the application is ready."""
    from . import feeds

    register_hot(feeds.documents)
    if find_spec("notifications.pages"):
        from . import pages

        register_hot(pages.documents)
