"""An example page: a small messaging service with three months behind it. Pure and deterministic.

`manage.py seed_example` stores it on an empty site, by way of the import. Times hang on
midnight of the day it is made, so that the page looks alike on any day.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from statuspage.importing.records import Affected, Component, Group, History, Incident, Maintenance, Update
from statuspage.vocabulary import ComponentStatus, Impact, IncidentStatus, MaintenanceStatus

UP = ComponentStatus.OPERATIONAL
WORK = ComponentStatus.UNDER_MAINTENANCE
SLOW = ComponentStatus.DEGRADED_PERFORMANCE
PARTLY = ComponentStatus.PARTIAL_OUTAGE
DOWN = ComponentStatus.MAJOR_OUTAGE

ID_CHARACTERS = "0123456789abcdefghijklmnopqrstuvwxyz"
AGE = timedelta(days=400)
"""How long the example has been in service: longer than its bars go back."""

GROUPS = {
    "Messaging": "Everything between your call and your customer's phone or mailbox",
    "Accounts": "",
    "Partners": "Networks and providers that we depend on",
}
COMPONENTS = {
    "API": ("Messaging", "Requests to api.example.com"),
    "SMS": ("Messaging", "Sending of text messages and their receipts"),
    "E-mail": ("Messaging", "Sending of mail, bounces included"),
    "Webhooks": ("Messaging", "Calls to your own systems"),
    "Dashboard": ("Accounts", "Figures, templates and settings"),
    "Sign-in": ("Accounts", ""),
    "Billing": ("Accounts", "Invoices and top-ups"),
    "Mobile carriers": ("Partners", "Delivery inside the carriers' networks"),
}
THIRD_PARTY = {"Mobile carriers"}

Statuses = Mapping[str, ComponentStatus]


@dataclass(frozen=True)
class Line:
    """One update of a story, some minutes after it began."""

    minutes: int
    status: IncidentStatus | MaintenanceStatus
    body: str
    components: Statuses = field(default_factory=dict)


@dataclass(frozen=True)
class Story:
    """One incident: how many days ago it began, at what time, and what was said."""

    days_ago: int
    time: str
    name: str
    impact: Impact
    lines: tuple[Line, ...]


INVESTIGATING = IncidentStatus.INVESTIGATING
IDENTIFIED = IncidentStatus.IDENTIFIED
MONITORING = IncidentStatus.MONITORING
RESOLVED = IncidentStatus.RESOLVED

STORIES = (
    Story(4, "07:52", "Webhooks arrive late", Impact.MINOR, (
        Line(0, INVESTIGATING, "Calls to your systems arrive up to four minutes late. None are lost: those that "
             "wait are sent in their order.", {"Webhooks": SLOW}),
        Line(21, IDENTIFIED, "One of three queues stands still since a deploy at 07:45. We are taking it back."),
        Line(34, MONITORING, "The deploy is taken back and the queue is empty. We are watching it for half an hour."),
        Line(66, RESOLVED, "Webhooks have been on time since 08:26.", {"Webhooks": UP}),
    )),
    Story(11, "16:18", "Text messages to one carrier are delayed", Impact.MINOR, (
        Line(0, INVESTIGATING, "Messages to customers of one Dutch carrier are accepted, but their receipts are late.",
             {"Mobile carriers": SLOW}),
        Line(27, IDENTIFIED, "The carrier confirms a fault in its own network. Messages to other carriers are not "
             "affected.", {"Mobile carriers": PARTLY}),
        Line(149, RESOLVED, "The carrier has repaired its network; all waiting messages have been delivered.",
             {"Mobile carriers": UP}),
    )),
    Story(23, "02:41", "API answers with errors", Impact.CRITICAL, (
        Line(0, INVESTIGATING, "Since 02:38 most requests to the API fail with status 503. We are looking for the "
             "cause and write again by 03:10.", {"API": DOWN, "Dashboard": DOWN, "SMS": PARTLY}),
        Line(24, IDENTIFIED, "The main database ran out of connections after a failover. Requests succeed again in "
             "part.", {"API": PARTLY, "Dashboard": PARTLY}),
        Line(41, MONITORING, "The limit is raised and all requests succeed. Messages that were accepted before the "
             "fault are being sent now.", {"API": UP, "Dashboard": UP, "SMS": SLOW}),
        Line(78, RESOLVED, "All accepted messages have been sent. An account of what happened follows.", {"SMS": UP}),
        Line(3_480, IncidentStatus.POSTMORTEM, "**What happened.** At 02:38 the database failed over as it should. The "
             "new primary had an older limit of connections, and the API's pools could not be filled.\n\n**What we "
             "changed.** Both servers now take their limits from one place, and a failover is rehearsed each month."),
    )),
    Story(38, "12:05", "Some invoices cannot be opened", Impact.NONE, (
        Line(0, INVESTIGATING, "Invoices of last month cannot be opened in the dashboard. Amounts are not affected."),
        Line(95, RESOLVED, "All invoices can be opened again."),
    )),
    Story(52, "09:30", "Sign-in by e-mail code fails for some", Impact.MAJOR, (
        Line(0, INVESTIGATING, "About one in five codes is not accepted.", {"Sign-in": PARTLY}),
        Line(18, IDENTIFIED, "One server's clock was wrong. We have taken it out of service."),
        Line(31, RESOLVED, "Every code has been accepted since 09:50.", {"Sign-in": UP}),
    )),
    Story(74, "19:12", "Mail is accepted but sent slowly", Impact.MINOR, (
        Line(0, INVESTIGATING, "Mail leaves with a delay of up to twelve minutes.", {"E-mail": SLOW}),
        Line(55, MONITORING, "Two more senders are running and the delay shrinks."),
        Line(110, RESOLVED, "Mail leaves within seconds again.", {"E-mail": UP}),
    )),
)  # fmt: skip


@dataclass(frozen=True)
class Signed:
    """A contract of the example: with whom, on which preset, and which components each service covers."""

    client: str
    reference: str
    name: str
    preset: str
    services: Mapping[str, tuple[str, ...]]
    contact: str
    facts: Mapping[str, str] = field(default_factory=dict)


CONTRACTS = (
    Signed(
        "Lindqvist Retail", "C-1001", "Lindqvist Retail, enterprise", "enterprise",
        {"Platform": ("API", "Dashboard", "Sign-in")}, "operations@lindqvist.example.org",
    ),
    Signed(
        "Bakker Logistics", "C-1002", "Bakker Logistics, messaging", "platform",
        {"SMS gateway": ("API", "SMS"), "Dashboard": ("Dashboard",)}, "planning@bakker.example.org",
        {"redundancy": "single", "time_zone": "Europe/Amsterdam", "subscription_amount": "1250.00",
         "subscription_currency": "EUR"},
    ),
)  # fmt: skip
"""Two clients, so that service levels have something to show; in force as long as the example is in service."""


def history(now: datetime) -> History:
    """The example as of `now`."""
    today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return History(
        page_id=None,
        page_name="Example",
        time_zone="UTC",
        as_of=now,
        groups=tuple(_group(name, place, today) for place, name in enumerate(GROUPS, 1)),
        components=tuple(_component(name, place, today) for place, name in enumerate(COMPONENTS, 1)),
        incidents=tuple(_incident(story, today) for story in STORIES),
        maintenances=(_past_maintenance(today), _next_maintenance(today)),
    )


def component_id(name: str) -> str:
    """The id of one of the example's components."""
    return _id("component", name)


def _id(*words: str) -> str:
    """The same 12 letters and digits for the same words."""
    number = int.from_bytes(hashlib.sha256("\n".join(words).encode()).digest())
    return "".join(ID_CHARACTERS[number // 36**place % 36] for place in range(12))


def _group(name: str, place: int, today: datetime) -> Group:
    born = today - AGE
    return Group(
        id=_id("group", name), name=name, description=GROUPS[name], position=place, created_at=born, updated_at=born
    )


def _component(name: str, place: int, today: datetime) -> Component:
    group, description = COMPONENTS[name]
    return Component(
        id=component_id(name),
        name=name,
        description=description,
        status=UP,
        group_id=_id("group", group),
        position=place,
        showcase=True,
        only_show_if_degraded=False,
        start_date=None,
        created_at=today - AGE,
        updated_at=today - AGE,
        is_third_party=name in THIRD_PARTY,
    )


def _incident(story: Story, today: datetime) -> Incident:
    hour, minute = map(int, story.time.split(":"))
    start = today - timedelta(days=story.days_ago) + timedelta(hours=hour, minutes=minute)
    updates = _updates(story.name, story.lines, start)
    said = {update.status: update.created_at for update in reversed(updates)}
    return Incident(
        id=_id(story.name),
        name=story.name,
        status=IncidentStatus(story.lines[-1].status),
        impact=story.impact,
        created_at=start,
        updated_at=updates[-1].created_at,
        started_at=start,
        monitoring_at=said.get(MONITORING),
        resolved_at=said[RESOLVED],
        shortlink="",
        component_ids=_touched(story.lines),
        updates=updates,
    )


def _touched(lines: tuple[Line, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(component_id(name) for line in lines for name in line.components))


def _updates(subject: str, lines: tuple[Line, ...], start: datetime) -> tuple[Update, ...]:
    """The lines as published updates, each with what every component was before."""
    before = dict.fromkeys(COMPONENTS, UP)
    updates = []
    for line in lines:
        at = start + timedelta(minutes=line.minutes)
        affected = tuple(_affected(name, before[name], status) for name, status in line.components.items())
        before.update(line.components)
        updates.append(
            Update(
                id=_id(subject, str(line.minutes)),
                status=line.status,
                body=line.body,
                created_at=at,
                updated_at=at,
                display_at=at,
                deliver_notifications=True,
                affected=affected or None,
            )
        )
    return tuple(updates)


def _affected(name: str, old: ComponentStatus, new: ComponentStatus) -> Affected:
    group, _ = COMPONENTS[name]
    return Affected(code=component_id(name), name=f"{group} - {name}", old_status=old, new_status=new)


# --- Maintenances ------------------------------------------------------------------------------


def _past_maintenance(today: datetime) -> Maintenance:
    announced = today - timedelta(days=31) + timedelta(hours=9)
    start = today - timedelta(days=29) + timedelta(hours=21)
    begun = int((start - announced).total_seconds() // 60)
    lines = (
        Line(0, MaintenanceStatus.SCHEDULED, "The dashboard moves to new servers. It cannot be used during the work; "
             "messages are sent as always."),
        Line(begun, MaintenanceStatus.IN_PROGRESS, "The move has begun.", {"Dashboard": WORK}),
        Line(begun + 47, MaintenanceStatus.COMPLETED, "The dashboard runs on the new servers.", {"Dashboard": UP}),
    )  # fmt: skip
    return _maintenance("Move of the dashboard", lines, announced, start, ("Dashboard",))


def _next_maintenance(today: datetime) -> Maintenance:
    announced = today - timedelta(days=1) + timedelta(hours=10)
    start = today + timedelta(days=4, hours=22)
    lines = (
        Line(0, MaintenanceStatus.SCHEDULED, "We renew the database servers, one after the other. Requests may take "
             "some seconds longer now and then; accepted messages are sent as always."),
    )  # fmt: skip
    return _maintenance("New database servers", lines, announced, start, ("API", "SMS"))


def _maintenance(
    name: str, lines: tuple[Line, ...], announced: datetime, start: datetime, components: tuple[str, ...]
) -> Maintenance:
    updates = _updates(name, lines, announced)
    status = MaintenanceStatus(lines[-1].status)
    return Maintenance(
        id=_id(name),
        name=name,
        status=status,
        impact=Impact.MAINTENANCE,
        created_at=announced,
        updated_at=updates[-1].created_at,
        started_at=announced,
        monitoring_at=None,
        resolved_at=updates[-1].created_at if status == MaintenanceStatus.COMPLETED else None,
        shortlink="",
        component_ids=tuple(component_id(each) for each in components),
        updates=updates,
        scheduled_for=start,
        scheduled_until=start + timedelta(hours=2),
    )
