"""What is left of the downtime that a target allows, and whether it will do until the period ends."""

from fractions import Fraction

from .intervals import Interval, clip, seconds
from .statement import Statement


def per_mille(left: Fraction, allowed: Fraction) -> int:
    """How much of the allowance is left; where none is allowed all of it is, until something counts."""
    if not allowed:
        return 1000 if left >= 0 else -1000
    return int(1000 * left / allowed // 1)


def is_at_risk(found: Statement) -> bool:
    """Whether downtime that goes on as in the period so far would use up more than is allowed by the period's end."""
    return projected(found) > found.allowed_seconds


def projected(found: Statement) -> Fraction:
    """The period's downtime in seconds, if what is still to come is as bad as what is known of it under contract."""
    known, period = found.inputs.known, found.inputs.period
    held = [each.interval for each in found.stretches]
    past = seconds(clip(held, known))
    ahead = seconds(clip(held, Interval(known.end, period.end))) if known.end < period.end else Fraction(0)
    return found.counted_seconds * (past + ahead) / past if past else Fraction(0)
