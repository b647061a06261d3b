"""Clocks as staff see them: what is owed to whom, by when, how much of it is used; what an update must promise."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from statuspage import clock_words, running_clocks
from statuspage.labels import SEVERITY
from statuspage.models import ClientReport, Incident
from statuspage.publishing.times import duration
from statuspage.running_clocks import Running
from statuspage.sla.clocks import Standing
from statuspage.sla.deadlines import Deadline, Deadlines

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
NEXT = 12
"""Deadlines that the first page lists; the others come after them."""
STANDING: dict[Standing, Promise] = {
    Standing.MET: _("in time"),
    Standing.MISSED: _("too late"),
    Standing.OPEN: _("runs"),
}


# --- Rows for the templates -----------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """One deadline of one failure. `seconds` to go, below 0: gone by."""

    running: Running
    deadline: Deadline
    now: datetime

    @property
    def label(self) -> Promise:
        return clock_words.KIND[self.deadline.kind]

    @property
    def severity(self) -> str:
        return clock_words.severity(self.running)

    @property
    def standing(self) -> str:
        return "paused" if self.deadline.is_paused else self.deadline.standing.value

    @property
    def standing_label(self) -> Promise:
        return STANDING[self.deadline.standing]

    @property
    def counts(self) -> bool:
        """Whether time goes on for it."""
        return self.deadline.is_owed and not self.deadline.is_paused

    @property
    def seconds(self) -> float:
        return round((self.deadline.due_at - self.now) / SECOND, 3)

    @property
    def left(self) -> str:
        return duration(abs(self.deadline.due_at - self.now))

    @property
    def limit_seconds(self) -> int:
        return self.deadline.limit // SECOND

    @property
    def percent(self) -> int:
        """Of the limit; rounded down, as full as the bar can be."""
        return min(100, self.deadline.used.numerator * 100 // self.deadline.used.denominator)

    @property
    def late(self) -> str:
        """How many progress reports came late, or are."""
        count = self.deadline.missed
        return ngettext("%(count)s was late", "%(count)s were late", count) % {"count": count} if count else ""


def rooms(found: Iterable[Running], now: datetime) -> list[dict[str, Any]]:
    """What a room shows of each failure: who reported it, its deadlines, how those of earlier severities stood."""
    return [
        {
            "running": each,
            "severity": clock_words.severity(each),
            "rows": [Row(each, deadline, now) for deadline in each.shown],
            "earlier": [earlier(before) for before in each.earlier],
        }
        for each in found
    ]


def earlier(stood: Deadlines) -> str:
    """How another severity's clocks stood when the next one took over."""
    return _now("As %(severity)s: response %(response)s, fix %(fix)s.") % {
        "severity": SEVERITY[stood.run.severity],
        "response": STANDING[stood.response.standing],
        "fix": STANDING[stood.fix.standing],
    }


def of_incident(incident: Incident, now: datetime) -> list[dict[str, Any]]:
    return rooms(running_clocks.of_incident(incident, now), now)


def of_failure(first: ClientReport, now: datetime) -> list[dict[str, Any]]:
    """Of the report that stands for a failure; none where it is not properly reported, or was declined."""
    is_reported = first.completed_at is not None and first.declined_at is None
    return rooms(running_clocks.of_reports([first], now), now) if is_reported else []


def due_next(now: datetime) -> list[Row]:
    """What is owed to anybody, the nearest deadline first; what waits for a client comes last."""
    found = [Row(each, deadline, now) for each in running_clocks.running(now) for deadline in each.deadlines.owed]
    return sorted(found, key=lambda row: (row.deadline.is_paused, row.deadline.due_at))


# --- What an update must promise ------------------------------------------------------------------


@dataclass(frozen=True)
class Interval:
    """The shortest time between progress reports that is owed, and to whom: by name for who may know clients."""

    span: timedelta
    running: Running
    names_clients: bool = True

    @property
    def minutes(self) -> int:
        return self.span // MINUTE

    @property
    def help(self) -> str:
        return _now("%(whom)s: progress is to be reported every %(span)s.") % self.facts

    @property
    def facts(self) -> dict[str, str]:
        report = self.running.report
        is_named = self.names_clients or report is None
        whom = clock_words.whom(self.running) if is_named else _now("Report %(number)s") % {"number": report}
        return {"whom": whom, "span": duration(self.span)}

    def lacks(self, promised: datetime | None, now: datetime) -> Iterator[str]:
        """What is wrong with promising the next update for then."""
        if promised is None:
            yield _now("%(whom)s: progress is to be reported every %(span)s, and no update is promised.") % self.facts
        elif promised > now + self.span:
            yield _now("%(whom)s: progress is to be reported every %(span)s, sooner than is promised.") % self.facts


def interval_of(incident: Incident, now: datetime, names_clients: bool = True) -> Interval | None:
    """Of what this incident is to clients, else of our own clock; None: nothing is owed but the resolution."""
    found = running_clocks.of_incident(incident, now)
    owed = [Interval(each.run.targets.progress, each, names_clients) for each in found if each.run.targets.progress]
    return min((each for each in owed if each.minutes), key=lambda each: each.span, default=None)
