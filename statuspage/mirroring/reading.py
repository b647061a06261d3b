"""A provider's summary.json -> what it says of its page, components and incidents; or Nonsense, one line.

Pure. Whatever would be believed wrong is refused; what other programs that speak this dialect leave out may be missing.
Ids are texts here: they are only compared, and other programs have numbers for them.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from statuspage.importing.fields import Fields, Unusable
from statuspage.text import clean_line, clean_text
from statuspage.vocabulary import ComponentStatus

ID_MAX = 100
BODY_MAX = 2_000
"""Characters of an update that are kept as evidence."""
COMPONENTS_MAX = 2_000
INCIDENTS_MAX = 50
UPDATES_MAX = 50
"""More than these of a page, an incident are not looked at."""

OF_PAGE = {
    "none": ComponentStatus.OPERATIONAL,
    "minor": ComponentStatus.DEGRADED_PERFORMANCE,
    "major": ComponentStatus.PARTIAL_OUTAGE,
    "critical": ComponentStatus.MAJOR_OUTAGE,
    "maintenance": ComponentStatus.UNDER_MAINTENANCE,
}
"""The page's indicator -> the status of a component that stands for the whole page.

Statuspage calls "major" a partial system outage and "critical" a major one; read so, no part
of a provider that fails makes all of it an interruption.
"""


class Nonsense(Exception):
    """What came is not a Statuspage's summary; the message says where."""


@dataclass(frozen=True)
class Part:
    """One component of the provider's; its name behind its group's."""

    id: str
    name: str
    status: ComponentStatus


@dataclass(frozen=True)
class Said:
    """One update of an incident."""

    id: str
    status: str
    body: str
    created_at: datetime | None


@dataclass(frozen=True)
class Trouble:
    """An incident of the provider's that is not over, oldest update first."""

    id: str
    name: str
    impact: str
    url: str
    part_ids: tuple[str, ...]
    updates: tuple[Said, ...]


@dataclass(frozen=True)
class Page:
    """What a provider's page says."""

    name: str
    url: str
    status: ComponentStatus
    parts: tuple[Part, ...]
    incidents: tuple[Trouble, ...]

    def status_of(self, part_id: str) -> ComponentStatus | None:
        """How that component is, of the whole page where the id is empty; None: there is no such component."""
        if not part_id:
            return self.status
        return next((each.status for each in self.parts if each.id == part_id), None)

    def incidents_of(self, part_id: str) -> tuple[Trouble, ...]:
        """Those that name that component; all of them for the whole page."""
        return tuple(each for each in self.incidents if not part_id or part_id in each.part_ids)


def read(body: bytes) -> Page:
    """What the JSON says. Raises Nonsense."""
    try:
        data = json.loads(body.decode("utf-8-sig"))
        return _page(Fields(data, "summary.json"))
    except RecursionError:
        raise Nonsense("summary.json: nested too deeply") from None
    except ValueError:
        raise Nonsense("summary.json: not JSON") from None
    except Unusable as error:
        raise Nonsense(str(error)) from None


def _page(summary: Fields) -> Page:
    page = Fields(summary.required("page"), "summary.json: page")
    status = Fields(summary.required("status"), "summary.json: status")
    indicator = status.required("indicator")
    if not isinstance(indicator, str) or indicator not in OF_PAGE:
        raise status.wrong("indicator", f"is none of {', '.join(OF_PAGE)}")
    return Page(
        name=page.line("name"),
        url=page.link("url"),
        status=OF_PAGE[indicator],
        parts=tuple(_parts(summary)),
        incidents=tuple(_incident(each) for each in _first(summary, "incidents", INCIDENTS_MAX)),
    )


def _first(row: Fields, field: str, most: int) -> list[Fields]:
    """The objects of a list that may be left out, the first so many."""
    if row.data.get(field) is None:
        return []
    return [each for each, _ in zip(row.objects(field), range(most), strict=False)]


def _parts(summary: Fields) -> Iterator[Part]:
    rows = [(each, identifier(each)) for each in summary.objects("components")][:COMPONENTS_MAX]
    groups = {pk: row.line("name") for row, pk in rows if row.flag("group", False)}
    for row, pk in rows:
        if pk in groups:
            continue
        above = groups.get(str(row.data.get("group_id")), "")
        name = row.line("name")
        yield Part(pk, f"{above} - {name}" if above else name, _status(row))


def _status(row: Fields) -> ComponentStatus:
    """An empty one is allowed by Statuspage's own specification: nothing is wrong."""
    return ComponentStatus.OPERATIONAL if row.required("status") == "" else row.word("status", ComponentStatus)


def identifier(row: Fields) -> str:
    value = row.required("id")
    plain = clean_line(str(value)) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    if not 0 < len(plain) <= ID_MAX:
        raise row.wrong("id", f"is not an id of at most {ID_MAX} characters")
    return plain


def _incident(row: Fields) -> Trouble:
    named = _first(row, "components", COMPONENTS_MAX)
    updates = sorted(_updates(row), key=lambda each: (each.created_at is not None, each.created_at))
    return Trouble(
        id=identifier(row),
        name=row.line("name"),
        impact=_short(row.data.get("impact")),
        url=row.link("shortlink"),
        part_ids=tuple(identifier(each) for each in named),
        updates=tuple(updates),
    )


def _updates(row: Fields) -> Iterator[Said]:
    """Documents have the newest first."""
    for each in _first(row, "incident_updates", UPDATES_MAX):
        at = each.optional_moment("created_at")
        yield Said(identifier(each), _short(each.data.get("status")), _short(each.data.get("body"), BODY_MAX), at)


def _short(value: object, most: int = ID_MAX) -> str:
    return clean_text(value)[:most] if isinstance(value, str) else ""
