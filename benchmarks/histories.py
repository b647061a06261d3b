"""The histories that pages are measured with: made up, of any length, and a real page's where there is one.

`documents(10)` and `documents(10_000)` have the newest ten incidents in common, which are
of the last two weeks, the newest of them open; the rest are spread over the eight years
before. Only times follow the clock. They have the shape of Statuspage's `/api/v2`.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.table import Row
from tests import histories
from tests.histories import Json, pk, said

REAL = "STATUSPAGE_HISTORY"
"""Names a folder with a real page's /api/v2 as JSON."""
FEW, MANY = 10, 10_000

GROUPS = ("Interface", "Console", "Payments", "Reports", "Network")
SERVICES = ("Europe", "North America", "South America", "Asia", "Africa", "Oceania")
RECENT = 10
RECENT_SPAN = timedelta(days=13)
SPAN = timedelta(days=8 * 365)
LENGTH = timedelta(minutes=95)
TOLD = (
    ("investigating", "Since a few minutes requests fail for some of our clients. We look for the cause."),
    (
        "identified",
        "A change of this morning's release reads more than it should, and the database that all regions share has "
        "no connections left. We take the change back, region by region, and expect to be done within the hour.",
    ),
    ("monitoring", "The change is taken back everywhere. Requests succeed again; we keep an eye on them."),
    ("resolved", "For half an hour no request has failed. What was sent meanwhile was kept and has been worked off."),
)
STATUSES = ("partial_outage", "major_outage", "degraded_performance", "operational")


@dataclass(frozen=True)
class History:
    """What a site tells: so many incidents made up, or what is in a folder. `words` name it in a row."""

    key: str
    words: str
    count: int = 0
    folder: Path | None = None


def few() -> History:
    """The short one, which the others are compared with."""
    return made_up(FEW)


def long_ones(quick: bool) -> list[History]:
    """A long one, and the real one where there is one."""
    named = os.environ.get(REAL)
    real = [History("real", "real history", folder=Path(named).resolve())] if named else []
    return [made_up(MANY // 10 if quick else MANY), *real]


def all_of(quick: bool) -> list[History]:
    return [few(), *long_ones(quick)]


def made_up(count: int) -> History:
    return History(f"made_{count}", f"{count:,} incidents", count=count)


def not_measured(database: str) -> list[Row]:
    """A row that says so where there is no real history."""
    if os.environ.get(REAL):
        return []
    return [Row("page rows, real history", "", f"not measured: {REAL} names no folder", None, "", database)]


# --- Made up ---------------------------------------------------------------------------------


def documents(count: int) -> dict[str, Json]:
    """The three documents of a page with 30 components and so many incidents."""
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    incidents = [incident(number, start) for number, start in enumerate(starts(count, now))]
    return histories.documents(components=list(components()), incidents=incidents, updated_at=iso(now))


def components() -> Iterator[Json]:
    """Five groups of six."""
    for number, name in enumerate(GROUPS):
        group = f"g{number:02d}"
        yield component(group, name, number, group=True)
        for place, service in enumerate(SERVICES):
            yield component(service_id(number * len(SERVICES) + place), service, place, group_id=pk(group))


def component(key: str, name: str, position: int, **details: Any) -> Json:
    return histories.component(key, name=name, position=position + 1, **details)


def service_id(number: int) -> str:
    return f"c{number % (len(GROUPS) * len(SERVICES)):02d}"


def starts(count: int, now: datetime) -> Iterator[datetime]:
    """When each incident began, the newest first."""
    recent = min(count, RECENT)
    for number in range(recent):
        yield now - timedelta(minutes=40) - RECENT_SPAN / RECENT * number
    for number in range(count - recent):
        yield now - RECENT_SPAN - LENGTH - SPAN / (count - recent) * number


def incident(number: int, start: datetime) -> Json:
    """One incident of two components; the newest is not over."""
    told = TOLD[:2] if number == 0 else TOLD
    step = LENGTH / len(TOLD) if number else timedelta(minutes=12)
    updates = [
        said(
            iso(start + step * place),
            status,
            body,
            **{service_id(number): STATUSES[place], service_id(number + 7): STATUSES[place]},
        )
        for place, (status, body) in enumerate(told)
    ]
    impact = ("minor", "major", "critical")[number % 3]
    title = f"Requests to {SERVICES[number % len(SERVICES)]} fail"
    return histories.incident(f"i{number:05d}", *updates, name=title, impact=impact)


def iso(at: datetime) -> str:
    """As Statuspage writes a time."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.000Z")
