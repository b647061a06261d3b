"""What staff do to one subscription: end it, erase it, lift a quarantine, send a link, name the client.

Each asks for the right to, and writes an audit row that names the pseudonym, never the address.
"""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from notifications import choices, pseudonyms
from notifications.models import Endpoint, Subscriber, Subscription, Suppression
from notifications.states import Priority
from notifications.tokens import Purpose
from statuspage import audit
from statuspage.roles import Ability
from statuspage.text import clean_line

from . import asking, ending
from .ending import Reason

CLIENT_LENGTH = 255


@transaction.atomic
def unsubscribe_by_staff(
    subscription: Subscription, *, actor: audit.Actor, farewell: bool = False, now: datetime | None = None
) -> bool:
    """End it; False when it had ended before. `farewell`: tell whoever it was for, with a link back."""
    actor.require(Ability.SUBSCRIBERS)
    now = now or timezone.now()
    held = Subscription.objects.select_for_update(of=("self",)).select_related("subscriber").get(pk=subscription.pk)
    was_in_force = held.is_in_force
    ended = ending.unsubscribe(subscription, reason=Reason.STAFF, now=now)
    if ended:
        note(subscription, "unsubscribe_subscriber", actor, now)
    if ended and was_in_force and farewell:
        say_farewell(held, now)
    return ended


def say_farewell(subscription: Subscription, now: datetime) -> None:
    """With a link that puts into force again what was chosen. Goes behind people who wait for theirs."""
    owner = asking.owner_of(subscription)
    if owner is None:
        return
    kind = asking.Kind.FAREWELL if owner == subscription else asking.Kind.WEBHOOK_FAREWELL
    payload = {"choices": choices.of(subscription).payload(), "wording": asking.CONSENT_WORDING, "network": ""}
    asking.send_link(Purpose.CONFIRM, kind, subscription, payload, now, to=owner, priority=Priority.ORDINARY)


@transaction.atomic
def erase_by_staff(subscription: Subscription, *, actor: audit.Actor, now: datetime | None = None) -> bool:
    """Forget the person, as `erase`; False when that was done before."""
    actor.require(Ability.SUBSCRIBERS)
    held = Subscription.objects.select_for_update().get(pk=subscription.pk)
    if not held.address:
        return False
    ending.erase(subscription, now=now)
    note(subscription, "erase_subscriber", actor, now)
    return True


@transaction.atomic
def lift_quarantine(subscription: Subscription, *, actor: audit.Actor, now: datetime | None = None) -> bool:
    """Use the address again; False where it was in none. STOP is lifted by the person's START alone."""
    actor.require(Ability.SUBSCRIBERS)
    theirs = Suppression.objects.filter(address_key=subscription.address_key)
    lifted = theirs.filter(reason=Suppression.Reason.QUARANTINE).delete()[0]
    if lifted:
        Endpoint.objects.filter(subscription=subscription).update(resumed_at=now or timezone.now())
        note(subscription, "lift_quarantine", actor, now)
    return bool(lifted)


@transaction.atomic
def send_manage_link(subscription: Subscription, *, actor: audit.Actor, now: datetime | None = None) -> bool:
    """Send the owner a link to change or end it; False where it has ended, or was never confirmed.

    Not held to the limits of the public form: staff answer for what they do.
    """
    actor.require(Ability.SUBSCRIBERS)
    held = Subscription.objects.select_for_update().get(pk=subscription.pk)
    owner = asking.owner_of(held)
    if not (owner and held.is_confirmed and held.address):
        return False
    asking.send_link_to_manage(held, owner, now or timezone.now())
    note(subscription, "send_manage_link", actor, now)
    return True


@transaction.atomic
def name_client(subscription: Subscription, reference: str, *, actor: audit.Actor, now: datetime | None = None) -> bool:
    """Say whose contact this is, or that it is nobody's; False where that is said already."""
    actor.require(Ability.SUBSCRIBERS)
    person = Subscriber.objects.select_for_update().get(pk=subscription.subscriber_id)
    before, after = person.client_reference, clean_line(reference)[:CLIENT_LENGTH]
    if before == after:
        return False
    Subscriber.objects.filter(pk=person.pk).update(client_reference=after)
    note(subscription, "name_client", actor, now, {"client": before}, {"client": after})
    return True


def note(
    subscription: Subscription,
    action: str,
    actor: audit.Actor,
    now: datetime | None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    recipient = {"recipient": pseudonyms.short(subscription.address_key)}
    audit.record(
        actor=actor,
        action=action,
        kind="subscription",
        object_id=str(subscription.pk),
        at=now or timezone.now(),
        before=before,
        after=recipient | (after or {}),
    )
