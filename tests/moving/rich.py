"""A site with something in every table that is exported; what no action made here is filled in by kind of column."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django.contrib.auth.models import Group, User
from django.db import models

from notifications import subscriptions
from notifications.models import Attempt, Endpoint, Receipt, StaffRoute, Subscription, Suppression
from notifications.subscriptions import Reason
from statuspage import audit
from statuspage.actions import example, incidents, outages
from statuspage.exporting import tables
from statuspage.models import Component, ComponentGroup, Incident, Outage, Publication
from statuspage.models.base import new_id
from tests.notifications.given import subscribed, subscribers
from tests.notifications.ledger import event, told
from tests.statuspage import given

POISON = '=HYPERLINK("http://x")\n\t\'ünï\u2028\u202e\U0001f525 \\ "q", €'
"""Everything at which a file of lines, a spreadsheet or a database's order of words could go wrong."""


def site() -> None:
    """Everything, by way of the actions where these are short; PostgreSQL and SQLite alike."""
    person = User.objects.create_superuser("zoe", email="zoe@example.com", password="a-password-nobody-reads")
    person.groups.add(Group.objects.get_or_create(name="owner")[0])
    owner = audit.staff(person)
    example.seed_example(actor=audit.SYSTEM)
    api, web = Component.objects.order_by("name")[:2]
    incident = incidents.open_incident(
        name="API is down", body=POISON, components={api.pk: "major_outage"}, actor=owner, now=given.NOON
    )
    outage = Outage.objects.filter(incident=incident).get()
    outages.correct_outage(
        outage=outage, actor=owner, reason="It began earlier.", now=given.NOON + given.hours(1),
        started_at=given.NOON - given.minutes(5),
    )  # fmt: skip
    given.recurring(api, web, actor=owner)
    # One of each that lists leave out: withdrawn, archived.
    fill(Incident)
    fill(Component)
    ledger(api)
    for table in tables.exported():
        if not table.model._base_manager.exists():
            fill(table.model)
    StaffRoute.objects.get_or_create(user=person, defaults={"way": "email", "address": "z@x", "changed_at": given.NOON})


def ledger(component: Component) -> None:
    """Subscribers of every kind, and what they were told."""
    first, second, hook = *subscribers(email=1, sms=1), subscribed_hook()
    first.components.add(component)
    first.groups.add(ComponentGroup.objects.get_or_create(pk=new_id(), defaults=group_facts())[0])
    Subscription.objects.filter(pk=first.pk).update(all_components=False)
    gone = subscribed(_address("gone@example.org"))
    subscriptions.unsubscribe(gone, reason=Reason.LINK)
    subscriptions.erase(subscribed(_address("erased@example.org")))
    Suppression.objects.create(address_key=second.address_key, reason="stop", since=given.NOON)
    told(event())
    delivery = hook.deliveries.first() or second.deliveries.first()
    assert delivery
    Attempt.objects.create(delivery=delivery, number=1, started_at=given.NOON, outcome="accepted")
    Receipt.objects.create(
        delivery=delivery, provider="twilio", provider_reference="SM1", status="sent", digest="0" * 64,
    )  # fmt: skip


def _address(text: str) -> Any:
    from notifications import addresses

    return addresses.email(text)


def group_facts() -> dict[str, Any]:
    return {"name": POISON[:20], "created_at": given.NOON, "updated_at": given.NOON}


def subscribed_hook() -> Subscription:
    from notifications.addresses import Address

    hook = subscribed(Address("webhook", "https://hooks.example.org/x", Address("email", "o@example.org")))
    Endpoint.objects.create(subscription=hook, owner=None, secret=b"sealed-and-secret")
    return hook


# --- By kind of column -----------------------------------------------------------------------------------------


AS_NEEDED: dict[str, dict[str, Any]] = {
    "statuspage.emergencyapproval": {"approved_by": None, "approved_at": None},
    "statuspage.clockalarm": {"incident": None, "kind": "response", "stage": "breach"},
    "statuspage.creditclaim": {"decision": "", "decided_at": None, "days": 0, "month": "2026-04"},
    "statuspage.clientreport": {"failure": None, "channel": "phone", "completed_at": None, "severity": 2,
                                "affected_messages": 1, "total_messages": 2, "declined_at": None},
    "statuspage.reportseverity": {"severity": 2},
    "statuspage.contractversion": {"redundancy": "", "valid_until": None},
    "statuspage.componentmirror": {"said": ""},
    "statuspage.frozenstatement": {"number": 1, "period": "2026-04"},
    "statuspage.outage": {"replaces": None},
    "statuspage.embedconfig": {"id": 1},
}  # fmt: skip
"""What checks of the database ask for."""


def fill(model: type[models.Model]) -> models.Model:
    """One row with something in every column, and in every row that it needs."""
    chosen = AS_NEEDED.get(model._meta.label_lower, {})
    facts = {each.name: some(each) for each in wanted(model) if each.name not in chosen}
    return model._base_manager.create(**facts, **chosen)


def wanted(model: type[models.Model]) -> Iterator[models.Field]:
    return (each for each in model._meta.concrete_fields if not isinstance(each, models.AutoField))


def some(column: models.Field) -> Any:
    """A value of the column's kind, and none that is easy."""
    if column.is_relation:
        target = column.related_model
        return target._base_manager.first() or (None if target is column.model else fill(target))
    if column.choices:
        return next(value for value, _ in column.flatchoices if value not in ("", None))
    match column:
        case models.DateTimeField():
            return given.NOON + timedelta(microseconds=123)
        case models.DateField():
            return date(2026, 2, 28)
        case models.DurationField():
            return timedelta(days=-1, microseconds=7)
        case models.DecimalField():
            return Decimal("0.000001")
        case models.UUIDField():
            return uuid4()
        case models.JSONField():
            return {"b": [POISON, None, 1], "aa": {"z": True, "é": -3}}
        case models.BooleanField():
            return True
        case models.IntegerField():
            return 1
        case models.BinaryField():
            return b"secret"
    is_name = column.unique or column.primary_key
    return (new_id() if is_name else POISON)[: column.max_length]


def revision() -> int:
    return Publication.objects.current().revision
