"""Component changes -> the intervals in which each component was not operational. Pure.

The last word counts, as on Statuspage: whatever an incident or a maintenance said last of
a component, over all of them, is what the page showed. Intervals are half-open, [start, end).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from statuspage.vocabulary import ComponentStatus

from .records import Entry

OPERATIONAL = ComponentStatus.OPERATIONAL


@dataclass(frozen=True)
class Subject:
    """Who said it: `kind` incident or maintenance, and the id."""

    kind: str
    id: str


@dataclass(frozen=True)
class Change:
    """From `at` on the component had that status. No subject: nobody said why."""

    component_id: str
    at: datetime
    status: ComponentStatus
    subject: Subject | None = None


@dataclass(frozen=True)
class Interval:
    """A component's time in one status other than operational. `end` None: it still has it."""

    component_id: str
    status: ComponentStatus
    start: datetime
    end: datetime | None
    subject: Subject | None = None


@dataclass(frozen=True)
class Standing:
    """What the page shows of a component in the end, and since when at the latest."""

    status: ComponentStatus
    since: datetime


def changes_of(entry: Entry) -> Iterator[Change]:
    """What an entry's updates said of components, each at the moment it was written.

    Not at `display_at`: staff may move that afterwards, and the component did not change then.
    """
    subject = Subject(entry.kind, entry.id)
    for update in entry.updates:
        for each in update.affected or ():
            yield Change(each.code, update.created_at, each.new_status, subject)


def intervals(changes: Iterable[Change]) -> list[Interval]:
    """The times out of operation that the changes make, by start.

    Of several changes of one component at one instant the last given counts. Saying a
    status again changes nothing: the interval stays with whoever said it first.
    """
    found: list[Interval] = []
    running: dict[str, Interval] = {}
    for change in _last_words(changes):
        current = running.get(change.component_id)
        if change.status == (current.status if current else OPERATIONAL):
            continue
        if current:
            found.append(replace(running.pop(change.component_id), end=change.at))
        if change.status != OPERATIONAL:
            running[change.component_id] = Interval(change.component_id, change.status, change.at, None, change.subject)
    return sorted([*found, *running.values()], key=lambda each: (each.start, each.component_id))


def _last_words(changes: Iterable[Change]) -> Iterable[Change]:
    """The changes in the order of time, one for a component and an instant."""
    in_order = sorted(changes, key=lambda change: change.at)
    return {(change.at, change.component_id): change for change in in_order}.values()


def settle(
    changes: Sequence[Change],
    standings: Mapping[str, Standing],
    ended: Mapping[Subject, datetime],
    as_of: datetime,
) -> list[Change]:
    """The changes that no update told: those by which each component came to stand as it does.

    Somebody set the component by hand. When is known only roughly, see `_silent_end`.
    """  # fmt: skip
    last = {change.component_id: change for change in _last_words(changes)}
    down = {each.component_id: each.status for each in intervals(changes) if each.end is None}
    silent = []
    for component_id, standing in standings.items():
        if standing.status == down.get(component_id, OPERATIONAL):
            continue
        if standing.status == OPERATIONAL:
            at = _silent_end(last[component_id], standing, ended, as_of)
        else:
            at = max(standing.since, last[component_id].at) if component_id in last else standing.since
        silent.append(Change(component_id, at, standing.status))
    return silent


def _silent_end(last: Change, standing: Standing, ended: Mapping[Subject, datetime], as_of: datetime) -> datetime:
    """When a component was up again of which no update said so.

    The earliest moment after the last word about it by which it was: somebody edited the
    component, or resolved the incident. Without either, the source's own time. Where even
    that is no later, the last word itself was wrong.
    """
    hints = [standing.since, as_of]
    if last.subject and last.subject in ended:
        hints.append(ended[last.subject])
    return min((at for at in hints if at > last.at), default=last.at)


def give_way(interval: Interval, recorded: Iterable[tuple[datetime, datetime | None]]) -> Interval | None:
    """The interval as far as it leaves alone what this site itself recorded of the component.

    It ends where the site's own record begins. One that is still open ends no later than
    the site's own word; while the site has an open outage of its own, it is none: None.
    """
    ends = [interval.end] if interval.end else []
    for start, end in recorded:
        if start > interval.start:
            ends.append(start)
        elif interval.end is None and end is None:
            return None
        elif interval.end is None and end and end > interval.start:
            ends.append(end)
    return replace(interval, end=min(ends, default=None))
