"""Who is told: one queryset of subscriptions for one outbox row.

Membership is fixed by the time of publication: whoever had confirmed by then and had not
left. A group's members are looked up when it is asked, so that new ones have joined.
"""

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet

from .dialect import VIEW
from .models import Audience, Delivery, Following, OutboxEvent, Subscription, Suppression
from .notices import CURRENT
from .states import TOLD, Channel, State

ONLY_INVITED = frozenset({Audience.INVITED, Audience.INVITED_AND_TOLD})
"""Rows that are for calendars alone: no notice that anybody is to rely on."""


def of(row: OutboxEvent) -> QuerySet[Subscription]:
    """The subscriptions `row` is for, those included that must not be sent to (`is_suppressed`)."""
    if row.audience == Audience.ONE:
        return Subscription.objects.filter(pk__in=[row.single_subscription_id])
    people = Subscription.objects.exclude(channel__in=unreachable(row)).filter(there_at(row))
    if row.audience == Audience.WEBHOOKS:
        people = people.filter(channel=Channel.WEBHOOK)
    if row.audience == Audience.MISSED:
        return people.filter(was_missed_by(row))
    if row.audience in ONLY_INVITED:
        people = people.filter(channel=Channel.EMAIL, wants_invitations=True)
    if row.audience in {Audience.TOLD, Audience.INVITED_AND_TOLD}:
        return people.filter(was_told(row))
    wanted = wants(row)
    if row.audience == Audience.MEMBERS_AND_TOLD:
        wanted |= Q(was_told(row))
    if row.kind == CURRENT and row.pk:  # It may have taken the place of one that was for them alone.
        wanted |= Q(was_missed_by(row))
    return people.filter(wanted)


def unreachable(row: OutboxEvent) -> list[str]:
    """Channels that this row does not go out by. Webhooks need what was frozen for them; a preview has nothing yet."""
    has_view = row.pk is None or VIEW in row.payload
    return [Channel.NULL] if settings.WEBHOOKS and has_view else [Channel.NULL, Channel.WEBHOOK]


def there_at(row: OutboxEvent) -> Q:
    """Confirmed when it was published, and not gone by then."""
    gone = Q(unsubscribed_at__lte=row.published_at)
    return Q(confirmed_at__lte=row.published_at) & (Q(unsubscribed_at=None) | ~gone)


KINDS = {"maintenance": Q(wants_maintenances=True), "incident": Q(wants_incidents=True)}


def wants(row: OutboxEvent) -> Q:
    """The kind is wanted, and a component of it; what touches no component is for everybody. Or it is followed."""
    kind = KINDS.get(row.subject_kind, Q())
    if Following.objects.filter(subject_id=row.subject_id).exists():
        return wants_its_kind(row, kind) | Q(Exists(followers(row)))
    return wants_its_kind(row, kind)


def followers(row: OutboxEvent) -> QuerySet[Following]:
    """Who follows this one thing, whatever else they want."""
    followed = Following.objects.filter(subject_id=row.subject_id, confirmed_at__lte=row.published_at)
    return followed.filter(subscription=OuterRef("pk"))


def wants_its_kind(row: OutboxEvent, kind: Q) -> Q:
    if not row.component_ids:
        return kind
    components = Subscription.components.through.objects.filter(
        subscription=OuterRef("pk"), component__in=row.component_ids
    )
    groups = Subscription.groups.through.objects.filter(
        subscription=OuterRef("pk"), componentgroup__components__in=row.component_ids
    )
    return kind & (Q(all_components=True) | Q(Exists(components)) | Q(Exists(groups)))


def was_told(row: OutboxEvent) -> Exists:
    """Has, or may have, another notice about the same thing, or about one that this row tells of too."""
    others = Delivery.objects.filter(
        Q(state__in=sorted(TOLD)) | Q(ambiguous__gt=0), about(row), subscription=OuterRef("pk")
    )
    return Exists(others.exclude(event=row.pk) if row.pk else others)


def about(row: OutboxEvent) -> Q:
    """Deliveries about what a row tells of: its subject, its further windows, and what told of these by the way."""
    subjects = [row.subject_id, *(each["subject_id"] for each in row.payload.get("further") or ())]
    theirs = OutboxEvent.objects.filter(subject_id__in=subjects, payload__has_key="told_with")
    leads = set(theirs.values_list("payload__told_with", flat=True)) - {""}
    return Q(event__subject_id__in=subjects) | Q(event__update_id__in=sorted(leads))


def was_missed_by(row: OutboxEvent) -> Exists:
    """Was to have a notice that `row` stands in for, and did not get it in time."""
    missed = Delivery.objects.filter(subscription=OuterRef("pk"), event__stood_in_by=row.pk, state=State.EXPIRED)
    return Exists(missed)


def is_suppressed(row: OutboxEvent) -> Q:
    """Must not be sent to: as a condition on a subscription.

    Having left, or having been erased, does not count for a message to one person who
    asked for it with that very address.
    """
    stops = Suppression.objects.filter(address_key=OuterRef("address_key"))
    nowhere = Q(address="") & ~Q(channel=Channel.NULL)
    if row.audience == Audience.ONE:
        return nowhere | Q(Exists(stops.exclude(reason=Suppression.Reason.ERASED)))
    return nowhere | Q(unsubscribed_at__isnull=False) | Q(Exists(stops))
