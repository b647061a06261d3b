"""Somebody wants to be told of one incident or maintenance, and of nothing else.

Asked for by a program with a key, confirmed by the owner's link as every subscription. It ends with
what it is about: `end_with` is called by retention once that has been over for a while.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from notifications.addresses import Address, InputRefused
from notifications.choices import Choices
from notifications.models import Following, LinkToken, Subscription
from notifications.states import Channel
from statuspage import audit
from statuspage.roles import Ability

from .by_key import FIELDS, VOUCHED, ask, refuse_suppressed, row_of
from .by_staff import note, unsubscribe_by_staff
from .ending import Reason, unsubscribe
from .links import begin_following, waiting


@transaction.atomic
def follow(
    subject_id: str,
    name: str,
    address: Address,
    choices: Choices,
    *,
    actor: audit.Actor,
    is_vouched_for: bool = False,
    now: datetime | None = None,
) -> Following:
    """Have an address told of one incident, once its owner uses the link, or at once where it is vouched for.

    `name` is said on the link's page. Of `choices` the language and the zone count. Raises InputRefused,
    LetterTooSoon.
    """
    actor.require(Ability.OWN if is_vouched_for else Ability.SUBSCRIBERS)
    now = now or timezone.now()
    refuse_suppressed(address)
    held = row_of(address, choices, now)
    followed, is_new = Following.objects.get_or_create(
        subscription=held, subject_id=subject_id, defaults={"created_at": now}
    )
    if held.is_confirmed and followed.confirmed_at:
        raise InputRefused(FIELDS[Channel(address.channel)], "This address follows it already.")
    if is_vouched_for:
        begin_following(held, subject_id, VOUCHED, now)
    else:
        ask(held, address, {"following": subject_id, "name": name}, now)
    after = {"subject": subject_id, "vouched_for": is_vouched_for}
    note(held, "follow_incident", actor, now, after=after)
    followed.refresh_from_db()
    return followed


@transaction.atomic
def ask_follower_again(
    subscription: Subscription, subject_id: str, *, actor: audit.Actor, now: datetime | None = None
) -> bool:
    """Send the link again; False where there is nothing to confirm. Raises LetterTooSoon."""
    actor.require(Ability.SUBSCRIBERS)
    now = now or timezone.now()
    held = Subscription.objects.select_for_update().get(pk=subscription.pk)
    link = waiting(held).filter(payload__following=subject_id).first()
    if link is None:
        return False
    ask(held, Address(held.channel, held.address), link.payload, now)
    note(held, "resend_confirmation", actor, now, after={"subject": subject_id})
    return True


@transaction.atomic
def unfollow(subscription: Subscription, subject_id: str, *, actor: audit.Actor, now: datetime | None = None) -> bool:
    """End it, and the subscription where that was for nothing else; False where nobody follows."""
    actor.require(Ability.SUBSCRIBERS)
    now = now or timezone.now()
    held = Subscription.objects.select_for_update().get(pk=subscription.pk)
    gone = Following.objects.filter(subscription=held, subject_id=subject_id).delete()[0]
    LinkToken.objects.filter(subscription=held, used_at=None, payload__following=subject_id).delete()
    if gone:
        note(held, "unfollow_incident", actor, now, after={"subject": subject_id})
    if gone and for_nothing(Subscription.objects.filter(pk=held.pk)).exists():
        unsubscribe_by_staff(held, actor=actor, now=now)
    return bool(gone)


@transaction.atomic
def end_with(subject_ids: Collection[str], now: datetime) -> int:
    """What these were about is over: nobody follows it any more; how many did."""
    theirs = Following.objects.filter(subject_id__in=subject_ids)
    who = list(theirs.values_list("subscription", flat=True))
    count = theirs.delete()[0]
    for row in for_nothing(Subscription.objects.filter(pk__in=who)):
        unsubscribe(row, reason=Reason.OVER, now=now)
    return count


def for_nothing(rows: QuerySet[Subscription]) -> QuerySet[Subscription, Any]:
    """Those in force that want neither kind and follow nothing."""
    follows = Following.objects.filter(subscription=OuterRef("pk"))
    in_force = rows.filter(confirmed_at__isnull=False, unsubscribed_at=None)
    return in_force.filter(~Exists(follows), wants_incidents=False, wants_maintenances=False)
