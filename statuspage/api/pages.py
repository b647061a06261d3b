"""Pages: there is one. What it is called and looks like is the operator's, in the environment."""

from typing import Any

from django.conf import settings
from django.utils.text import slugify
from ninja import Router, Schema

from statuspage import selectors
from statuspage.models import AuditEntry, Publication

from .answers import Refused, Sent, answers, page_of, time
from .keys import Scope, needs

router = Router(tags=["pages"])

LOOKS = (
    "css_body_background_color css_font_color css_light_font_color css_greens css_yellows css_oranges css_blues"
    " css_reds css_border_color css_graph_color css_link_color css_no_data"
    " favicon_logo transactional_logo hero_cover email_logo twitter_logo"
).split()
"""Fields for a look that is Statuspage's own: this page has another, by the operator's settings."""

SETTINGS = {"name": "SITE_NAME", "url": "SITE_URL", "time_zone": "PAGE_TIME_ZONE", "support_url": "BRAND_SUPPORT_URL"}
"""Fields that a page has by a setting of the program."""


class Page(Schema):
    """The page, in Statuspage's fields."""

    id: str
    created_at: str
    updated_at: str
    name: str
    page_description: str | None
    headline: str | None
    branding: str
    subdomain: str
    domain: str | None
    url: str
    support_url: str | None
    hidden_from_search: bool
    allow_page_subscribers: bool
    allow_incident_subscribers: bool
    allow_email_subscribers: bool
    allow_sms_subscribers: bool
    allow_rss_atom_feeds: bool
    allow_webhook_subscribers: bool
    notifications_from_email: str | None
    notifications_email_footer: str | None
    activity_score: float | None
    twitter_username: str | None
    viewers_must_be_team_members: bool
    ip_restrictions: str | None
    city: str | None
    state: str | None
    country: str | None
    time_zone: str
    css_body_background_color: str | None
    css_font_color: str | None
    css_light_font_color: str | None
    css_greens: str | None
    css_yellows: str | None
    css_oranges: str | None
    css_blues: str | None
    css_reds: str | None
    css_border_color: str | None
    css_graph_color: str | None
    css_link_color: str | None
    css_no_data: str | None
    favicon_logo: str | None
    transactional_logo: str | None
    hero_cover: str | None
    email_logo: str | None
    twitter_logo: str | None


class PageChanges(Sent):
    """Fields of a page to change."""

    name: str | None = None
    url: str | None = None
    time_zone: str | None = None
    support_url: str | None = None


class PageIn(Sent):
    page: PageChanges


@router.get("/pages", auth=needs(Scope.READ), response=answers(list[Page]))
def list_pages(request: Any) -> Any:
    """The pages that this key can see: the one there is."""
    return [page_facts(selectors.publication())]


@router.get("/pages/{page_id}", auth=needs(Scope.READ), response=answers(Page))
def get_page(request: Any, page_id: str) -> Any:
    """The page."""
    return page_facts(page_of(page_id))


@router.patch("/pages/{page_id}", auth=needs(Scope.COMPONENTS), response=answers(Page))
def update_page(request: Any, page_id: str, data: PageIn) -> Any:
    """Change the page. Its name, address and zone are settings of the program: other values are refused."""
    return page_as_asked(page_id, data)


@router.put("/pages/{page_id}", auth=needs(Scope.COMPONENTS), response=answers(Page))
def replace_page(request: Any, page_id: str, data: PageIn) -> Any:
    """The same as PATCH."""
    return page_as_asked(page_id, data)


def page_as_asked(page_id: str, data: PageIn) -> dict[str, Any]:
    """The page, where it is as it is asked to be; 409 that names the settings which decide."""
    facts = page_facts(page_of(page_id))
    asked = data.page.model_dump(exclude_none=True)
    errors = {
        field: [f"This is the setting {SETTINGS[field]}."] for field, value in asked.items() if value != facts[field]
    }
    if errors:
        raise Refused(409, "The page's own facts are settings of the program.", errors)
    return facts


def page_facts(publication: Publication) -> dict[str, Any]:
    first = AuditEntry.objects.order_by("pk").values_list("at", flat=True).first()
    return {
        "id": publication.page_id,
        "created_at": time(min(first or publication.changed_at, publication.changed_at)),
        "updated_at": time(publication.changed_at),
        "name": settings.SITE_NAME,
        "page_description": None,
        "headline": None,
        "branding": "basic",
        "subdomain": slugify(settings.SITE_NAME) or "status",
        "domain": settings.SITE_URL.partition("://")[2],
        "url": settings.SITE_URL,
        "support_url": settings.BRAND["support_url"] or None,
        "hidden_from_search": False,
        "allow_page_subscribers": True,
        "allow_incident_subscribers": True,
        "allow_email_subscribers": True,
        "allow_sms_subscribers": True,
        "allow_rss_atom_feeds": True,
        "allow_webhook_subscribers": settings.WEBHOOKS,
        "notifications_from_email": settings.EMAIL_FROM,
        "notifications_email_footer": settings.BRAND["footer"] or None,
        "activity_score": None,
        "twitter_username": None,
        "viewers_must_be_team_members": False,
        "ip_restrictions": None,
        "city": None,
        "state": None,
        "country": None,
        "time_zone": settings.PAGE_TIME_ZONE,
        **dict.fromkeys(LOOKS),
    }
