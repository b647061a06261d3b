"""What is left of a storm, for `checks` to judge: the ledger as the site stored it, and what everybody else saw."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.chaos import journals
from tests.chaos.faults import Tally
from tests.chaos.journals import Copy
from tests.chaos.people import Person
from tests.chaos.staff import Told
from tests.site import Site

if TYPE_CHECKING:
    from tests.chaos.storm import Storm


@dataclass(frozen=True)
class Row:
    """One delivery at the end. Times are seconds since the epoch."""

    id: str
    event: int
    subscription: str
    channel: str
    state: str
    attempts: int
    ambiguous: int
    superseded_by: int | None
    accepted_at: float | None
    final_at: float | None
    not_after: float


@dataclass(frozen=True)
class Attempt:
    """One call as the ledger knows it."""

    delivery: str
    number: int
    started_at: float
    ended_at: float | None
    outcome: str


@dataclass(frozen=True)
class Event:
    """One outbox row."""

    id: int
    kind: str
    subject_kind: str
    subject: str
    update: str
    audience: str
    single: str | None
    components: tuple[str, ...]
    published_at: float
    voided_at: float | None
    expires_at: float
    is_fanned_out: bool


@dataclass
class Evidence:
    """Everything. `gone_at` is by subscription, as whoever left saw it; `left_at` as the ledger has it."""

    people: dict[str, Person]
    rows: list[Row]
    attempts: list[Attempt]
    events: dict[int, Event]
    receipts: dict[str, list[str]]
    left_at: dict[str, float]
    quarantined: set[str]
    updates: set[str]
    audited: set[str]
    shown: str
    notices: list[dict[str, Any]]
    components: dict[str, str]
    copies: list[Copy] = field(default_factory=list)
    gone_at: dict[str, float] = field(default_factory=dict)
    told: list[Told] = field(default_factory=list)
    looks: dict[str, Any] = field(default_factory=dict)
    leaks: list[str] = field(default_factory=list)
    queries: int | None = None
    tally: Tally = field(default_factory=Tally)
    rested_in: float = 0.0


def collect(storm: "Storm", *, looks: dict[str, Any], queries: int | None, rested_in: float) -> Evidence:
    """Ask the site for its ledger, and everybody else for what they saw."""
    site, file = storm.site, storm.site.folder / "ledger.json"
    site.manage("shell", "-c", f"from tests.chaos import evidence; evidence.dump({str(file)!r})")
    found = from_dump(json.loads(file.read_text()), storm.people)
    found.copies = [*journals.mails(Path(site.smtp.journal_path)), *journals.texts(Path(site.twilio.journal_path))]
    found.gone_at, found.told = storm.departures.gone_at, storm.told
    found.looks, found.queries, found.rested_in = looks, queries, rested_in
    found.tally = storm.faults.tally
    found.leaks = leaks(site, [*secrets(site, storm), *(each.address for each in storm.people)])
    return found


def from_dump(dump: dict[str, Any], people: list[Person]) -> Evidence:
    events = [Event(**{**each, "components": tuple(each["components"])}) for each in dump["events"]]
    return Evidence(
        people={str(each.subscription): each for each in people},
        rows=[Row(*each) for each in dump["rows"]],
        attempts=[Attempt(*each) for each in dump["attempts"]],
        events={each.id: each for each in events},
        receipts=dump["receipts"],
        left_at=dump["left_at"],
        quarantined=set(dump["quarantined"]),
        updates=set(dump["updates"]),
        audited=set(dump["audited"]),
        shown=dump["shown"],
        notices=dump["notices"],
        components=dump["components"],
    )


# --- Outside the site ---------------------------------------------------------------------------------------------


def secrets(site: Site, storm: "Storm") -> list[str]:
    """What is in no log, beside addresses: keys, passwords, the tokens of links."""
    return [site.environment["SECRET_KEY"], site.twilio.auth_token, *storm.departures.tokens.values()]


def leaks(site: Site, words: list[str]) -> list[str]:
    """Log and word, where a program said one that it must not (I13)."""
    logs = [*(site.folder / "logs").glob("*.log"), site.folder / "valkey" / "valkey.log"]
    if site.postgres:
        logs.append(site.postgres.folder / "log")
    said = {log.name: log.read_text(errors="replace") for log in logs if log.exists()}
    return [f"{name}: {word}" for name, text in said.items() for word in words if word in text]


def transactions_while(site: Site, deed: Callable[[], Any]) -> int:
    """How many transactions the site's database saw meanwhile; looking at the counter is none."""
    let_nobody_vacuum(site)
    before = when_still(site)
    deed()
    return transactions(site) - before


def when_still(site: Site, looks: int = 6) -> int:
    """The counter once it stands still: on a busy machine the last callbacks are answered long after the storm."""
    last, now = -1, transactions(site)
    while now != last and looks:
        last, now, looks = now, transactions(site), looks - 1
    return now


def let_nobody_vacuum(site: Site) -> None:
    """PostgreSQL's own housekeeping counts as transactions too, and comes when it likes."""
    import psycopg

    assert site.postgres
    with psycopg.connect(site.postgres.url(), autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET autovacuum = off")
        connection.execute("SELECT pg_reload_conf()")


REPORTED_SECONDS = 11
"""A backend that fell idle reports its transactions within ten seconds (PostgreSQL 15 and later). So before is after
the last callbacks', and after is after the readers' own, if they had any."""


def transactions(site: Site) -> int:
    """Committed and rolled back in the site's own database, counted from another one."""
    import psycopg

    assert site.postgres
    sql = "SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = 'site'"
    time.sleep(REPORTED_SECONDS)
    with psycopg.connect(site.postgres.url(), autocommit=True) as connection:
        row = connection.execute(sql).fetchone()
    assert row
    return int(row[0])


# --- Inside the site: `manage.py shell -c "from tests.chaos import evidence; evidence.dump(...)"` --------------------


def dump(path: str) -> None:
    """The ledger as JSON. The canary, which is nobody's, is left out."""
    from notifications.models import Attempt, Delivery, OutboxEvent, Receipt, Subscription, Suppression
    from statuspage.models import Component

    events = OutboxEvent.objects.exclude(kind="canary")
    rows = Delivery.objects.filter(event__in=events)
    receipts: dict[str, list[str]] = {}
    for delivery, status in Receipt.objects.exclude(delivery=None).values_list("delivery", "status"):
        receipts.setdefault(str(delivery), []).append(status)
    keys = Suppression.objects.filter(reason="quarantine").values("address_key")
    quarantined = Subscription.objects.filter(address_key__in=keys).values_list("pk", flat=True)
    left = Subscription.objects.exclude(unsubscribed_at=None).values_list("pk", "unsubscribed_at")
    facts = {
        "rows": [plain(each) for each in rows.values_list(*ROW)],
        "attempts": [plain(each) for each in Attempt.objects.filter(delivery__in=rows).values_list(*ATTEMPT)],
        "events": [as_event(each) for each in events],
        "receipts": receipts,
        "left_at": {str(pk): at.timestamp() for pk, at in left},
        "quarantined": [str(pk) for pk in quarantined],
        **published(),
        "notices": notices(),
        "components": dict(Component.objects.values_list("pk", "name")),
    }
    Path(path).write_text(json.dumps(facts))


ROW = (
    "id",
    "event_id",
    "subscription_id",
    "channel",
    "state",
    "attempts",
    "ambiguous",
    "superseded_by_id",
    "accepted_at",
    "final_at",
    "not_after",
)
ATTEMPT = ("delivery_id", "number", "started_at", "ended_at", "outcome")


def plain(values: tuple[Any, ...]) -> list[Any]:
    return [plain_value(value) for value in values]


def plain_value(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.timestamp()
    return value if value is None or isinstance(value, int | float | str) else str(value)


def as_event(row: Any) -> dict[str, Any]:
    return {
        "id": row.pk,
        "kind": row.kind,
        "subject_kind": row.subject_kind,
        "subject": row.subject_id,
        "update": row.update_id,
        "audience": row.audience,
        "single": plain_value(row.single_subscription_id),
        "components": row.component_ids,
        "published_at": row.published_at.timestamp(),
        "voided_at": plain_value(row.voided_at),
        "expires_at": row.expires_at.timestamp(),
        "is_fanned_out": row.fanned_out_at is not None,
    }


def published() -> dict[str, Any]:
    """Every update there is, every update the audit log knows, and all that readers are shown."""
    from statuspage.models import AuditEntry, IncidentUpdate, MaintenanceUpdate
    from statuspage.publishing import store

    updates = [*IncidentUpdate.objects.values_list("pk", flat=True)]
    updates += MaintenanceUpdate.objects.values_list("pk", flat=True)
    entries = AuditEntry.objects.values_list("after", flat=True)
    pages = sorted((store.root() / "pages" / "incidents").glob("*.html"))
    return {
        "updates": updates,
        "audited": [after["update"] for after in entries if after and "update" in after],
        "shown": "\n".join(page.read_text() for page in pages),
    }


def notices() -> list[dict[str, Any]]:
    """What the site claims of each announced window: when everybody had notice of it (I12)."""
    from notifications import noticed
    from statuspage.models import Maintenance

    return [
        {
            "subject": each.pk,
            "revision": each.window_revision,
            "starts_at": each.scheduled_for.timestamp(),
            "completed_at": plain_value(noticed.notice_completed_at(each.pk, each.window_revision)),
        }
        for each in Maintenance.objects.all()
    ]
