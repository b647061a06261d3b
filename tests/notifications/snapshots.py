"""Snapshots for tests of what is rendered from one: no database."""

from datetime import UTC, datetime, timedelta
from itertools import count

from statuspage.publishing.snapshot import Component, Group, Incident, Maintenance, Page, Snapshot, Update
from statuspage.status import page_status
from statuspage.vocabulary import ComponentStatus

NOON = datetime(2026, 7, 19, 12, 0, tzinfo=UTC)
numbers = count(1)


def new_id() -> str:
    return f"id{next(numbers):010}"


def component(name: str = "API", **facts) -> Component:
    facts = {"id": new_id(), "status": ComponentStatus.OPERATIONAL, "group_id": None} | facts
    return Component(
        name=name, description="", is_third_party=False, position=1, showcase=True, only_show_if_degraded=False,
        start_date=None, created_at=NOON, updated_at=NOON, **facts,
    )  # fmt: skip


def group(name: str, *members: Component) -> Group:
    return Group(
        id=members[0].group_id or new_id(), name=name, description="", position=1,
        status=ComponentStatus.OPERATIONAL, created_at=NOON, updated_at=NOON,
        component_ids=tuple(each.id for each in members),
    )  # fmt: skip


def update(body: str = "Requests fail.", status: str = "investigating", at: datetime = NOON, **facts) -> Update:
    facts = {"created_at": at, "updated_at": at, "display_at": at} | facts
    return Update(id=new_id(), status=status, body=body, deliver_notifications=True, **facts)


def incident(name: str = "API is down", *updates: Update, on: tuple[Component, ...] = (), **facts) -> Incident:
    """`updates` newest first; opened at noon."""
    updates = updates or (update(),)
    facts = {
        "id": new_id(),
        "created_at": NOON,
        "updated_at": updates[0].display_at,
        "status": updates[0].status,
    } | facts
    return Incident(
        name=name, impact="major", started_at=NOON, monitoring_at=None, resolved_at=None, shortlink="",
        updates=updates, component_ids=tuple(each.id for each in on), component_names=tuple(each.name for each in on),
        **facts,
    )  # fmt: skip


def maintenance(
    name: str = "Database upgrade", *updates: Update, on: tuple[Component, ...] = (), **facts
) -> Maintenance:
    """Announced at noon, a week ahead, two hours long."""
    updates = updates or (update("Read-only.", "scheduled"),)
    start = facts.pop("scheduled_for", NOON + timedelta(days=7))
    end = facts.pop("scheduled_until", start + timedelta(hours=2))
    facts = {
        "id": new_id(),
        "created_at": NOON,
        "updated_at": updates[0].display_at,
        "status": updates[0].status,
    } | facts
    return Maintenance(
        name=name, impact="maintenance", announced_at=NOON, started_at=None, monitoring_at=None, resolved_at=None,
        scheduled_for=start, scheduled_until=end, time_zone="UTC", window_revision=1, shortlink="",
        updates=updates, component_ids=tuple(each.id for each in on), component_names=tuple(each.name for each in on),
        **facts,
    )  # fmt: skip


def snapshot(*entries: Incident | Maintenance, components: tuple[Component, ...] = (), **facts) -> Snapshot:
    name = facts.pop("name", "Example")
    facts = {"revision": 7, "as_of": NOON} | facts
    return Snapshot(
        page=Page(id="page", name=name, url="https://status.example.com", time_zone="Etc/UTC", updated_at=NOON),
        status=page_status([]), components=components,
        incidents=tuple(each for each in entries if isinstance(each, Incident)),
        maintenances=tuple(each for each in entries if isinstance(each, Maintenance)),
        **facts,
    )  # fmt: skip
