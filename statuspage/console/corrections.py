"""Corrections, which tell nobody: an incident's title and class, the text of any update."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from statuspage.actions import corrections, incidents
from statuspage.models import Incident, IncidentUpdate, MaintenanceUpdate
from statuspage.roles import Ability

from . import doors
from .incident_forms import CorrectionForm, FactsForm
from .keeping import Keeping

Update = IncidentUpdate | MaintenanceUpdate


def edit(request: HttpRequest, pk: str) -> HttpResponse:
    """Correct title, impact, severity and cause."""
    doors.actor(request).require(Ability.PUBLISH)
    incident = get_object_or_404(Incident, pk=pk)
    form = FactsForm(request.POST or None, incident=incident)
    return Keeping(
        request=request,
        form=form,
        template="console/edit.html",
        context={"title": _("Edit the incident"), "incident": incident},
        act=lambda: incidents.edit_incident(incident=incident, actor=doors.actor(request), **form.facts()),
        target=lambda done: reverse("admin:incident", args=[pk]),
        subject=incident,
        is_done=lambda: says(incident, form.facts()),
    ).answer()


def says(incident: Incident, facts: dict[str, Any]) -> bool:
    incident.refresh_from_db()
    for said_once in ("expected_version", "reason"):
        facts.pop(said_once)
    return all(getattr(incident, name) == value for name, value in facts.items() if name != "impact" or value)


def correct(request: HttpRequest, update_id: str) -> HttpResponse:
    """Correct the text of an update on the page; who was told keeps what was sent."""
    doors.actor(request).require(Ability.PUBLISH)
    update = find(update_id)
    subject = corrections.subject_of(update)
    room = reverse(f"admin:{subject._meta.model_name}", args=[subject.pk])
    first = {"body": update.body, "seen": update.updated_at.isoformat()}
    form = CorrectionForm(request.POST or None, initial=first)

    def act() -> Update:
        seen, body = parse_datetime(form.cleaned_data["seen"]), form.cleaned_data["body"]
        actor = doors.actor(request)
        return corrections.correct_update(update=update, body=body, actor=actor, expected_updated_at=seen)

    def is_done() -> bool:
        update.refresh_from_db()
        form.data = {"body": form.cleaned_data["body"], "seen": update.updated_at.isoformat()}
        return bool(update.body == form.cleaned_data["body"])

    return Keeping(
        request=request,
        form=form,
        template="console/correct.html",
        context={"title": _("Correct the text"), "update": update, "subject": subject, "room": room},
        act=act,
        target=lambda done: room,
        said=_("Corrected on the page. Who was told keeps the text that was sent."),
        is_done=is_done,
    ).answer()


def find(update_id: str) -> Update:
    """An update of an incident or of a maintenance; ids are unique over both."""
    for model, subject in ((IncidentUpdate, "incident"), (MaintenanceUpdate, "maintenance")):
        if found := model._default_manager.select_related(subject).filter(pk=update_id).first():
            return found  # type: ignore[return-value]
    raise Http404
