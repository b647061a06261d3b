"""Refunds of the messaging platform contract, 5.2: too many failures that the client properly reported.

(a) more than so many of Severity I, or (b) more than so many of Severity II that each hit
a good part of the client's messages, within consecutive days (`contracts.RefundRule`).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from statuspage.vocabulary import Severity

from .contracts import PLATFORM, RefundRule


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
    def share(self) -> Fraction:
        """The part of the client's messages that it hit; 0 where none were sent or nobody said."""
        if not self.total_messages or self.affected_messages is None:
            return Fraction(0)
        return Fraction(self.affected_messages, self.total_messages)


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
    """A rule at work. `unused` is what no refund has used up."""

    of: RefundRule
    unused: list[Report] = field(default_factory=list)

    @property
    def needed(self) -> int:
        return self.of.more_than + 1

    def counts(self, report: Report) -> bool:
        """Whether it counts for this rule at all."""
        if not report.provider_caused or report.severity != self.of.severity:
            return False
        return self.of.share is None or report.share >= self.of.share

    def by_dates(self, last: Report, zone: ZoneInfo) -> list[Report]:
        """The unused ones within the dates that end with this report's: the first is day 1."""
        day = last.reported_at.astimezone(zone).date()
        return [each for each in self.unused if (day - each.reported_at.astimezone(zone).date()).days < self.of.dates]

    def by_hours(self, last: Report) -> list[Report]:
        """28 times 24 hours may reach into a 29th date: then the texts differ, and a person decides."""
        return [each for each in self.unused if last.reported_at - each.reported_at <= timedelta(days=self.of.dates)]


def refunds(reports: Iterable[Report], zone: ZoneInfo, of: Iterable[RefundRule] = PLATFORM.refunds) -> Verdict:
    """Go through the failures in time: the first rule that is met names its month's one refund."""
    rules = [Rule(each) for each in of]
    granted: list[Refund] = []
    review = False
    for report, rule in failures(reports, rules):
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
    return Refund(key, rule.of.name, tuple(each.id for each in used))


def failures(reports: Iterable[Report], rules: Sequence[Rule]) -> Iterator[tuple[Report, Rule]]:
    """The first complete report of each failure with the rule it counts for, in order of time."""
    seen: set[str] = set()
    for report in sorted(reports, key=lambda each: (each.reported_at, each.id)):
        if report.failure in seen:
            continue
        seen.add(report.failure)
        if rule := next((each for each in rules if each.counts(report)), None):
            yield report, rule
