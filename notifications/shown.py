"""What the pages behind a link show of a subscription. Reads only."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from statuspage import selectors

from . import choices as chosen
from . import forms, pages, pseudonyms
from .choices import Choices
from .forms import ChoicesForm, Topic
from .models import LinkToken, Subscription, Suppression
from .states import Channel

LABELS = dict(ChoicesForm.base_fields["about"].choices)


def confirmation(link: LinkToken) -> dict[str, Any]:
    """What was asked for, and what is in force if anything is."""
    if "following" in link.payload:
        return following(link)
    subscription, asked = link.subscription, chosen.from_payload(link.payload["choices"])
    present = chosen.of(subscription) if subscription.is_confirmed else None
    if present and asked.wants_invitations is None:
        asked = replace(asked, wants_invitations=present.wants_invitations)
    return {
        "subscription": subscription,
        "masked": pseudonyms.masked(subscription.address),
        "asked": told(asked),
        "present": told(present) if present else None,
    }


def following(link: LinkToken) -> dict[str, Any]:
    """The same where it is about one thing alone: whatever else is in force stays, and is not shown."""
    asked = _("%(name)s, and nothing else") % {"name": link.payload["name"]}
    reader, subscription = link.subscription.subscriber, link.subscription
    return {
        "subscription": subscription,
        "masked": pseudonyms.masked(subscription.address),
        "asked": {"about": asked, "is_alone": True, "time_zone": reader.time_zone},
        "present": None,
    }


def told(choices: Choices) -> dict[str, Any]:
    """Choices in words; no names mean everything."""
    return {
        "about": LABELS.get(forms.initial_of(choices)["about"], "–"),
        "names": names(choices),
        "invitations": choices.wants_invitations,
        "time_zone": choices.time_zone,
    }


def names(choices: Choices) -> list[str]:
    """The chosen groups, then the chosen components, in the order of the page."""
    groups = selectors.groups().filter(pk__in=choices.group_ids)
    components = selectors.components().filter(pk__in=choices.component_ids)
    return [*(each.name for each in groups), *(each.full_name for each in components)]


def management(link: LinkToken, topics: list[Topic], form: ChoicesForm | None = None) -> dict[str, Any]:
    """The form with what is in force, or as it came back; and all that is stored."""
    subscription = link.subscription
    form = form or ChoicesForm(topics=topics, initial=forms.initial_of(chosen.of(subscription)))
    return {
        "link": link,
        "masked": pseudonyms.masked(subscription.address),
        "form": form,
        "offers_invitations": subscription.channel == Channel.EMAIL,
        "has_languages": len(settings.LANGUAGES) > 1,
        "is_webhook": subscription.channel == Channel.WEBHOOK,
        "is_stopped": is_stopped(subscription),
        "stored": stored(subscription),
    }


def stored(subscription: Subscription) -> list[tuple[str, str]]:
    """Every personal fact there is about the subscriber (GDPR 15), each with its name."""
    confirmed_at, reader = subscription.confirmed_at, subscription.subscriber
    facts = [
        (_("Address"), subscription.address),
        *owner(subscription),
        (_("Asked for first"), moment(subscription.created_at)),
        (_("Confirmed"), moment(confirmed_at) if confirmed_at else ""),
        (_("Agreed to the wording of"), subscription.consent_wording_version),
        (_("Scrambled network it was asked from"), subscription.consent_network_key[:16]),
        (_("Language"), settings.KNOWN_LANGUAGES.get(reader.language, reader.language)),
        (_("Time zone"), reader.time_zone),
        (_("Client"), reader.client_reference),
        (_("Messages so far"), str(subscription.deliveries.count())),
    ]
    return [(label, value) for label, value in facts if value]


def is_stopped(subscription: Subscription) -> bool:
    """Whether a webhook is in quarantine, which its owner may lift."""
    kept_out = Suppression.objects.filter(reason=Suppression.Reason.QUARANTINE)
    return subscription.channel == Channel.WEBHOOK and kept_out.filter(address_key=subscription.address_key).exists()


def owner(subscription: Subscription) -> list[tuple[str, str]]:
    """Who answers for a webhook."""
    found = Subscription.objects.filter(endpoints__subscription=subscription).first()
    return [(_("Its owner"), found.address)] if found else []


def secret(subscription: Subscription, secret: str, *, is_new: bool) -> dict[str, Any]:
    """What webhook_secret.html shows, this once."""
    return {
        "secret": secret,
        "is_new": is_new,
        "masked": pseudonyms.masked(subscription.address),
        "deadline": pages.webhook_deadline(),
    }


def moment(at: datetime) -> str:
    """ "2026-11-02 12:00 UTC"."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def ending(subscription: Subscription) -> dict[str, Any]:
    """Whom an unsubscribe link is about, and whether there is anything left to end."""
    masked = pseudonyms.masked(subscription.address) if subscription.address else _("This address")
    return {"masked": masked, "is_subscribed": subscription.is_confirmed}
