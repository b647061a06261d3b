"""Somebody uses a link they were sent: what was asked for comes into force.

A link works once and for a while. Looking at it changes nothing: mail programs and their
virus scanners open every link they see (fault 75).
"""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from notifications import choices as chosen
from notifications import tokens
from notifications.choices import Choices
from notifications.models import Endpoint, Following, LinkToken, Subscription, Suppression
from notifications.states import Channel
from notifications.tokens import Purpose
from statuspage import selectors
from statuspage.events import GroupDissolved

from .ending import Reason, erase, unsubscribe

BATCH = 1_000
"""Rows written at a time."""


class LinkUnusable(Exception):
    """The link is unknown, over or used; ask for a new one. `link` is its row, where there is one."""

    def __init__(self, link: LinkToken | None = None) -> None:
        super().__init__("link unusable")
        self.link = link


def usable_link(token: str, now: datetime | None = None) -> LinkToken:
    """The row of a link that still works. Changes nothing.

    Raises LinkUnusable.
    """
    now = now or timezone.now()
    rows = LinkToken.objects.select_related("subscription__subscriber")
    link = rows.filter(digest=tokens.digest(token)).first()
    if link is None or link.used_at or link.expires_at <= now:
        raise LinkUnusable(link)
    if link.purpose == Purpose.MANAGE and not link.subscription.is_confirmed:
        raise LinkUnusable(link)
    if link.subscription.channel == Channel.WEBHOOK and not (settings.WEBHOOKS or link.purpose == Purpose.MANAGE):
        raise LinkUnusable
    return link


def use(token: str, purpose: Purpose, now: datetime) -> LinkToken:
    """The row, used up. Of two presses of one button the second raises LinkUnusable."""
    link = usable_link(token, now)
    if link.purpose != purpose:
        raise LinkUnusable
    # Whoever leaves, says STOP or is erased meanwhile must not be written back.
    link.subscription = Subscription.objects.select_for_update().get(pk=link.subscription_id)
    if purpose == Purpose.MANAGE and not link.subscription.is_confirmed:
        raise LinkUnusable(link)
    if not LinkToken.objects.filter(pk=link.pk, used_at=None).update(used_at=now):
        raise LinkUnusable(link)
    return link


def waiting(subscription: Subscription) -> QuerySet[LinkToken]:
    """Its links that would put something into force, the newest first."""
    links = LinkToken.objects.filter(subscription=subscription, purpose=Purpose.CONFIRM, used_at=None)
    return links.order_by("-created_at")


@transaction.atomic
def confirm(token: str, *, now: datetime | None = None) -> Subscription:
    """Begin the subscription with the choices that were asked for, or change it to them.

    Raises LinkUnusable.
    """
    now = now or timezone.now()
    link = use(token, Purpose.CONFIRM, now)
    subscription = link.subscription
    if subject_id := link.payload.get("following"):
        begin_following(subscription, subject_id, link.payload["wording"], now)
        return subscription
    if not subscription.is_confirmed:
        begin(subscription, now)
        subscription.consent_wording_version = link.payload["wording"]
        subscription.consent_network_key = link.payload["network"]
    if subscription.channel == Channel.WEBHOOK:
        resume(subscription, now)
    put_into_force(subscription, chosen.from_payload(link.payload["choices"]))
    return subscription


def begin(subscription: Subscription, now: datetime) -> None:
    """Confirmed as of now: nothing that was published before is told any more."""
    subscription.confirmed_at = now
    subscription.unsubscribed_at = None
    subscription.unsubscribe_reason = ""
    subscription.wants_invitations = False
    suppressions = Suppression.objects.filter(address_key=subscription.address_key)
    suppressions.filter(reason=Suppression.Reason.ERASED).delete()
    Following.objects.filter(subscription=subscription).exclude(confirmed_at=None).delete()


def begin_following(subscription: Subscription, subject_id: str, wording: str, now: datetime) -> None:
    """One thing is followed as of now; who is no subscriber yet becomes one of nothing else."""
    if not subscription.is_confirmed:
        begin(subscription, now)
        subscription.consent_wording_version = wording
        subscription.all_components = subscription.wants_incidents = subscription.wants_maintenances = False
        subscription.save()
        subscription.components.clear()
        subscription.groups.clear()
    Following.objects.update_or_create(subscription=subscription, subject_id=subject_id, defaults={"confirmed_at": now})


def resume(subscription: Subscription, now: datetime) -> None:
    """A webhook's owner used a link: its quarantine is over, and failures are counted anew."""
    kept_out = Suppression.objects.filter(address_key=subscription.address_key)
    kept_out.filter(reason=Suppression.Reason.QUARANTINE).delete()
    Endpoint.objects.filter(subscription=subscription).update(resumed_at=now)


def put_into_force(subscription: Subscription, choices: Choices) -> None:
    """Store the choices. Components that went away since are left out."""
    subscription.all_components = choices.all_components
    subscription.wants_incidents = choices.wants_incidents
    subscription.wants_maintenances = choices.wants_maintenances
    if choices.wants_invitations is not None:
        subscription.wants_invitations = choices.wants_invitations and subscription.channel == Channel.EMAIL
    subscription.save()
    some = not choices.all_components
    subscription.components.set(selectors.components().filter(pk__in=choices.component_ids) if some else [])
    subscription.groups.set(selectors.groups().filter(pk__in=choices.group_ids) if some else [])
    person = subscription.subscriber
    person.language = chosen.known_language(choices.language)
    person.time_zone = chosen.known_time_zone(choices.time_zone)
    person.save()


def follow_members(group: GroupDissolved) -> None:
    """Whoever chose a group that ends has chosen its members; call before it is gone."""
    theirs = Subscription.groups.through.objects.filter(componentgroup=group.group_id)
    chosen_by = list(theirs.values_list("subscription", flat=True))
    through = Subscription.components.through
    rows = [through(subscription_id=who, component_id=pk) for who in chosen_by for pk in group.component_ids]
    through._default_manager.bulk_create(rows, ignore_conflicts=True, batch_size=BATCH)


@transaction.atomic
def change(token: str, choices: Choices, *, now: datetime | None = None) -> Subscription:
    """Put other choices into force by a manage link.

    Raises InputRefused where they are impossible; the link then still works. Raises
    LinkUnusable.
    """
    choices.check()
    subscription = use(token, Purpose.MANAGE, now or timezone.now()).subscription
    put_into_force(subscription, choices)
    return subscription


@transaction.atomic
def unsubscribe_by_link(token: str, *, now: datetime | None = None) -> None:
    """End the subscription by a manage link. Raises LinkUnusable."""
    now = now or timezone.now()
    unsubscribe(use(token, Purpose.MANAGE, now).subscription, reason=Reason.MANAGED, now=now)


@transaction.atomic
def erase_by_link(token: str, *, now: datetime | None = None) -> None:
    """Forget the subscriber by a manage link. Raises LinkUnusable."""
    now = now or timezone.now()
    erase(use(token, Purpose.MANAGE, now).subscription, now=now)
