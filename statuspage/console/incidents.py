"""The incident room: open, say the next word; thin doors to `actions.incidents`."""

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from statuspage import events, selectors
from statuspage.actions import incidents
from statuspage.actions.components import standing
from statuspage.labels import CAUSE, IMPACT, INCIDENT_STATUS, SEVERITY
from statuspage.models import Incident, IncidentComponent
from statuspage.roles import CLIENTS_REPORTS
from statuspage.status import IMPACT_RANK, impact_of
from statuspage.vocabulary import OPEN_INCIDENT, ComponentStatus, Impact, IncidentStatus

from . import clocks, doors, progress, withdrawals
from .forms import changed
from .incident_forms import IncidentForm, UpdateForm
from .telling import Telling


def new(request: HttpRequest) -> HttpResponse:
    """Open an incident with its components in one form."""
    return Telling(
        request=request,
        make=IncidentForm,
        template="console/incident_new.html",
        context=lambda: {"title": _("Open an incident")},
        event=preview_new,
        act=lambda form: incidents.open_incident(actor=doors.actor(request), **form.facts()),
        target=lambda incident: reverse("admin:incident", args=[incident.pk]),
        draft_kind="incident",
        review_context=review_new,
    ).answer()


def room(request: HttpRequest, pk: str) -> HttpResponse:
    """Everything about one incident, and the form for its next update."""
    incident = get_object_or_404(Incident.everything, pk=pk)
    if incident.withdrawn_at:
        return withdrawals.room(request, incident)
    names_clients = not doors.actor(request).abilities.isdisjoint(CLIENTS_REPORTS)

    def make(data: Any) -> UpdateForm:
        interval = clocks.interval_of(incident, timezone.now(), names_clients)
        return UpdateForm(data, incident=incident, elsewhere=elsewhere(incident), interval=interval)

    return Telling(
        request=request,
        make=make,
        template="console/incident.html",
        context=lambda: room_context(incident),
        event=lambda form: preview(form, incident),
        act=lambda form: incidents.publish_update(incident=incident, actor=doors.actor(request), **form.facts()),
        target=lambda update: reverse("admin:incident", args=[pk]),
        subject=incident,
        draft_kind="update",
        review_context=lambda form: review(form, incident),
    ).answer()


def room_context(incident: Incident) -> dict[str, Any]:
    updates = incident.updates.select_related("author", "incident")
    return {
        "title": incident.name,
        "incident": incident,
        "timeline": progress.timeline(updates, timezone.now()),
        "others": contradictions(incident),
        "clocks": clocks.of_incident(incident, timezone.now()),
        "confirmed": incident.failure_reports.count(),
        "alerts": selectors.alert_groups_of(incident),
        "alert_notes": incident.alert_notes.all(),
        "outages": incident.outages.filter(is_current=True).select_related("component__group"),
    }


def elsewhere(incident: Incident) -> dict[Any, ComponentStatus]:
    """What others say of this incident's components: to that they return when it is resolved."""
    return standing(incident.components.select_related("group"), besides=incident)


def contradictions(incident: Incident) -> list[dict[str, Any]]:
    """The other open incidents' words on this one's components, where they are not well."""
    claims = IncidentComponent.objects.filter(
        component__in=incident.components.all(), incident__in=selectors.open_incidents()
    ).exclude(incident=incident)
    unwell = claims.exclude(status=ComponentStatus.OPERATIONAL).select_related("component__group", "incident")
    return [{"component": each.component, "incident": each.incident, "status": each.status} for each in unwell]


# --- What a review shows -------------------------------------------------------------------------


def preview_new(form: Any) -> events.IncidentUpdatePublished:
    """The event that publishing this form would emit, for the ports to count by."""
    facts = form.facts()
    return event(facts, subject_id="", name=facts["name"], severity=facts["severity"], touched=set())


def preview(form: Any, incident: Incident) -> events.IncidentUpdatePublished:
    touched = set(incident.claims.values_list("component_id", flat=True))
    return event(form.facts(), subject_id=incident.pk, name=incident.name, severity=incident.severity, touched=touched)


def event(facts: dict[str, Any], *, touched: set[str], **subject: Any) -> events.IncidentUpdatePublished:
    return events.IncidentUpdatePublished(
        update_id="",
        status=facts["status"],
        body=facts["body"],
        component_ids=tuple(sorted(touched | set(facts["components"]))),
        published_at=timezone.now(),
        next_update_by=facts["next_update_by"],
        notify=facts["notify"],
        **subject,
    )


def review_new(form: Any) -> dict[str, Any]:
    facts = form.facts()
    impact = facts["impact"] or impact_of(ComponentStatus(each) for each in facts["components"].values())
    lines = [
        (_("Status"), INCIDENT_STATUS[facts["status"]]),
        (_("Impact"), IMPACT[impact]),
        (_("Severity"), SEVERITY.get(facts["severity"])),
        (_("Cause"), CAUSE[facts["cause"]]),
    ]
    warnings = [] if facts["components"] else [_("No component is named: the page will go on saying that all is well.")]
    return {
        "lines": [(label, value) for label, value in lines if value],
        "changes": list(changed(form.components, facts["components"])),
        "warnings": warnings,
        "started_at": facts["started_at"],
    }


def review(form: Any, incident: Incident) -> dict[str, Any]:
    facts = form.facts()
    return {
        "lines": [
            (_("Status"), INCIDENT_STATUS[facts["status"]]),
            (_("Impact"), IMPACT[impact_after(incident, facts)]),
        ],
        "changes": list(changed(form.components, facts["components"])),
        "warnings": list(warnings(form, facts)),
    }


def impact_after(incident: Incident, facts: dict[str, Any]) -> Impact:
    """An impact that follows the components only ever grows."""
    held = Impact(incident.impact)
    said = impact_of(ComponentStatus(each) for each in facts["components"].values())
    return held if incident.impact_is_chosen else max(held, said, key=IMPACT_RANK.index)


def warnings(form: UpdateForm, facts: dict[str, Any]) -> Iterator[str]:
    if form.reopens:
        yield _("This reopens the incident.")
    if facts["status"] in OPEN_INCIDENT and form.interval:
        yield from form.interval.lacks(facts["next_update_by"], timezone.now())
    if facts["status"] == IncidentStatus.RESOLVED:
        for each in form.own:
            component = each["component"]
            if facts["components"].get(component.pk, component.status) != ComponentStatus.OPERATIONAL:
                yield _("%(name)s is still not operational after this.") % {"name": component.full_name}
