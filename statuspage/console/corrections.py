"""Correct the text of a published update, of an incident or of a maintenance."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from statuspage.actions import corrections
from statuspage.models import IncidentUpdate, MaintenanceUpdate

from . import doors


def correct(request: HttpRequest, update_id: str) -> HttpResponse:
    """The form, and what comes of it; nothing that was typed is lost."""
    update = find(update_id)
    subject = corrections.subject_of(update)
    room = f"admin:{subject._meta.model_name}"
    typed = request.POST.get("body", update.body)
    context = {"title": _("Correct the text"), "update": update, "subject": subject, "body": typed, "room": room}
    if request.method != "POST":
        return doors.page(request, "console/correct.html", context)
    try:
        corrections.correct_update(
            update=update,
            body=typed,
            actor=doors.actor(request),
            expected_updated_at=parse_datetime(request.POST.get("seen", "")),
        )
    except ValidationError as refused:
        return doors.page(request, "console/correct.html", {**context, "errors": refused.messages}, status=422)
    except doors.TROUBLES as trouble:
        said = doors.told(trouble)
        return doors.page(request, "console/correct.html", {**context, **said}, status=said["status"])
    messages.success(request, _("Corrected on the page. Who was told keeps the text that was sent."))
    return redirect(room, pk=subject.pk)


def find(update_id: str) -> IncidentUpdate | MaintenanceUpdate:
    for model in (IncidentUpdate, MaintenanceUpdate):
        found = model.objects.filter(pk=update_id).first()
        if found:
            return found
    raise Http404
