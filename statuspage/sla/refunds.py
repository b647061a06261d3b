"""Refunds of the messaging platform contract, 5.2: too many failures that the client properly reported.

(a) more than so many of Severity I, or (b) more than so many of Severity II that each hit
a good part of the client's messages, within consecutive days (`contracts.RefundRule`).
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
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
    service: str = ""
    """The service that failed, by its name in the contract."""

    @property
    def share(self) -> Fraction:
        """The part of the client's messages that it hit; 0 where none were sent or nobody said."""
        if not self.total_messages or self.affected_messages is None:
            return Fraction(0)
        return Fraction(self.affected_messages, self.total_messages)


@dataclass(frozen=True)
class Refund:
    """The subscription of `month` is refunded by `rule`; `reports` are used up by it.

    `deciding`: the report that was one too many.
    """

    month: str
    rule: str
    reports: tuple[str, ...]
    deciding: str = field(default="", compare=False)


@dataclass(frozen=True)
class Verdict:
    """`review`: under one reading of "28 consecutive days" there is a refund, under the other there is none.

    `doubtful`: what is refunded under that other reading, for a person to decide.
    """

    refunds: tuple[Refund, ...]
    review: bool
    doubtful: tuple[Refund, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class Decided:
    """What people decided already: reports used up and months refunded by it, and deciding reports it is settled for.

    A refund that was declined settles its deciding report and uses up nothing.
    """

    used: frozenset[str] = frozenset()
    months: frozenset[str] = frozenset()
    settled: frozenset[str] = frozenset()


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

    def beside(self, last: Report) -> list[Report]:
        """The unused ones that may count together with this one.

        Where the share of the messages counts, it is that of one service: "sent under the relevant Service".
        """
        return [each for each in self.unused if self.of.share is None or each.service == last.service]

    def by_dates(self, last: Report, zone: ZoneInfo) -> list[Report]:
        """The unused ones within the dates that end with this report's: the first is day 1."""
        day = last.reported_at.astimezone(zone).date()
        rows = self.beside(last)
        return [each for each in rows if (day - each.reported_at.astimezone(zone).date()).days < self.of.dates]

    def by_hours(self, last: Report) -> list[Report]:
        """Less than 28 times 24 hours may reach into a 29th date: then the texts differ, and a person decides."""
        rows = self.beside(last)
        return [each for each in rows if last.reported_at - each.reported_at < timedelta(days=self.of.dates)]


NOTHING = Decided()


def refunds(
    reports: Iterable[Report], zone: ZoneInfo, of: Iterable[RefundRule] = PLATFORM.refunds, decided: Decided = NOTHING
) -> Verdict:
    """Go through the failures in time: the first rule that is met names its month's one refund.

    `decided` is taken as it was decided: what is found comes beside it.
    """
    rules = [Rule(each) for each in of]
    granted: list[Refund] = []
    doubtful: list[Refund] = []
    for report, rule in failures(reports, rules, decided.used):
        rule.unused.append(report)
        within, key = rule.by_dates(report, zone), f"{report.reported_at.astimezone(zone):%Y-%m}"
        if report.id in decided.settled or key in {*decided.months, *(each.month for each in granted)}:
            continue
        if len(within) >= rule.needed:
            granted.append(grant(rule, key, within, report))
        elif len(hours := rule.by_hours(report)) >= rule.needed:
            doubtful.append(refund(rule, key, hours, report))
    return Verdict(tuple(granted), bool(doubtful), tuple(doubtful))


def grant(rule: Rule, key: str, within: Sequence[Report], last: Report) -> Refund:
    """The earliest failures of the window are used up; none is used twice."""
    granted = refund(rule, key, within, last)
    rule.unused = [each for each in rule.unused if each.id not in granted.reports]
    return granted


def refund(rule: Rule, key: str, within: Sequence[Report], last: Report) -> Refund:
    return Refund(key, rule.of.name, tuple(each.id for each in within[: rule.needed]), last.id)


def failures(
    reports: Iterable[Report], rules: Sequence[Rule], used: Collection[str] = ()
) -> Iterator[tuple[Report, Rule]]:
    """The first complete report of each failure with the rule it counts for, in order of time; none that is used up."""
    rows = sorted(reports, key=lambda each: (each.reported_at, each.id))
    seen = {each.failure for each in rows if each.id in used}
    for report in rows:
        if report.failure in seen:
            continue
        seen.add(report.failure)
        if rule := next((each for each in rules if each.counts(report)), None):
            yield report, rule
