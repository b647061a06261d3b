"""Which scheduled maintenance is excluded: what was announced at least 24 hours ahead, and what needs no notice.

The enterprise contract: "at least 24 hours' advance notice of scheduled maintenance in
excess of 30 minutes". The platform contract says only "in advance"; it is read alike.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby

from .intervals import Interval, Span, difference, intersection, union

NOTICE = timedelta(hours=24)
NO_NOTICE_NEEDED = timedelta(minutes=30)
"""Maintenance of this length or less needs no notice."""
CHAIN = timedelta(hours=24)
"""Short windows whose starts are less apart are judged by the sum of their lengths."""
NEVER = datetime.max.replace(tzinfo=UTC)
"""When a notice is complete that will not reach everybody, or that nobody was given."""


@dataclass(frozen=True)
class Revision:
    """One announcement of a window: its times, and the moment from which it counts as noticed."""

    start: datetime
    end: datetime
    noticed_at: datetime

    @property
    def interval(self) -> Interval:
        return Interval(self.start, self.end)


@dataclass(frozen=True)
class Window:
    """One maintenance on one service; `revisions` in the order of their announcement, at least one.

    `emergency_approved`: recorded before the start, by a second person too, that notice
    was not reasonably possible; `approved_for`: of which times, None: of the last ones.
    """

    service: str
    revisions: tuple[Revision, ...]
    cancelled: bool = False
    emergency_approved: bool = False
    approved_for: Interval | None = None

    @property
    def last(self) -> Revision:
        return self.revisions[-1]

    @property
    def is_short(self) -> bool:
        return self.last.end - self.last.start <= NO_NOTICE_NEEDED

    @property
    def approved(self) -> Span:
        """The part of the last window for which the approval stands in for notice."""
        if not self.emergency_approved:
            return ()
        return intersection((self.last.interval,), (self.approved_for or self.last.interval,))


def excluded(windows: Iterable[Window]) -> dict[str, Span]:
    """By service, the instants at which its maintenance is not downtime."""
    held: dict[str, list[Interval]] = {}
    windows = [each for each in windows if not each.cancelled]
    for window in windows:
        held.setdefault(window.service, []).extend(by_notice(window))
    for window in without_need(windows):
        held[window.service].append(window.last.interval)
    return {service: union(intervals) for service, intervals in held.items()}


def by_notice(window: Window) -> Span:
    """The parts of the last window that some announcement covered 24 hours before they began, or that were approved.

    Each part that an announcement added is judged by its own start, so that a late
    extension does not help and does not spoil what was noticed, or approved, before.
    """
    noticed = window.approved
    for revision in window.revisions:
        added = difference((revision.interval,), noticed)
        in_time = [part for part in added if part.start - revision.noticed_at >= NOTICE]
        noticed = union([*noticed, *in_time])
    return intersection((window.last.interval,), noticed)


def without_need(windows: Iterable[Window]) -> Iterator[Window]:
    """Short windows without notice, where they are not links of a longer chain."""
    for chain in short_chains(windows):
        if sum((each.last.end - each.last.start for each in chain), timedelta()) <= NO_NOTICE_NEEDED:
            yield from chain


def short_chains(windows: Iterable[Window]) -> Iterator[list[Window]]:
    """Short windows that lack notice, by service, each with those that are judged together with it."""
    lacking = [each for each in windows if each.is_short and by_notice(each) != union([each.last.interval])]
    by_service = sorted(lacking, key=lambda each: (each.service, each.last.start))
    for _service, group in groupby(by_service, key=lambda each: each.service):
        yield from chains(list(group))


def chains(windows: Sequence[Window]) -> Iterator[list[Window]]:
    """Windows sorted by start, cut wherever two starts are 24 hours apart or more."""
    chain: list[Window] = []
    for window in windows:
        if chain and window.last.start - chain[-1].last.start >= CHAIN:
            yield chain
            chain = []
        chain.append(window)
    if chain:
        yield chain
