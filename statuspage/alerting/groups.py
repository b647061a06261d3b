"""Pure: what a group's alerts have been through, and what is to be said of them now.

A group is what a monitoring system calls one: alerts that are told of together. Its course is
kept from message to message, so that messages may be repeated, overtake each other, or be lost
for a while, and the last one still makes it true.

    heard(course, report) -> course        what the alerts are, as far as anybody can know
    decide(course, hands) -> course, step  what follows: open, update, resolve, reopen, note, or nothing
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from statuspage.status import IMPACT_RANK, RANK
from statuspage.vocabulary import ComponentStatus, Impact

from .facts import STATUS_RANK, Act, Alert, Course, Hands, Pace, Report, Said, Step

REMEMBERED = timedelta(days=1)
"""How long an alert that is over still counts for its incident's status and impact."""


# --- What is heard ------------------------------------------------------------------------------


def heard(course: Course, report: Report, now: datetime, pace: Pace) -> Course:
    """The course after one more message, whenever it was sent."""
    alerts = {key: each for key, each in course.alerts.items() if each.fires or now - _seen(each) < REMEMBERED}
    for each in report.alerts:
        known = alerts.get(each.fingerprint)
        if known is None or _is_news(each, known, now, pace):
            alerts[each.fingerprint] = replace(each, seen_at=now)
    if report.is_whole:
        alerts |= {each.fingerprint: each for each in _gone(alerts, report, now, pace)}
    hidden = report.hidden if report.is_whole or report.hidden else course.hidden
    return _timed(replace(course, alerts=alerts, hidden=hidden), now)


def _timed(course: Course, now: datetime) -> Course:
    """When it was over, and when it came back."""
    is_quiet = course.over_at is not None and course.back_at is None
    if not course.firing:
        return course if is_quiet else replace(course, over_at=now, back_at=None)
    return replace(course, back_at=now) if is_quiet else course


def _is_news(each: Alert, known: Alert, now: datetime, pace: Pace) -> bool:
    """Whether it tells later facts of that alert than are known.

    The end of an alert belongs to whatever of it began before that end: a monitoring system may join
    two of its times into one. It may fire again from the same start; only a message that was on its way
    when it ended says so at once.
    """
    if each.ends_at is not None:
        return each.ends_at >= max(known.starts_at, known.ends_at or known.starts_at)
    if each.starts_at > known.starts_at:
        return True
    if known.fires:
        return each.starts_at == known.starts_at
    return now - _seen(known) > pace.order


def _gone(alerts: Mapping[str, Alert], report: Report, now: datetime, pace: Pace) -> list[Alert]:
    """What fired, and a message with all alerts no longer has: silenced, inhibited, or forgotten."""
    told = {each.fingerprint for each in report.alerts}
    missing = [each for key, each in alerts.items() if each.fires and key not in told]
    return [replace(each, ends_at=max(now, each.starts_at)) for each in missing if now - _seen(each) > pace.order]


def _seen(alert: Alert) -> datetime:
    return alert.seen_at or alert.starts_at


# --- What follows -------------------------------------------------------------------------------


def decide(course: Course, hands: Hands, now: datetime, pace: Pace) -> tuple[Course, Step]:
    """What is to be said now, and the course once it is said. Asked again, nothing follows any more."""
    want = wanted(course)
    if hands != Hands.ALERTS:
        return _note(course, hands, want, now, pace)
    if course.said is None:
        return (course, Step()) if want.is_over else _say(course, Act.OPEN, want, now, pace)
    if want.is_over and course.hidden:  # what the message left out may fire
        return course, Step()
    if not course.said.is_over:
        return _go_on(course, want, now, pace)
    if want.is_over:
        return course, Step()
    if course.said_at and now - course.said_at < pace.quiet:
        return _say(course, Act.REOPEN, want, now, pace)
    return decide(anew(course), hands, now, pace)


def anew(course: Course) -> Course:
    """What fires now, and nothing of what was: the group's next incident begins."""
    return Course(alerts={each.fingerprint: each for each in course.firing}, hidden=course.hidden)


def _note(course: Course, hands: Hands, want: Said, now: datetime, pace: Pace) -> tuple[Course, Step]:
    """Staff decide, and are told. Only what fires after a quiet time, on an incident that they closed, is a new one."""
    was_quiet = course.over_at and course.back_at and course.back_at - course.over_at >= pace.quiet
    if hands == Hands.STAFF_CLOSED and was_quiet:
        return decide(anew(course), Hands.ALERTS, now, pace)
    known = course.said or Said(is_over=True)
    if known.is_over == want.is_over and not any(changed(known, want)):
        return course, Step()
    return _say(course, Act.NOTE, want, now, pace)


def _go_on(course: Course, want: Said, now: datetime, pace: Pace) -> tuple[Course, Step]:
    """The incident is open. While it is unsteady only what is worse is said."""
    said = course.said or want
    course, is_held = _awaited(course, want, now, pace)
    target = joined(said, want) if is_held else grown(said, want)
    if target.is_over:
        return _say(course, Act.RESOLVE, target, now, pace)
    if any(changed(said, target)):
        return _say(course, Act.UPDATE, target, now, pace)
    waits = want.is_over or any(changed(said, want))
    return course, Step(again_at=course.unsteady_until if waits else None)


def _awaited(course: Course, want: Said, now: datetime, pace: Pace) -> tuple[Course, bool]:
    """Whether good news must wait; each change while it waits begins the wait anew."""
    is_held = course.unsteady_until is not None and now < course.unsteady_until
    known = course.wanted or want
    if is_held and (known.is_over != want.is_over or any(changed(known, want))):
        course = replace(course, unsteady_until=now + pace.quiet)
    return replace(course, wanted=want), is_held


def _say(course: Course, act: Act, said: Said, now: datetime, pace: Pace) -> tuple[Course, Step]:
    before = course.said
    is_worse, is_better, _is_news = changed(before or Said(), said)
    flaps = course.better_at is not None and now - course.better_at < pace.quiet and is_worse
    is_better = is_better or said.is_over
    kept = replace(
        course,
        said=said,
        said_at=now,
        wanted=said if course.wanted is None else course.wanted,
        better_at=now if is_better else course.better_at,
        unsteady_until=now + pace.quiet if flaps or act == Act.REOPEN else course.unsteady_until,
    )
    again_at = kept.unsteady_until if kept.unsteady_until and kept.unsteady_until > now else None
    return kept, Step(act=act, said=said, before=before, is_worse=is_worse, is_better=is_better, again_at=again_at)


# --- What would be said -------------------------------------------------------------------------


def wanted(course: Course) -> Said:
    """What is true of the alerts now: the highest status and impact of all, of each component the worst that fires."""
    firing, every = course.firing, course.alerts.values()
    if not firing:
        return Said(is_over=True)
    return Said(
        status=max((each.status for each in every), key=STATUS_RANK.index),
        impact=highest(each.impact for each in every),
        components=_components(firing),
        lines={each.fingerprint: each.summary for each in firing if each.summary},
    )


def _components(firing: Iterable[Alert]) -> dict[str, ComponentStatus | None]:
    found: dict[str, ComponentStatus | None] = {}
    for each in firing:
        for pk in each.components:
            found[pk] = max(found.get(pk), each.component_status, key=level)
    return found


def highest(impacts: Iterable[Impact | None]) -> Impact | None:
    return max((each for each in impacts if each), key=IMPACT_RANK.index, default=None)


def level(status: ComponentStatus | None) -> int:
    """How bad it is; -1 where nothing is said of how it is."""
    return -1 if status is None else RANK[status]


def changed(old: Said, new: Said) -> tuple[bool, bool, bool]:
    """Whether the new is worse, is better, is further on; a line that says the same in other figures is neither."""
    ups = [pk for pk, status in new.components.items() if pk not in old.components or _is_up(old, pk, status)]
    downs = [pk for pk, status in old.components.items() if pk not in new.components or _is_up(new, pk, status)]
    stays = {words for key, words in new.lines.items() if key in old.lines}
    told, tells = stays | set(old.lines.values()), set(new.lines.values())
    adds = any(key not in old.lines and words not in told for key, words in new.lines.items())
    drops = any(key not in new.lines and words not in tells for key, words in old.lines.items())
    is_graver = highest([old.impact, new.impact]) != old.impact
    is_further = not new.is_over and STATUS_RANK.index(new.status) > STATUS_RANK.index(old.status)
    return bool(ups or adds or is_graver), bool(downs or drops), is_further


def _is_up(other: Said, pk: str, status: ComponentStatus | None) -> bool:
    return level(status) > level(other.components[pk])


def grown(said: Said, want: Said) -> Said:
    """As wanted; status and impact of one incident only ever grow."""
    status = max(said.status, want.status, key=STATUS_RANK.index)
    return replace(want, status=status, impact=highest([said.impact, want.impact]))


def joined(said: Said, want: Said) -> Said:
    """What was said, and whatever of the wanted is worse."""
    if want.is_over:
        return said
    components = {
        pk: max(said.components.get(pk), want.components.get(pk), key=level)
        for pk in [*said.components, *want.components]
    }
    new = {key: words for key, words in want.lines.items() if key not in said.lines}
    return replace(grown(said, want), components=components, lines={**said.lines, **new})
