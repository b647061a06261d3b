"""What a maintenance came to: whether it had its notice, and which of its minutes count as downtime.

The rules of notice are `notice`'s; here they meet the work that was done. Work is taken to
interrupt what it works on from its beginning to its end: a start that is late counts for
nothing, one that is early and an end that is late count (docs/service-levels.md).
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from .intervals import Interval, Span, difference, union
from .notice import NOTICE, Revision, Window, by_notice, excluded, without_need

THE_PAGE = ""
"""The service of a maintenance that names no component."""


class Basis(StrEnum):
    """What says when an announcement counts as noticed."""

    LEDGER = "ledger"  # the last acceptance among those who could be reached
    PUBLICATION = "publication"  # nobody tells people of it: the page alone
    CONTACTS = "contacts"  # the last acceptance among the contacts of the one contract it is judged for
    UNSUBSCRIBED = "unsubscribed"  # none of that contract's contacts was subscribed: the page alone


class Verdict(StrEnum):
    """How a maintenance stands to its notice; one word each."""

    CANCELLED = "cancelled"  # never excludes anything, also where work had begun
    EMERGENCY = "emergency_approved"  # notice was not reasonably possible: recorded before the start, by two people
    NOTICED = "noticed"  # all of it was announced 24 hours ahead
    NOT_NEEDED = "not_needed"  # at most 30 minutes, chains considered
    PENDING = "pending"  # its notice is on its way, or comes before the start: not kept yet, and not lacking
    PARTLY = "partly_noticed"  # some of it was announced 24 hours ahead, or approved without, and some was not
    LATE = "late"  # everybody had it, and less than 24 hours ahead
    NONE = "no_notice"  # it did not reach everybody who could be reached


WANTING = frozenset({Verdict.PARTLY, Verdict.LATE, Verdict.NONE})
"""Notice was needed and not had."""


@dataclass(frozen=True)
class Announcement:
    """One revision of a window [start, end).

    `noticed_at` None: its notice is not complete; it will not be any more, unless `due_at` says
    from when those are told who wait.
    """

    start: datetime
    end: datetime
    noticed_at: datetime | None
    basis: Basis = Basis.LEDGER
    due_at: datetime | None = None

    @property
    def interval(self) -> Interval:
        return Interval(self.start, self.end)

    @property
    def is_by_page(self) -> bool:
        return self.basis == Basis.PUBLICATION

    @property
    def revision(self) -> Revision:
        """As `notice` takes it; what was never complete came too late for all of it."""
        return Revision(self.start, self.end, self.noticed_at or self.end)

    @property
    def hoped(self) -> Revision:
        """The same, where what is on its way arrives as soon as it is sent."""
        return Revision(self.start, self.end, self.noticed_at or self.due_at or self.end)


@dataclass(frozen=True)
class Planned:
    """One maintenance: its announcements in their order, at least one, and what was done.

    `services` are the components it works on; where it names none, it is the page.
    `ended_at` None: not over, and judged as it is announced. `approved_for`: the times of
    which it was approved that notice was not possible, None: the last ones.
    """

    id: str
    services: tuple[str, ...]
    announcements: tuple[Announcement, ...]
    began_at: datetime | None = None
    ended_at: datetime | None = None
    is_cancelled: bool = False
    is_emergency: bool = False
    approved_for: Interval | None = None

    @property
    def last(self) -> Announcement:
        return self.announcements[-1]

    @property
    def work(self) -> Span:
        """From when to when work went on; the window where nothing else is known, nothing where it was called off."""
        if self.is_cancelled and self.began_at is None:
            return ()
        return union([Interval(self.began_at or self.last.start, self.ended_at or self.last.end)])

    @property
    def known_by(self) -> Announcement | None:
        """The announcement with which the whole last window was known; None: it never was."""
        known: Span = ()
        complete = [(each.noticed_at, each) for each in self.announcements if each.noticed_at]
        for _at, each in sorted(complete, key=lambda pair: pair[0]):
            known = union([*known, each.interval])
            if not difference((self.last.interval,), known):
                return each
        return None

    @property
    def is_pending(self) -> bool:
        """Whether the notice of its last times is still to become complete."""
        return self.last.noticed_at is None and self.last.due_at is not None

    def windows(self) -> list[Window]:
        """This maintenance as `notice` judges it: one window on each service; by what is complete."""
        return self.windows_of(each.revision for each in self.announcements)

    def hoped(self) -> list[Window]:
        """The same, where what is on its way arrives: what it comes to unless something goes wrong."""
        return self.windows_of(each.hoped for each in self.announcements)

    def windows_of(self, revisions: Iterable[Revision]) -> list[Window]:
        announced, services = tuple(revisions), self.services or (THE_PAGE,)
        return [Window(each, announced, self.is_cancelled, self.is_emergency, self.approved_for) for each in services]


@dataclass(frozen=True)
class Judgement:
    """One maintenance, judged. `counted` are the minutes of its work that count as downtime on any of its services."""

    id: str
    verdict: Verdict
    needs_notice: bool
    had_notice: bool
    noticed_at: datetime | None
    basis: Basis | None
    lead: timedelta | None
    """From everybody's notice of the whole window to its start; below zero: it came after the start."""
    work: Span
    by_service: Mapping[str, Span]
    is_provisional: bool

    @property
    def counted(self) -> Span:
        return union(each for span in self.by_service.values() for each in span)

    @property
    def excluded(self) -> Span:
        """The minutes of the work that count on none of its services."""
        return difference(self.work, self.counted)

    @property
    def is_wanting(self) -> bool:
        return self.verdict in WANTING

    @property
    def is_pending(self) -> bool:
        return self.verdict == Verdict.PENDING

    @property
    def lacking(self) -> timedelta:
        """By how much the notice fell short of 24 hours; zero where it did not, or where it never was complete."""
        return max(NOTICE - self.lead, timedelta()) if self.is_wanting and self.lead is not None else timedelta()


def judged(planned: Iterable[Planned]) -> dict[str, Judgement]:
    """By id. Judged together, since short windows on one service without notice add up, and windows overlap.

    Notice that is still on its way is taken to arrive: its window spoils no other, and
    nothing of it counts yet where that will be in time.
    """
    held = list(planned)
    free = excluded(window for each in held for window in each.hoped())
    hoped, certain = needless(Planned.hoped, held), needless(Planned.windows, held)
    return {each.id: judgement(each, free, certain if each.is_pending else hoped) for each in held}


def needless(windows_of: Callable[[Planned], list[Window]], held: Iterable[Planned]) -> set[Window]:
    """The windows that need no notice: short ones, and no links of a chain that is too long."""
    return set(without_need(window for each in held if not each.is_cancelled for window in windows_of(each)))


def judgement(planned: Planned, free: Mapping[str, Span], unneeding: Collection[Window]) -> Judgement:
    """One of them: `free` is what is excluded on each service, `unneeding` the windows that need no notice."""
    windows, known = planned.windows(), planned.known_by
    whole, freed = (planned.last.interval,), by_notice(windows[0])
    had = by_notice(replace(windows[0], emergency_approved=False)) == whole
    needs = not windows[0].is_short or is_chained(planned, unneeding, is_freed=freed == whole)
    return Judgement(
        id=planned.id,
        verdict=verdict(planned, freed, had=had, needs=needs),
        needs_notice=bool(planned.work) and needs,
        had_notice=had,
        noticed_at=known.noticed_at if known else None,
        basis=known.basis if known else None,
        lead=planned.last.start - known.noticed_at if known and known.noticed_at else None,
        work=planned.work,
        by_service={each.service: difference(planned.work, free.get(each.service, ())) for each in windows},
        is_provisional=planned.ended_at is None,
    )


def is_chained(planned: Planned, unneeding: Collection[Window], *, is_freed: bool) -> bool:
    """Whether a short window needs notice all the same, as a link of a longer chain on one of its services."""
    is_free = is_freed or planned.is_cancelled
    windows = planned.windows() if planned.is_pending else planned.hoped()
    return not is_free and any(each not in unneeding for each in windows)


def verdict(planned: Planned, freed: Span, *, had: bool, needs: bool) -> Verdict:
    """The first of these that holds; `freed` are the parts of the window that were noticed, or approved without."""
    if planned.is_cancelled:
        return Verdict.CANCELLED
    if had:
        return Verdict.NOTICED
    if planned.is_emergency and freed == (planned.last.interval,):
        return Verdict.EMERGENCY
    if not needs:
        return Verdict.NOT_NEEDED
    if planned.is_pending:
        return Verdict.PENDING
    if freed:
        return Verdict.PARTLY
    return Verdict.LATE if planned.known_by else Verdict.NONE
