"""What lies beside a window: other windows and open incidents, and in words where they meet it."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from statuspage import selectors
from statuspage.models import Incident, Maintenance

from .plans import Plan

STILL_OPEN = timedelta(hours=24)
"""An incident that is open now is thought to matter to work that begins within this."""


def lists() -> dict[str, Any]:
    """For the planner: all other windows and all open incidents, with their components."""
    return {
        "other_windows": selectors.open_maintenances().prefetch_related("claims__component__group"),
        "open_incidents": selectors.open_incidents().prefetch_related("claims__component__group"),
    }


def warnings(plan: Plan) -> list[str]:
    """A sentence for each window, and each open incident, that meets this one in time and component."""
    return [*windows_at_once(plan), *incidents_at_once(plan)]


def windows_at_once(plan: Plan) -> Iterator[str]:
    meeting = selectors.open_maintenances().filter(scheduled_for__lt=plan.end, scheduled_until__gt=plan.start)
    if plan.maintenance:
        meeting = meeting.exclude(pk=plan.maintenance.pk)
    for each in meeting.prefetch_related("claims__component__group"):
        if names := shared(plan, each):
            said = _("At the same time %(title)s works on %(components)s too.")
            yield said % {"title": each.name, "components": names}


def incidents_at_once(plan: Plan) -> Iterator[str]:
    if plan.start > timezone.now() + STILL_OPEN:
        return
    for each in selectors.open_incidents().prefetch_related("claims__component__group"):
        if names := shared(plan, each):
            said = _("An incident is open that speaks of %(components)s: %(title)s.")
            yield said % {"title": each.name, "components": names}


def shared(plan: Plan, other: Maintenance | Incident) -> str:
    """The names of the components that both speak of; what names none meets what names none."""
    claims: Iterable[Any] = other.claims.all()
    names = [claim.component.full_name for claim in claims if claim.component_id in plan.components]
    if not names and not plan.components and not claims:
        return _("the whole page")
    return _(", ").join(names)
