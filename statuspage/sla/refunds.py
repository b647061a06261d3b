"""Refunds of the messaging platform contract, 5.2: too many failures that the client properly reported.

(a) more than 3 of Severity I, or (b) more than 5 of Severity II that each hit at least a
quarter of the client's messages, within 28 consecutive days.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from statuspage.vocabulary import Severity

DATES = 28
"""Consecutive calendar dates in the contract's zone: the first is day 1, the last day 28."""
REVIEW = timedelta(days=28)
"""28 times 24 hours may reach into a 29th date: then the texts differ, and a person decides."""
SHARE = Fraction(1, 4)


@dataclass(frozen=True)
class Report:
    """One failure as the client reported it, at the moment the report was complete.

    `failure` is one for all reports of the same fault while it was open. Message counts
    are those of that incident; None where they play no part.
    """

    id: str
    reported_at: datetime
    severity: Severity
    provider_caused: bool
    failure: str
    affected_messages: int | None = None
    total_messages: int | None = None

    @property
    def qualifies(self) -> bool:
        """Whether it counts for a rule at all."""
        if not self.provider_caused:
            return False
        return self.severity == Severity.I or (self.severity == Severity.II and self.hit_a_quarter)

    @property
    def hit_a_quarter(self) -> bool:
        if not self.total_messages or self.affected_messages is None:
            return False
        return Fraction(self.affected_messages, self.total_messages) >= SHARE


@dataclass(frozen=True)
class Refund:
    """The subscription of `month` is refunded by `rule`; `reports` are used up by it."""

    month: str
    rule: str
    reports: tuple[str, ...]


@dataclass(frozen=True)
class Verdict:
    """`review`: under one reading of "28 consecutive days" there is a refund, under the other there is none."""

    refunds: tuple[Refund, ...]
    review: bool


@dataclass
class Rule:
    """One of the two: so many failures of one severity. `unused` is what no refund has used up."""

    name: str
    severity: Severity
    needed: int
    unused: list[Report] = field(default_factory=list)

    def by_dates(self, last: Report, zone: ZoneInfo) -> list[Report]:
        """The unused ones within the 28 dates that end with this report's."""
        day = last.reported_at.astimezone(zone).date()
        return [each for each in self.unused if (day - each.reported_at.astimezone(zone).date()).days < DATES]

    def by_hours(self, last: Report) -> list[Report]:
        return [each for each in self.unused if last.reported_at - each.reported_at <= REVIEW]


def refunds(reports: Iterable[Report], zone: ZoneInfo) -> Verdict:
    """Go through the failures in time: the first rule that is met names its month's one refund."""
    rules = [Rule("severity_1", Severity.I, 4), Rule("severity_2", Severity.II, 6)]
    granted: list[Refund] = []
    review = False
    for report in failures(reports):
        rule = next(each for each in rules if each.severity == report.severity)
        rule.unused.append(report)
        within = rule.by_dates(report, zone)
        key = f"{report.reported_at.astimezone(zone):%Y-%m}"
        if len(within) < rule.needed:
            review = review or len(rule.by_hours(report)) >= rule.needed
        elif key not in {each.month for each in granted}:
            granted.append(grant(rule, key, within))
    return Verdict(tuple(granted), review)


def grant(rule: Rule, key: str, within: Sequence[Report]) -> Refund:
    """The earliest failures of the window are used up; none is used twice."""
    used = within[: rule.needed]
    rule.unused = [each for each in rule.unused if each not in used]
    return Refund(key, rule.name, tuple(each.id for each in used))


def failures(reports: Iterable[Report]) -> Iterator[Report]:
    """The first complete report of each failure, where it counts; in order of time."""
    seen: set[str] = set()
    for report in sorted(reports, key=lambda each: (each.reported_at, each.id)):
        if report.failure not in seen:
            seen.add(report.failure)
            if report.qualifies:
                yield report
