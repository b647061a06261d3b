"""The incident room: open, say the next word, correct; thin doors to `actions.incidents`."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from statuspage import events
from statuspage.actions import incidents
from statuspage.actions.base import known_components
from statuspage.actions.components import standing
from statuspage.labels import COMPONENT_STATUS, IMPACT, INCIDENT_STATUS, SEVERITY
from statuspage.models import Incident
from statuspage.vocabulary import IncidentStatus

from . import doors, drafts, telling_of
from .forms import IncidentFactsForm, IncidentForm, UpdateForm

NEXT = {
    IncidentStatus.INVESTIGATING: IncidentStatus.IDENTIFIED,
    IncidentStatus.IDENTIFIED: IncidentStatus.MONITORING,
    IncidentStatus.MONITORING: IncidentStatus.RESOLVED,
    IncidentStatus.RESOLVED: IncidentStatus.POSTMORTEM,
    IncidentStatus.POSTMORTEM: IncidentStatus.POSTMORTEM,
}
"""What usually comes next; staff may choose another."""


def new(request: HttpRequest) -> HttpResponse:
    """Open an incident with its components in one form."""
    draft = drafts.opened(request, "incident")
    form = IncidentForm(request.POST or draft or None)
    return doors.Telling(
        request=request,
        form=form,
        template="console/incident_new.html",
        event=lambda: preview(form),
        act=lambda: incidents.open_incident(actor=doors.actor(request), **form.facts()),
        target=lambda incident: reverse("admin:incident", args=[incident.pk]),
        context={"title": _("Open an incident")},
        claims=lambda: claims(form.facts()),
        draft_kind="incident",
    ).answer()


def room(request: HttpRequest, pk: str) -> HttpResponse:
    """Everything about one incident, and the form for its next update."""
    incident = get_object_or_404(Incident, pk=pk)
    form = UpdateForm(request.POST or None, initial=first_words(incident), is_open=incident.is_open)
    reopening = not incident.is_open
    return doors.Telling(
        request=request,
        form=form,
        template="console/incident.html",
        event=lambda: preview(form, incident),
        act=lambda: incidents.publish_update(
            incident=incident, actor=doors.actor(request), reopen=reopening, **with_the_rest(incident, form.facts())
        ),
        target=lambda update: reverse("admin:incident", args=[pk]),
        context=room_context(incident),
        subject=incident,
        claims=lambda: claims(with_the_rest(incident, form.facts())),
    ).answer()


def room_context(incident: Incident) -> dict[str, Any]:
    return {
        "title": incident.name,
        "incident": incident,
        "updates": telling_of.shown(incident.updates.select_related("author")),
        "others": contradictions(incident),
        "outages": incident.outages.filter(is_current=True).select_related("component__group"),
    }


def first_words(incident: Incident) -> dict[str, Any]:
    return {"status": NEXT[IncidentStatus(incident.status)], "version": incident.version}


def with_the_rest(incident: Incident, facts: dict[str, Any]) -> dict[str, Any]:
    """On resolving, what staff said nothing of returns to what other open incidents say."""
    if facts["status"] != IncidentStatus.RESOLVED:
        return facts
    elsewhere = standing(incident.components.select_related("group"), besides=incident)
    rest = {component.pk: str(status) for component, status in elsewhere.items() if component.status != status}
    return {**facts, "components": rest | facts["components"]}


def contradictions(incident: Incident) -> list[tuple[str, str]]:
    """Components that stay down for another open incident when this one is resolved."""
    components = incident.components.select_related("group")
    elsewhere = standing(components, besides=incident)
    return [(component.full_name, status) for component, status in elsewhere.items() if status != "operational"]


def claims(facts: dict[str, Any]) -> list[str]:
    """What readers will be told beside the text: the status, and each component's change."""
    said = [str(INCIDENT_STATUS[facts["status"]])]
    said += [str(IMPACT[facts["impact"]])] if facts.get("impact") else []
    said += [str(SEVERITY[facts["severity"]])] if facts.get("severity") else []
    for pk, component in known_components(list(facts["components"])).items():
        before, after = COMPONENT_STATUS[component.status], COMPONENT_STATUS[facts["components"][pk]]
        said.append(f"{component.full_name}: {before} → {after}")
    return said


def preview(form: Any, incident: Incident | None = None) -> events.IncidentUpdatePublished:
    """The event that publishing this form would emit, for the ports to count by."""
    facts = form.facts()
    ids = set(facts["components"] or {})
    if incident:
        ids |= set(incident.claims.values_list("component_id", flat=True))
    return events.IncidentUpdatePublished(
        subject_id=incident.pk if incident else "",
        update_id="",
        name=incident.name if incident else facts["name"],
        status=facts["status"],
        body=facts["body"],
        severity=incident.severity if incident else facts["severity"],
        component_ids=tuple(sorted(ids)),
        published_at=timezone.now(),
        next_update_by=facts["next_update_by"],
        notify=facts["notify"],
    )


def edit(request: HttpRequest, pk: str) -> HttpResponse:
    """Correct title, impact, severity and cause; nobody is told."""
    incident = get_object_or_404(Incident, pk=pk)
    fields = ("name", "impact", "severity", "cause", "version")
    form = IncidentFactsForm(request.POST or None, initial={name: getattr(incident, name) for name in fields})
    context = {"form": form, "title": _("Edit the incident"), "incident": incident}
    if request.method != "POST":
        return doors.page(request, "console/edit.html", context)
    if not form.is_valid():
        return doors.page(request, "console/edit.html", context, status=422)
    facts = dict(form.cleaned_data)
    version = facts.pop("version")
    try:
        incidents.edit_incident(incident=incident, actor=doors.actor(request), expected_version=version, **facts)
    except ValidationError as refused:
        form.add_error(None, refused)
        return doors.page(request, "console/edit.html", context, status=422)
    except doors.TROUBLES as trouble:
        incident.refresh_from_db()
        form.data = {**form.data.dict(), "version": incident.version}
        said = doors.told(trouble)
        return doors.page(request, "console/edit.html", {**context, **said}, status=said["status"])
    doors.say_published(request)
    return redirect("admin:incident", pk=pk)
