"""All statements of a month, of 500 contracts in a year with 10,000 outages, and the console's view of all of them.

Every contract covers a few of sixty components under the enterprise contract, single or redundant gateways under the
platform contract, or all of them; each outage has its incident with updates, and there is a maintenance each day.
The reference is the time that there is: a minute for all statements, 300 ms for the view. A PDF is made when somebody
asks for it: of those a few are measured, for what one costs.
"""

import statistics
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random

from django.contrib.auth.models import Group, User
from django.test import Client as Visitor

from benchmarks.rounds import Sample, timed
from benchmarks.table import Row
from statuspage import audit
from statuspage.actions import contracts, standings, statements
from statuspage.actions.agreed import Agreed, Service
from statuspage.models import (
    Client,
    Component,
    FrozenStatement,
    Incident,
    IncidentUpdate,
    Maintenance,
    MaintenanceComponent,
    MaintenanceWindow,
    Outage,
)
from statuspage.roles import ROLES
from statuspage.statements import due
from statuspage.statements.printed import printed
from statuspage.statements.render import FORMATS

CONTRACTS, OUTAGES, COMPONENTS = 500, 10_000, 60
SECONDS, VIEW_MILLIS = 60, 300
"""All statements of a month may take so long, and the view of all contracts."""
PDFS, VIEWS = 20, 15
TODAY = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
BEGINNING = TODAY - timedelta(days=365)
MONTH = f"{TODAY - timedelta(days=35):%Y-%m}"
"""The last but one, or the last: over in every zone."""
OFFICER = audit.Actor(name="officer", source="console", abilities=ROLES["service-level officer"])
ZONES = ("UTC", "Europe/Amsterdam", "America/New_York", "Australia/Sydney")


def run(database: str, quick: bool) -> list[Row]:
    count, outages = (CONTRACTS // 10, OUTAGES // 10) if quick else (CONTRACTS, OUTAGES)
    signed = prepare(count, outages)
    what = f"{count} statements of a month, {outages:,} outages in the year"
    rows = [row_of(f"{what}, frozen", lambda: freeze(signed), database)]
    rows += [
        row_of(f"{what}, as {name}", lambda name=name: print_all(name), database) for name in ("json", "csv", "html")
    ]
    return [*rows, pdf_row(database), sweep_row(count, database), view_row(count, database)]


def row_of(what: str, work: Callable[[], int], database: str) -> Row:
    """So many of something in the minute that there is."""
    sample = timed(work)
    said = f"{sample.seconds:,.1f} s, {sample.cpu_micros / 1e3:,.1f} ms CPU each"
    return Row(what, f"a minute: {SECONDS} s", said, sample.seconds / SECONDS, "<= 1", database)


def freeze(signed: list[str]) -> int:
    """As the sweep does, a turn's worth at a time."""
    now = datetime.now(UTC)
    parts = [signed[first : first + statements.MOST] for first in range(0, len(signed), statements.MOST)]
    made = sum(statements.freeze(due.Due(MONTH, tuple(part)), now) for part in parts)
    if made != len(signed):
        raise RuntimeError(f"{made} of {len(signed)} statements were frozen")
    return made


def print_all(name: str, most: int = CONTRACTS) -> int:
    """Each of them as a file."""
    write, _content_type = FORMATS[name]
    held = FrozenStatement.objects.filter(period=MONTH).select_related("contract__client")[:most]
    sizes = [len(write(printed(each.contract, MONTH, datetime.now(UTC)))) for each in held]
    if not all(sizes):
        raise RuntimeError(f"a statement is empty as {name}")
    return len(sizes)


def pdf_row(database: str) -> Row:
    sample = timed(lambda: print_all("pdf", PDFS))
    said = f"{sample.seconds / sample.count * 1e3:,.0f} ms, {sample.cpu_micros / 1e3:,.0f} ms CPU"
    return Row(f"one statement as pdf, of {sample.count}", "", said, None, "", database)


# --- The console ----------------------------------------------------------------------------------


def sweep_row(count: int, database: str) -> Row:
    """Where every contract stands, computed anew: what the sweep does in a few turns."""

    def refresh_all() -> int:
        made = 0
        while turn := standings.refresh():
            made += turn
        return made

    return row_of(f"{count} contracts' budgets and trends, computed by the sweep", refresh_all, database)


def view_row(count: int, database: str) -> Row:
    """The median of some visits to the overview, by a signed-in officer, in this process."""
    visitor = Visitor()
    visitor.force_login(officer())
    visits = [visit(visitor) for _ in range(VIEWS)]
    millis = statistics.median(each.seconds for each in visits) * 1e3
    said = f"{millis:,.0f} ms, {statistics.median(each.cpu_micros for each in visits) / 1e3:,.0f} ms CPU"
    what = f"console, service levels, {count} contracts"
    return Row(what, f"{VIEW_MILLIS} ms", said, millis / VIEW_MILLIS, "<= 1", database)


def visit(visitor: Visitor) -> Sample:
    def get() -> int:
        answer = visitor.get("/admin/service-levels/", HTTP_HOST="status.example.com", secure=True)
        if answer.status_code != 200 or b"Contract 1" not in answer.content:
            raise RuntimeError(f"the overview answers {answer.status_code} and names no contract")
        return 1

    return timed(get)


def officer() -> User:
    found = User.objects.create_user("officer", is_staff=True)
    found.groups.add(Group.objects.get_or_create(name="service-level officer")[0])
    return found


# --- The year -------------------------------------------------------------------------------------


def prepare(count: int, outages: int) -> list[str]:
    """The contracts' ids."""
    chance = Random(1)
    components = [
        Component.objects.create(name=f"Component {number}", created_at=BEGINNING, updated_at=BEGINNING)
        for number in range(COMPONENTS)
    ]
    break_down(components, outages, chance)
    maintain(components, chance)
    return [sign(number, components, chance) for number in range(count)]


def break_down(components: list[Component], count: int, chance: Random) -> None:
    """Each component in its turn, never twice at once."""
    step = timedelta(days=365) / count
    starts = [BEGINNING + step * number for number in range(count)]
    incidents = [
        Incident(pk=f"i{number:011}", name=f"Incident {number}", status="resolved", impact="major", created_at=at,
                 updated_at=at, started_at=at, resolved_at=at + timedelta(minutes=30))
        for number, at in enumerate(starts)
    ]  # fmt: skip
    Incident.objects.bulk_create(incidents)
    IncidentUpdate.objects.bulk_create(
        IncidentUpdate(incident=row, status=status, body="It was a cable.", created_at=at, updated_at=at, display_at=at)
        for row in incidents
        for status, at in (("investigating", row.started_at), ("resolved", row.resolved_at))
    )
    Outage.objects.bulk_create(
        Outage(
            component=components[number % len(components)],
            incident=row,
            status=chance.choice(["major_outage", "partial_outage"]),
            cause=chance.choice(["own", "own", "third_party"]),
            started_at=row.started_at,
            ended_at=row.started_at + timedelta(seconds=chance.randint(1, 1800)),
            created_at=row.started_at,
        )
        for number, row in enumerate(incidents)
    )


def maintain(components: list[Component], chance: Random) -> None:
    """One each night, some of them announced too late."""
    for day in range(365):
        start = BEGINNING + timedelta(days=day, hours=2)
        end = start + timedelta(minutes=chance.choice([20, 60, 120]))
        told = start - timedelta(hours=chance.choice([6, 25, 72]))
        row = Maintenance.objects.create(
            name=f"Maintenance {day}", status="completed", impact="maintenance", scheduled_for=start,
            scheduled_until=end, created_at=told, announced_at=told, updated_at=end, started_at=start, resolved_at=end,
        )  # fmt: skip
        MaintenanceWindow.objects.create(
            maintenance=row, number=1, scheduled_for=start, scheduled_until=end, published_at=told
        )
        MaintenanceComponent.objects.create(maintenance=row, component=components[day % len(components)])


def sign(number: int, components: list[Component], chance: Random) -> str:
    client = Client.objects.create(
        name=f"Client {number}", reference=f"client-{number}", created_at=BEGINNING, updated_at=BEGINNING
    )
    found = contracts.create_contract(
        client=client,
        name=f"Contract {number}",
        starts_on=BEGINNING.date(),
        agreed=agreed(number, components, chance),
        actor=OFFICER,
        now=BEGINNING,
    )
    return found.pk


def agreed(number: int, components: list[Component], chance: Random) -> Agreed:
    """Of ten: six enterprise on six components, one on all; two redundant and one single on the platform."""
    kind, zone = number % 10, ZONES[number % len(ZONES)]
    ids = [each.pk for each in chance.sample(components, 6)]
    if kind < 7:
        covered = [each.pk for each in components] if kind == 6 else ids
        return Agreed(type="enterprise", time_zone=zone, services=[Service(name="Platform", components=covered)])
    services = [Service(name="Gateway A", components=ids[:1], kind="primary")]
    if kind < 9:
        services.append(Service(name="Gateway B", components=ids[1:2], kind="secondary"))
    services.append(Service(name="Solutions", components=ids[2:]))
    redundancy = "redundant" if kind < 9 else "single"
    return Agreed(type="platform", redundancy=redundancy, time_zone=zone, services=services)
