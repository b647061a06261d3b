"""The window of a refund as a drawing: its dates, and when each failure in it and beside it was reported."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from statuspage.remedies.refunds import Proposal
from statuspage.sla.intervals import Interval
from statuspage.sla.refunds import Report

WIDTH, HEIGHT = 640, 72
MIDDLE = 32
BESIDE = timedelta(days=5)
"""How much is shown before and after the window."""
USED, DECIDING, OTHER = "used", "deciding", "other"


@dataclass(frozen=True)
class Mark:
    """One failure: how far from the left edge, and what it is to the refund."""

    x: int
    role: str


@dataclass(frozen=True)
class Course:
    """The window's band and the failures on it."""

    start: int
    span: int
    marks: list[Mark]
    width: int = WIDTH
    height: int = HEIGHT
    middle: int = MIDDLE


def shown(proposal: Proposal) -> list[Report]:
    """The failures of the rule's severity in the window and shortly beside it, in time."""
    around = Interval(proposal.window.start - BESIDE, proposal.window.end + BESIDE)
    near = (each for each in proposal.reports if around.start <= each.reported_at < around.end)
    return [each for each in near if each.severity == proposal.rule.severity]


def role(proposal: Proposal, report: Report) -> str:
    """What a failure is to the refund: one of those it uses up, the one that was one too many, or another."""
    if report.id == proposal.refund.deciding:
        return DECIDING
    return USED if report.id in proposal.refund.reports else OTHER


def course(proposal: Proposal, reports: list[Report]) -> Course:
    first, last = proposal.window.start - BESIDE, proposal.window.end + BESIDE

    def across(at: datetime) -> int:
        return round(WIDTH * ((at - first) / (last - first)))

    marks = [Mark(across(each.reported_at), role(proposal, each)) for each in reports]
    start = across(proposal.window.start)
    return Course(start, across(proposal.window.end) - start, marks)
