"""The composer: from an open delivery to the message that its channel sends."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from notifications import subscriptions, tokens
from notifications.channels.base import Mail, Message, Post, Text
from notifications.models import Audience, OutboxEvent, Subscription
from notifications.states import Channel
from statuspage.markup import render as render_markup
from statuspage.publishing.times import zone_of
from statuspage.text import clean_line

from . import letters
from .invitation import invitation, method_of
from .links import link_story
from .mail import GAP, MailTemplate, Recipient
from .story import story_of
from .texts import link_text, update_text
from .webhook import Template

if TYPE_CHECKING:
    from notifications.delivery.premise import Ready

KEPT = 512
"""Built messages at hand: a few events in every zone that people live in."""

Built = TypeVar("Built")

CALLBACK_RETRIES = "#rc=5&rp=all"
"""Twilio's own words for "try a callback again, five times": by default it tries once more."""


class Composer:
    """Messages for one run of one lane."""

    def __init__(self) -> None:
        self._events: OrderedDict[Any, OutboxEvent] = OrderedDict()
        self._mails: OrderedDict[Any, MailTemplate] = OrderedDict()
        self._texts: OrderedDict[Any, str] = OrderedDict()
        self._posts: OrderedDict[Any, Template] = OrderedDict()

    def message(self, ready: "Ready") -> Message:
        """The message for one open delivery. Raises where it cannot be built."""
        channel = ready.claimed.channel
        if channel == Channel.EMAIL:
            return self._mail(ready)
        if channel == Channel.SMS:
            return self._text(ready)
        if channel == Channel.WEBHOOK:
            return self._post(ready)
        return Message(str(ready.id), ready.address)

    def _mail(self, ready: "Ready") -> Mail:
        event = self._event(ready.claimed.event_id)
        invites = ready.wants_invitations and bool(method_of(event))
        key = (*key_of(ready), invites)
        template = kept(
            self._mails, key, lambda: mail_of(event, ready.language, ready.time_zone, invites, timezone.now())
        )
        recipient = Recipient(
            delivery_id=str(ready.id),
            to=ready.address,
            unsubscribe_url=link_in_mail(ready, event),
            thread="" if event.audience == Audience.ONE else f"{event.subject_id}.{ready.subscription_id.hex}",
        )
        return Mail(str(ready.id), ready.address, template.fill(recipient), return_address(ready.id))

    def _text(self, ready: "Ready") -> Text:
        event = self._event(ready.claimed.event_id)
        text = kept(self._texts, key_of(ready), lambda: text_of(event, ready.language, ready.time_zone))
        return Text(str(ready.id), ready.address, text, callback_url(str(ready.id)), ready.not_after)

    def _post(self, ready: "Ready") -> Post:
        event = self._event(ready.claimed.event_id)
        template = kept(self._posts, event.pk, lambda: Template(event))
        body = template.fill(unsubscribe_url(ready))
        return Post(str(ready.id), ready.address, body, subscriptions.secret_of(ready.subscription_id))

    def _event(self, event_id: int) -> OutboxEvent:
        return kept(self._events, event_id, lambda: OutboxEvent.objects.get(pk=event_id))


def key_of(ready: "Ready") -> tuple[Any, ...]:
    """What a message depends on beside its recipient's own parts."""
    return (ready.claimed.event_id, ready.language, ready.time_zone)


def kept(store: OrderedDict[Any, Built], key: Any, make: Callable[[], Built]) -> Built:
    """What is kept under `key`, made where it is not; the oldest makes room."""
    if key not in store:
        store[key] = make()
        if len(store) > KEPT:
            store.popitem(last=False)
    return store[key]


def unsubscribe_url(ready: "Ready") -> str:
    return tokens.unsubscribe_url(cast(Subscription, Owner(ready.subscription_id, ready.address_version)))


def link_in_mail(ready: "Ready", event: OutboxEvent) -> str:
    """A mail about a webhook ends the webhook by its link, and not what its owner gets by mail."""
    if event.audience != Audience.ONE or event.subject_kind != "subscription":
        return unsubscribe_url(ready)
    if event.subject_id == str(ready.subscription_id):
        return unsubscribe_url(ready)
    return tokens.unsubscribe_url(Subscription.objects.get(pk=event.subject_id))


@dataclass(frozen=True, slots=True)
class Owner:
    """As much of a subscription as its token is made of: a whole one costs more than the token."""

    pk: UUID
    address_version: int


def return_address(delivery_id: UUID) -> str:
    """Where the relay sends a bounce of this one mail (VERP); empty: to the sender, unread by us."""
    if not settings.BOUNCE_DOMAIN:
        return ""
    return f"bounce+{tokens.bounce_token(delivery_id)}@{settings.BOUNCE_DOMAIN}"


def callback_url(delivery_id: str) -> str:
    """Where Twilio reports, our own id in the path: it is known before Twilio's is."""
    return f"{settings.SITE_URL}/hooks/twilio/status/{delivery_id}{CALLBACK_RETRIES}"


# --- Built once ------------------------------------------------------------------------------


def mail_of(
    event: OutboxEvent, language: str, zone: str, invites: bool = False, now: datetime | None = None
) -> MailTemplate:
    """The mail of an event, for everybody who reads this language in this zone, with an invitation or without.

    `now`: what was promised for earlier is said to have been due. None: as when it was published.
    """
    with translation.override(known_language(language)):
        if event.kind == "canary":
            return canary_mail(event)
        if event.kind in letters.STORIES:
            return letter_mail(event, zone)
        if event.audience == Audience.ONE:
            return link_mail(event)
        return update_mail(event, zone, invites=invites, now=now)


def update_mail(event: OutboxEvent, zone: str, *, invites: bool, now: datetime | None) -> MailTemplate:
    story = story_of(event, zone_of(zone), now)
    site = clean_line(settings.SITE_NAME)
    context = {"story": story, "site": site, "gap": GAP, "language": translation.get_language()}
    subject = _("[%(site)s] %(word)s: %(title)s") % {"site": site, "word": story.word, "title": story.title}
    text = render_to_string("notifications/messages/update.txt", context)
    html = render_to_string("notifications/messages/update.html", {**context, "body": render_markup(story.body)})
    part = invitation(event, story) if invites else b""
    return MailTemplate(subject, text, html, event.published_at, part)


def link_mail(event: OutboxEvent) -> MailTemplate:
    story = link_story(event)
    context = {"story": story, "site": clean_line(settings.SITE_NAME), "language": translation.get_language()}
    text = render_to_string("notifications/messages/link.txt", context)
    html = render_to_string("notifications/messages/link.html", context)
    return MailTemplate(story.subject, text, html, event.published_at)


def letter_mail(event: OutboxEvent, zone: str) -> MailTemplate:
    story = letters.letter_story(event, zone)
    context = {"story": story, "site": clean_line(settings.SITE_NAME), "language": translation.get_language()}
    text = render_to_string("notifications/messages/letter.txt", context)
    html = render_to_string("notifications/messages/letter.html", context)
    return MailTemplate(story.subject, text, html, event.published_at)


def canary_mail(event: OutboxEvent) -> MailTemplate:
    """For a machine to count; people should not have to read it."""
    words = _("This message shows that the status page can send. Nothing is asked of you.")
    subject = _("[%(site)s] Canary") % {"site": clean_line(settings.SITE_NAME)}
    return MailTemplate(subject, f"{words}\n", f"<p>{words}</p>\n", event.published_at)


def text_of(event: OutboxEvent, language: str, zone: str) -> str:
    """The text message of an event, for everybody who reads this language in this zone."""
    with translation.override(known_language(language)):
        if event.audience == Audience.ONE:
            story = link_story(event)
            return link_text(story.short, story.url)
        return update_text(story_of(event, zone_of(zone)))


def known_language(code: str) -> str:
    """The reader's language where the site speaks it, else the site's own."""
    return code if code in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
