"""Worked cases: JSON in, results out, through the code the product itself uses (`manage.py sla_check`)."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from statuspage.vocabulary import Cause, Severity

from . import clocks, credits, refunds
from .availability import Interruption, availability
from .clocks import Event, Step
from .contracts import CONTRACTS, Contract, Redundancy
from .exact import decimal, percentage
from .fields import (
    EARLIEST,
    LATEST,
    SHOWN,
    Fields,
    Unusable,
    a_list,
    count,
    first_twice,
    flag,
    instant,
    named,
    shown,
    text,
    word,
    zone,
)
from .intervals import Interval
from .notice import Revision, Window
from .periods import month, year

Result = dict[str, Any]

PLACES = 6
"""Decimals of a percentage here; statements show four."""
SEVERITIES = {each.name: each for each in Severity}
INTERRUPTING = (Cause.OWN, Cause.THIRD_PARTY, Cause.BEYOND_CONTROL)


def read(data: Any) -> list[tuple[Fields, str]]:
    """The cases of a file with their ids. Raises Unusable where it has another shape."""
    file = Fields(data, "file")
    rows = file.take("cases", a_list)
    file.done()
    names = [Fields(each, f"cases[{number}]").take("id", text) for number, each in enumerate(rows)]
    if twice := first_twice(names):
        raise Unusable(f"case {named(twice)}: id: comes twice")
    return [(Fields(each), name) for each, name in zip(rows, names, strict=True)]


def kind(value: Any) -> str:
    if text(value) not in KINDS:
        raise Unusable(f"{shown(value)} is not one of {', '.join(KINDS)}")
    return str(value)


def results(data: Any) -> Iterator[tuple[Result, Result | None]]:
    """Each case's result, and what it was expected to be. Raises Unusable naming case and key."""
    for case, name in read(data):
        try:
            yield result(case, name)
        except Unusable as error:
            raise Unusable(f"case {named(name)}: {error}") from None


def result(case: Fields, name: str) -> tuple[Result, Result | None]:
    case.asked.add("id")
    of = case.take("kind", kind)
    case.take("title", a_title, "")
    expected = case.take("expect", an_object, None)
    found = KINDS[of](case)
    case.done()
    return {"id": name, **found}, expected


def a_title(value: Any) -> str:
    return "" if value == "" else text(value)


def an_object(value: Any) -> Result:
    """A JSON object as it stands."""
    if not isinstance(value, dict):
        raise Unusable("not an object")
    if twice := getattr(value, "twice", None):
        raise Unusable(f"{named(twice)} comes twice")
    return value


# --- Availability -----------------------------------------------------------------------------


def judge_availability(case: Fields) -> Result:
    contract = case.take("contract", a_contract)
    period = a_period(case, contract)
    redundancy = case.take("redundancy", word(Redundancy)) if contract.is_yearly else None
    as_of = case.take("as_of", instant, None)
    down = [interruption(each, as_of) for each in case.each("interruptions")]
    found = availability(contract, period, down, [window(each) for each in case.each("maintenance")], redundancy)
    credit = {"credit_days": found.credit_days} if contract.bands else {}
    return {
        "total_seconds": decimal(found.total_seconds),
        "counted_seconds": decimal(found.counted_seconds),
        "availability": percentage(found.share, PLACES),
        "met": found.is_met,
        **credit,
    }


def a_contract(value: Any) -> Contract:
    if text(value) not in CONTRACTS:
        raise Unusable(f"{shown(value)} is not one of {', '.join(CONTRACTS)}")
    return CONTRACTS[value]


def a_period(case: Fields, contract: Contract) -> Interval:
    """A month or a year, one of them; the enterprise contract knows months only."""
    at = case.take("time_zone", zone)
    period = Fields(case.take("period", an_object), "period")
    allowed = "year or month" if contract.is_yearly else "month"
    if len(period.given) != 1:
        raise Unusable("period: is one month or one year")
    if "year" in period.given and contract.is_yearly:
        return period.take("year", lambda value: within_reach(lambda: year(count(value), at)))
    if "month" not in period.given:
        raise period.fail(next(iter(period.given)), f"the {contract.name} contract is judged by {allowed}")
    return period.take("month", lambda value: within_reach(lambda: month(text(value), at)))


def within_reach(period: Callable[[], Interval]) -> Interval:
    try:
        found = period()
    except (ValueError, OverflowError) as error:
        raise error if isinstance(error, Unusable) else Unusable(str(error)[: 2 * SHOWN]) from None
    if not EARLIEST <= found.start < found.end < LATEST:
        raise Unusable("not within the years 2 to 9997")
    return found


def interruption(row: Fields, as_of: datetime | None) -> Interruption:
    found = Interruption(row.take("service", text), row.interval(as_of), row.take("cause", an_interrupting_cause))
    row.done()
    return found


def an_interrupting_cause(value: Any) -> Cause:
    found = word(Cause)(value)
    if found not in INTERRUPTING:
        raise Unusable(f"{shown(value)} is not one of {', '.join(INTERRUPTING)}")
    return found


def window(row: Fields) -> Window:
    """One window, or every revision of one that moved."""
    moved = row.each("revisions") if "revisions" in row.given else None
    if moved is not None and not moved:
        raise row.fail("revisions", "empty")
    revisions = [revision(each) for each in moved] if moved else [revision(row)]
    for each in moved or ():
        each.done()
    found = Window(
        service=row.take("service", text),
        revisions=tuple(revisions),
        cancelled=row.take("cancelled", flag, False),
        emergency_approved=row.take("emergency_approved", flag, False),
    )
    row.done()
    return found


def revision(row: Fields) -> Revision:
    return Revision(*row.interval(), row.take("noticed_at", instant))


# --- Credits, refunds, clocks -------------------------------------------------------------------


def judge_claim(case: Fields) -> Result:
    at = case.take("time_zone", zone)
    key = case.take("month", lambda value: a_month(value, at))
    days = case.take("credit_days", lambda value: [count(each) for each in a_list(value)])
    claim = credits.claim(key, at, days, case.take("claimed_at", instant), CONTRACTS["enterprise"])
    return {"accepted": claim.accepted, "days": claim.days, "last_day": claim.last_day.isoformat()}


def a_month(value: Any, at: ZoneInfo) -> str:
    within_reach(lambda: month(text(value), at))
    return str(value)


def judge_refund(case: Fields) -> Result:
    at = case.take("time_zone", zone)
    reports = [report(each) for each in case.each("reports")]
    if twice := first_twice(each.id for each in reports):
        raise Unusable(f"reports: id {shown(twice)} comes twice")
    verdict = refunds.refunds(reports, at, CONTRACTS["platform"].refunds)
    granted = [{"month": each.month, "rule": each.rule} for each in verdict.refunds]
    return {"refunds": granted, "review": verdict.review}


def report(row: Fields) -> refunds.Report:
    found = refunds.Report(
        id=row.take("id", text),
        reported_at=row.take("reported_at", instant),
        severity=row.take("severity", a_severity),
        provider_caused=row.take("provider_caused", flag),
        failure=row.take("failure", text),
        affected_messages=row.take("affected_messages", count, None),
        total_messages=row.take("total_messages", count, None),
    )
    row.done()
    needs_counts = found.severity == Severity.II and found.provider_caused
    for name, value in (("affected_messages", found.affected_messages), ("total_messages", found.total_messages)):
        if needs_counts and value is None:
            raise row.fail(name, "missing")
    if (found.affected_messages or 0) > (found.total_messages or 0) and found.total_messages is not None:
        raise row.fail("affected_messages", "more than total_messages")
    return found


def a_severity(value: Any) -> Severity:
    if text(value) not in SEVERITIES:
        raise Unusable(f"{shown(value)} is not one of {', '.join(SEVERITIES)}")
    return SEVERITIES[value]


def judge_clock(case: Fields) -> Result:
    severity = case.take("severity", a_severity)
    reported_at = case.take("reported_at", instant)
    completed_at = case.take("report_completed_at", instant, reported_at)
    if completed_at < reported_at:
        raise Unusable("report_completed_at: before reported_at")
    events = [event(each, reported_at) for each in case.each("events")]
    now = last_instant(case, events)
    try:
        found = clocks.clocks(CONTRACTS["platform"].severities[severity], completed_at, events, now)
    except ValueError as error:
        raise Unusable(f"events: {error}") from None
    return {"response": found.response, "fix": found.fix, "progress_missed": found.progress_missed}


def event(row: Fields, reported_at: datetime) -> Event:
    found = Event(row.take("at", instant), row.take("type", word(Step)))
    row.done()
    if found.at < reported_at:
        raise row.fail("at", "before reported_at")
    return found


def last_instant(case: Fields, events: list[Event]) -> datetime:
    """Until when the clocks are read: the resolution, else `as_of`, which nothing may follow."""
    as_of = case.take("as_of", instant, None)
    if as_of is not None and any(each.at > as_of for each in events):
        raise Unusable("as_of: before an event")
    resolved = min((each.at for each in events if each.step == Step.RESOLVED), default=None)
    if (until := resolved or as_of) is None:
        raise Unusable("as_of: missing, and nothing is resolved")
    return until


KINDS: dict[str, Callable[[Fields], Result]] = {
    "availability": judge_availability,
    "credit_claim": judge_claim,
    "refund": judge_refund,
    "clock": judge_clock,
}
