"""What a program with a key does to subscribers: add, choose for them, write to them again, reactivate, end.

Double opt-in as by the form, except for an owner's key that vouches for consent it has already. What was
told not to be used stays so: a program is not the person. Each step is audited, without an address.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from notifications import limits
from notifications.addresses import Address, InputRefused
from notifications.choices import Choices, of
from notifications.models import LinkToken, Subscription, Suppression
from notifications.states import Channel
from notifications.tokens import Purpose
from statuspage import audit
from statuspage.roles import Ability

from .asking import CONSENT_WORDING, Kind, find_or_add, owner_of, send_link
from .by_staff import note
from .links import begin, put_into_force, waiting
from .webhooks import add_endpoint, make_secret

VOUCHED = "operator"
"""In place of the wording of a form: the operator says that consent was given elsewhere."""

NEXT_LETTER = limits.QUARTER_HOUR
"""When it is worth asking again, where a letter must wait."""

FIELDS = {Channel.EMAIL: "email", Channel.SMS: "phone_number", Channel.WEBHOOK: "endpoint"}

WHY = {
    Suppression.Reason.STOP: "This address has said STOP; only its owner's START lifts that.",
    Suppression.Reason.QUARANTINE: "This address is in quarantine, because it could not be reached.",
    Suppression.Reason.ERASED: "This address was erased; only its owner may subscribe it again.",
}
"""Why an address is not subscribed, for a program."""


class AddressSuppressed(InputRefused):
    """The address is not to be used; a program cannot lift that."""


class LetterTooSoon(Exception):
    """So many letters went to this address, or to strangers' numbers, that the next must wait."""


@transaction.atomic
def add(
    address: Address, choices: Choices, *, actor: audit.Actor, is_vouched_for: bool = False, now: datetime | None = None
) -> Subscription:
    """Subscribe an address: once its owner uses the link that is sent, or at once where it is vouched for.

    Raises InputRefused where that cannot be, also for who is subscribed already; LetterTooSoon.
    """
    actor.require(Ability.OWN if is_vouched_for else Ability.SUBSCRIBERS)
    now = now or timezone.now()
    choices.check()
    refuse_suppressed(address)
    held = row_of(address, choices, now)
    if held.is_in_force:
        raise InputRefused(FIELDS[Channel(address.channel)], "This address is subscribed already.")
    if is_vouched_for:
        vouch_for(held, choices, now)
    else:
        ask(held, address, {"choices": choices.payload()}, now)
    note(held, "add_subscriber", actor, now, after={"vouched_for": is_vouched_for, **chosen(choices)})
    return held


def refuse_suppressed(address: Address) -> None:
    """A webhook without a mail to its owner cannot be confirmed, so that one's address counts as well."""
    keys = [each.key for each in (address, address.owner) if each]
    stops = Suppression.objects.filter(address_key__in=keys).order_by("since")
    if stop := stops.first():
        raise AddressSuppressed(FIELDS[Channel(address.channel)], WHY[Suppression.Reason(stop.reason)])


def row_of(address: Address, choices: Choices, now: datetime) -> Subscription:
    """The address's row, locked until the transaction ends."""
    row = add_endpoint(address, choices, now)[0] if address.owner else find_or_add(address, choices, now)
    return Subscription.objects.select_for_update(of=("self",)).select_related("subscriber").get(pk=row.pk)


def vouch_for(held: Subscription, choices: Choices, now: datetime) -> None:
    """In force as of now. Nobody sees a webhook's secret: its owner makes another by a link to manage."""
    begin(held, now)
    held.consent_wording_version = VOUCHED
    person = held.subscriber
    put_into_force(held, replace(choices, language=person.language, time_zone=person.time_zone))
    if held.channel == Channel.WEBHOOK and not held.endpoint.secret:
        make_secret(held)


def ask(held: Subscription, address: Address, asked: dict[str, Any], now: datetime) -> LinkToken:
    """Send the link that puts what was asked for into force; raises LetterTooSoon."""
    to = owner_of(held)
    if to is None or not limits.may_write(Address(to.channel, to.address), now, address.owner is not None):
        raise LetterTooSoon
    kind = Kind.WEBHOOK_CONFIRMATION if address.owner else Kind.CONFIRMATION
    return send_link(Purpose.CONFIRM, kind, held, {"network": "", **asked, "wording": CONSENT_WORDING}, now, to=to)


@transaction.atomic
def ask_again(subscription: Subscription, *, actor: audit.Actor, now: datetime | None = None) -> bool:
    """Send the link to who has not confirmed, again or for the first time; False where there is nothing to confirm.

    Raises LetterTooSoon.
    """
    actor.require(Ability.SUBSCRIBERS)
    now = now or timezone.now()
    held = Subscription.objects.select_for_update().get(pk=subscription.pk)
    if held.is_in_force or not held.address:
        return False
    owner = owner_of(held) if held.channel == Channel.WEBHOOK else None
    address = Address(held.channel, held.address, Address(owner.channel, owner.address) if owner else None)
    link = waiting(held).filter(payload__has_key="choices").first()
    ask(held, address, link.payload if link else {"choices": of(held).payload()}, now)
    note(held, "resend_confirmation", actor, now)
    return True


@transaction.atomic
def choose(subscription: Subscription, choices: Choices, *, actor: audit.Actor, now: datetime | None = None) -> None:
    """Other components for somebody; for who has not confirmed, that is what their links then do.

    Raises InputRefused.
    """
    actor.require(Ability.SUBSCRIBERS)
    choices.check()
    held = Subscription.objects.select_for_update(of=("self",)).select_related("subscriber").get(pk=subscription.pk)
    if held.is_in_force or not held.is_confirmed:
        put_into_force(held, choices)
    for link in [] if held.is_in_force else waiting(held).filter(payload__has_key="choices"):
        link.payload["choices"] |= chosen(choices)
        link.save(update_fields=["payload"])
    note(held, "choose_components", actor, now, after=chosen(choices))


def chosen(choices: Choices) -> dict[str, Any]:
    """The components of it, for the log and for a link."""
    return {
        "all_components": choices.all_components,
        "component_ids": list(choices.component_ids),
        "group_ids": list(choices.group_ids),
    }
