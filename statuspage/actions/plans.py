"""How a window begins, ends and is told of: the checked plan beside its times."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypedDict

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from statuspage.models import MaintenanceSeries
from statuspage.vocabulary import Impact

from .base import one_of

MOST_REMINDERS = 8
NEAREST_MINUTES = 5
FARTHEST_MINUTES = 30 * 24 * 60


class Planned(TypedDict, total=False):
    """The arguments that make a Plan."""

    reminders: Sequence[int] | None
    auto_start: bool
    auto_complete: bool
    tells_start: bool
    tells_end: bool
    shows_notice: bool
    impact: str
    series: MaintenanceSeries | None
    occurs_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What of a maintenance is no time and no text. `reminders`: minutes before the start; None: the default."""

    reminders: Sequence[int] | None = None
    auto_start: bool = True
    auto_complete: bool = True
    tells_start: bool = True
    tells_end: bool = True
    shows_notice: bool = False
    impact: str = Impact.MAINTENANCE
    series: MaintenanceSeries | None = None
    occurs_at: datetime | None = None

    def columns(self) -> dict[str, Any]:
        """The columns of a Maintenance. Raises ValidationError for reminders that cannot be, and an unknown impact."""
        impact = one_of(Impact, self.impact, "impact")
        return {**vars(self), "reminders": reminder_minutes(self.reminders), "impact": impact}


def reminder_minutes(values: Sequence[int] | None, field: str = "reminders") -> list[int] | None:
    """Whole minutes before the start, the earliest reminder first; None: the default by rule; empty: no reminder."""
    if values is None:
        return None
    wanted = list(values)
    if len(wanted) > MOST_REMINDERS:
        raise ValidationError({field: _("Give at most %(most)d reminders.") % {"most": MOST_REMINDERS}})
    if any(not is_in_reach(each) for each in wanted):
        raise ValidationError(
            {field: _("A reminder comes a whole number of minutes before the start, from 5 minutes to 30 days.")}
        )
    if len(set(wanted)) < len(wanted):
        raise ValidationError({field: _("Two reminders come at the same time.")})
    return sorted(wanted, reverse=True)


def is_in_reach(value: Any) -> bool:
    """Whether a reminder may come so many minutes before a start; True is no number."""
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    return is_whole and NEAREST_MINUTES <= value <= FARTHEST_MINUTES
