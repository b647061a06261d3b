"""The pages to subscribe: published documents where they can be, templates where they cannot.

The form and the words after it are documents of the hot set: they are read with the
database down, cost no query and set no cookie. Pages behind a token are rendered for one
reader by views.py, with what is here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from statuspage.publishing import languages
from statuspage.publishing.documents import Document, key_of
from statuspage.publishing.html import csp, layout_context, page_from_settings, shared, spoken
from statuspage.publishing.snapshot import Page, Snapshot

from . import forms, places
from .forms import SubscribeForm

FORM = "/subscribe"
ABOUT = _(
    "We write when something breaks, when there is news about it, when it works again, and before planned maintenance."
)


@dataclass(frozen=True)
class Words:
    """A page that only says something, and where to go from there."""

    title: str | Promise
    paragraphs: tuple[str | Promise, ...]
    next_url: str = "/"
    next_label: str | Promise = _("Current status")


SAID: dict[str, Words] = {
    "/subscribe/sent": Words(
        _("Look at your messages"),
        (
            _(
                "If this address can receive messages from us, one with a link is on its way."
                " Nothing happens until you use it."
            ),
            _("The link works once; the message says for how long."),
            _(
                "Nothing after some minutes? Look among unwanted mail. An address gets only a few such messages a day,"
                " some time apart; whoever answered a text with STOP gets none before they answer START."
            ),
        ),
    ),
    "/subscribe/confirmed": Words(
        _("You are subscribed"),
        (
            _(
                "From now on you are told. Every mail has a link to change what you get, or to end it;"
                " answer any text with STOP to end those."
            ),
        ),
    ),
    "/subscribe/changed": Words(_("Your subscription is changed"), (_("It is as you chose from now on."),)),
    "/subscribe/unsubscribed": Words(
        _("You are unsubscribed"),
        (_("You get nothing more from us."),),
        FORM,
        _("Subscribe again"),
    ),
    "/subscribe/forgotten": Words(
        _("You are forgotten"),
        (_("Your subscription has ended, and what was stored about you is gone."),),
    ),
}
"""What is said after a form was sent, by its address. None of these names a person or a token."""

ELSEWHERE = Words(
    _("This form came from another site"),
    (_("Forms are taken from this site's own pages only. Please use the form here."),),
    FORM,
    _("To the form"),
)
DOWN = Words(
    _("Subscribing does not work just now"),
    (
        _("Nothing was changed and nothing was sent. Please try again in a few minutes."),
        _("The status page itself is up to date."),
    ),
)


# --- Documents -------------------------------------------------------------------------------


def documents(snapshot: Snapshot) -> Iterator[Document]:
    """The form, and what is said after it, in every language. Their keys leave out all that they do not show."""
    topics = forms.topics_of(snapshot)
    page = snapshot.page
    facts = (page.name, page.url, page.time_zone)
    of_the_form = key_of(*facts, topics, settings.DELIVERY_WEBHOOK_DEADLINE_SECONDS)
    for language in languages.published():
        yield spoken(language, FORM, lambda: published("subscribe.html", page, form_context(topics)), of_the_form)
        for path, words in SAID.items():
            context = {"words": words}
            yield spoken(language, path, lambda context=context: published("words.html", page, context), key_of(*facts))


def published(template: str, page: Page, context: dict[str, Any]) -> bytes:
    return render(template, context, page).encode("utf-8", "replace")


def form_context(topics: list[forms.Topic], form: SubscribeForm | None = None) -> dict[str, Any]:
    """What subscribe.html shows: an empty form, or one that came back with its errors."""
    initial = {"time_zone": settings.PAGE_TIME_ZONE, "language": languages.current().code}
    return {
        **shared(FORM, str(_("Get updates")), str(ABOUT)),
        "form": form or SubscribeForm(topics=topics, initial=initial),
        "offers_invitations": True,
        "offers_texts": bool(places.countries()),
        "offers_webhooks": settings.WEBHOOKS,
        "deadline": webhook_deadline(),
        "has_languages": len(settings.LANGUAGES) > 1,
    }


def webhook_deadline() -> int:
    """Whole seconds in which an endpoint must answer: never more than it has, and one at least."""
    return max(1, int(settings.DELIVERY_WEBHOOK_DEADLINE_SECONDS))


# --- Rendering ---------------------------------------------------------------------------------


def render(template: str, context: dict[str, Any], page: Page | None = None) -> str:
    """A page inside the site's frame; without a snapshot from the settings alone, so also with the database down."""
    return render_to_string(f"notifications/{template}", layout_context(page or page_from_settings()) | context)


def headers() -> dict[str, str]:
    """For pages that Django answers: the frame's own policy; kept by nobody, told to nobody (fault 75)."""
    return {
        "Content-Security-Policy": csp(),
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Robots-Tag": "noindex",
    }
