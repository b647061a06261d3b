"""The pages people read: documents of one snapshot, and what every page has around it.

Pure: no query, no clock; `snapshot.as_of` is now. Other packages' pages (subscribe,
manage) extend `public/layout.html` with `layout_context()` and send `csp()`.
"""

from typing import Any

from django.apps import apps
from django.conf import settings
from django.utils.translation import gettext as _

from .assets import csp, logo, script, style
from .snapshot import Page

__all__ = ["csp", "layout_context", "site_title"]


def site_title(page: Page) -> str:
    """ "GitHub Status", and no second "Status" where the name ends with one."""
    if page.name.casefold().endswith("status"):
        return page.name
    return _("%(name)s Status") % {"name": page.name}


def layout_context(page: Page) -> dict[str, Any]:
    """What `public/layout.html` needs, inside a snapshot and outside."""
    return {
        "page": page,
        "site_title": site_title(page),
        "logo": logo(),
        "home_url": settings.BRAND["home_url"],
        "support_url": settings.BRAND["support_url"],
        "tells_people": apps.is_installed("notifications"),
        "style": style(),
        "script": script(),
    }
