"""Outages follow their incident: taken up when it is opened, corrected when its cause is. Called inside its actions."""

from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext as _

from statuspage import audit
from statuspage.labels import CAUSE
from statuspage.models import Component, Incident, Outage
from statuspage.vocabulary import Cause, ComponentStatus

from .outages import replace


def take_up(incident: Incident, components: Iterable[Component], *, actor: audit.Actor, at: datetime) -> None:
    """What was open before the incident that tells of it becomes this incident's, with its cause.

    An outage of another incident, or of a maintenance, stays that one's.
    """
    nobodys = Outage.objects.current().filter(component__in=list(components), ended_at=None)
    why = _("The incident “%(name)s” tells of it.") % {"name": incident.name}
    for outage in nobodys.filter(incident=None, maintenance=None).select_related("component"):
        facts = {"incident": incident, "cause": caused_by(outage, Cause(incident.cause))}
        replace(outage, "correct_outage", actor=actor, at=at, reason=why, **facts)


def follow_cause(incident: Incident, before: str, *, actor: audit.Actor, at: datetime, reason: str = "") -> None:
    """The incident's cause was corrected: so are its outages, but for those that were given another one by hand."""
    after = Cause(incident.cause)
    why = reason or _("The cause of the incident was corrected: %(cause)s.") % {"cause": CAUSE[after]}
    for outage in incident.outages.current().select_related("component"):
        new = caused_by(outage, after)
        if outage.cause == caused_by(outage, Cause(before)) and outage.cause != new:
            replace(outage, "correct_outage", actor=actor, at=at, reason=why, cause=new)


def caused_by(outage: Outage, cause: Cause) -> Cause:
    """Why this outage of an incident with that cause was: work is work, and a third party's component is theirs."""
    if outage.maintenance_id or outage.status == ComponentStatus.UNDER_MAINTENANCE:
        return Cause.MAINTENANCE
    if cause == Cause.OWN and outage.component.is_third_party:
        return Cause.THIRD_PARTY
    return cause
