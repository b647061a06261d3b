"""The board of components: groups that fold, rows, and ninety days of bars as a few paths.

Pure view of the facts for `public/board.html`. Operational days are one dashed line; each
kind of trouble is one path of taller bars over it, so that what a day was shows in its height
as well as in its colour, and is said in words with its date.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from statuspage.labels import COMPONENT_STATUS
from statuspage.status import RANK, worst
from statuspage.vocabulary import ComponentStatus

from .snapshot import DAYS, Component, Day, Group, Snapshot
from .times import short_day_text

STEP = 4
"""Width of a day in the drawing: a bar of 3 and a gap of 1."""
HEIGHT = 32
TOP = {
    ComponentStatus.OPERATIONAL: 22,
    ComponentStatus.UNDER_MAINTENANCE: 16,
    ComponentStatus.DEGRADED_PERFORMANCE: 11,
    ComponentStatus.PARTIAL_OUTAGE: 6,
    ComponentStatus.MAJOR_OUTAGE: 0,
}
"""Where a bar of each kind begins: the worse, the taller, a seventh of the height at least between two kinds."""
LINES = {"operational": 27, "none": 31}
"""The middles of what is drawn as one dashed line: days that worked, days before service. page.css has their widths."""

OPERATIONAL = ComponentStatus.OPERATIONAL


@dataclass(frozen=True)
class Bars:
    """A row of days: path data by status, where its first day starts, and the same in words."""

    paths: tuple[tuple[str, str], ...]
    start: int
    text: str

    @property
    def lines(self) -> tuple[tuple[str, str], ...]:
        """The lines below all troubles, as path data by kind."""
        absent = [("none", f"M0 {LINES['none']}H{self.start}")] if self.start else []
        return (*absent, ("operational", f"M{self.start} {LINES['operational']}H{self.width}"))

    @property
    def width(self) -> int:
        return STEP * DAYS


@dataclass(frozen=True)
class Row:
    """A component as the board shows it."""

    component: Component
    bars: Bars | None
    uptime: str


@dataclass(frozen=True)
class Block:
    """A group with its rows, or the components without one that stand together."""

    group: Group | None
    rows: tuple[Row, ...]
    bars: Bars | None = None

    @property
    def status(self) -> ComponentStatus:
        return worst(row.component.status for row in self.rows)

    @property
    def is_open(self) -> bool:
        """Whether something in the group is worth unfolding it."""
        return self.status != OPERATIONAL


def blocks(snapshot: Snapshot) -> list[Block]:
    """The board from top to bottom; what is only shown when degraded is left out while it works."""
    found: list[Block] = []
    for top in snapshot.tops():
        if isinstance(top, Group):
            found.append(group_block(top, [each for each in snapshot.members(top) if is_shown(each)]))
        elif not is_shown(top):
            continue
        elif found and found[-1].group is None:
            found[-1] = Block(None, (*found[-1].rows, row(top)))
        else:
            found.append(Block(None, (row(top),)))
    return [each for each in found if each.rows]


def is_shown(component: Component) -> bool:
    return component.status != OPERATIONAL or not component.only_show_if_degraded


def group_block(group: Group, members: Sequence[Component]) -> Block:
    """A group; while it is folded its bars are the worst of its members' days."""
    drawn = [each for each in members if each.showcase and each.days]
    days = together([each.days for each in drawn])
    starts = [each.start_date for each in drawn if each.start_date]
    since = min(starts) if starts and len(starts) == len(drawn) else None
    return Block(group, tuple(row(each) for each in members), drawing(days, since) if days else None)


def together(days: Sequence[Sequence[Day]]) -> tuple[Day, ...]:
    """Each day as the worst of several components' days."""
    return tuple(Day(date=each[0].date, worst=worst(day.worst for day in each)) for each in zip(*days, strict=False))


def row(component: Component) -> Row:
    """A component with its bars, unless it has none to show."""
    if not (component.showcase and component.days):
        return Row(component, None, "")
    return Row(component, drawing(component.days, component.start_date), percent(component.uptime))


def percent(uptime: Fraction | None) -> str:
    """Three decimals, cut and not rounded: 100% is said of nothing that was ever down."""
    if uptime is None:
        return ""
    if uptime == 1:
        return _("%(number)s%% uptime") % {"number": "100"}
    thousandths = max(0, int(uptime * 100_000))
    number = number_format(f"{thousandths // 1000}.{thousandths % 1000:03}", use_l10n=True)
    return _("%(number)s%% uptime") % {"number": number}


def drawing(days: Sequence[Day], since: date | None) -> Bars:
    """The bars of `days`, today at the end; days before `since` are not there."""
    first = DAYS - len(days)
    places = [(place, day) for place, day in enumerate(days, first) if since is None or day.date >= since]
    start = places[0][0] if places else DAYS
    return Bars(
        paths=tuple(paths(places)),
        start=STEP * start,
        text=in_words([day for _place, day in places]),
    )


def paths(places: Iterable[tuple[int, Day]]) -> Iterator[tuple[str, str]]:
    """One path for each kind of trouble, mildest first."""
    by_status: dict[ComponentStatus, list[int]] = {}
    for place, day in places:
        if day.worst != OPERATIONAL:
            by_status.setdefault(day.worst, []).append(place)
    for status in sorted(by_status, key=RANK.__getitem__):
        yield status, "".join(stroke(place, status) for place in by_status[status])


def in_words(days: Sequence[Day]) -> str:
    """What the bars show, for those who do not see them: each kind of trouble with its days."""
    if not days:
        return _("Not in service yet.")
    shown = ngettext("The last %(count)s day:", "The last %(count)s days:", len(days)) % {"count": len(days)}
    troubles = list(troubles_in_words(days)) or [_("no disruption.")]
    return " ".join([shown, *troubles])


def troubles_in_words(days: Sequence[Day]) -> Iterator[str]:
    """ "Major outage: 4 Nov, 6 Oct to 9 Oct." - the newest days first, every one of them."""
    for status in sorted(TOP, key=RANK.__getitem__, reverse=True):
        dates = [day.date for day in reversed(days) if day.worst == status]
        if dates and status != OPERATIONAL:
            told = _(", ").join(span_text(*each) for each in spans(dates))
            # Translators: on which days a component had a status: "Major outage: 4 Nov, 6 Oct to 9 Oct."
            yield _("%(status)s: %(dates)s.") % {"status": COMPONENT_STATUS[status], "dates": told}


def spans(dates: Iterable[date]) -> list[tuple[date, date]]:
    """First and last day of each run of days that follow one another; `dates` are newest first, and so are these."""
    found: list[tuple[date, date]] = []
    for day in dates:
        if found and found[-1][0] - day == timedelta(days=1):
            found[-1] = (day, found[-1][1])
        else:
            found.append((day, day))
    return found


def span_text(first: date, last: date) -> str:
    """ "4 Nov", "6 Oct to 9 Oct"."""
    if first == last:
        return short_day_text(first)
    ends = {"first": short_day_text(first), "last": short_day_text(last)}
    # Translators: days in a row within a list of days: "4 Nov, 6 Oct to 9 Oct".
    return pgettext("within a list", "%(first)s to %(last)s") % ends


def legend() -> list[tuple[ComponentStatus, str]]:
    """What the bars of each kind look like, the mildest first: path data by status."""
    kinds = sorted(TOP, key=RANK.__getitem__)
    return [(kind, f"M0 {LINES['operational']}H3" if kind == OPERATIONAL else stroke(0, kind)) for kind in kinds]


def stroke(place: int, status: ComponentStatus) -> str:
    """The bar of one day, as path data."""
    return f"M{STEP * place + 1.5} {TOP[status]}V{HEIGHT}"
