"""The console's first page: what is going on, and the two things staff come for."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from statuspage import ports, reported, selectors
from statuspage.actions import telling as steps
from statuspage.actions.corrections import subject_of
from statuspage.models import Publication
from statuspage.publishing import capture, publish, sentences
from statuspage.vocabulary import ComponentStatus

from . import clocks, doors, drafts, times
from . import progress as telling
from .corrections import find

RECENT = timedelta(hours=24)
REPORTS = timedelta(hours=1)
"""What readers report is said for so long."""
NEWEST = 6
"""Updates whose telling is shown."""


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Status, incidents, windows, telling and drafts on one page."""
    owed = clocks.due_next(timezone.now())
    context = {
        "title": _("What is going on"),
        "due_next": owed[: clocks.NEXT],
        "due_later": max(0, len(owed) - clocks.NEXT),
        **status(),
        "is_current": publish.is_current(),
        "incidents": selectors.open_incidents().prefetch_related("claims__component__group"),
        "maintenances": selectors.open_maintenances(),
        "changed_walls": [each.pk for each in selectors.open_maintenances() if times.changed_walls(each)],
        "newest": newest(),
        "reports": selectors.failure_reports(since=timezone.now() - REPORTS),
        "untriaged": reported.untriaged().count(),
        "health": ports.health(),
        "drafts": drafts.waiting(),
        "unshown": selectors.unshown_alerts(),
        "emergencies": selectors.emergencies_waiting(),
        "missed": selectors.missed_years().count(),
    }
    return doors.page(request, "console/home.html", context)


def status() -> dict[str, Any]:
    """The sentence and the colour that the page shows for what is stored now."""
    snapshot = capture.take(Publication.objects.current(), as_of=timezone.now(), months={})
    return {
        "headline": sentences.as_html(sentences.headline(snapshot)),
        "tone": sentences.tone(snapshot),
        "troubled": [each for each in selectors.components() if each.status != ComponentStatus.OPERATIONAL],
    }


def newest() -> list[dict[str, Any]]:
    """The newest updates of the last day, each with how its telling goes."""
    now = timezone.now()
    found = [each for each in selectors.newest_updates(NEWEST) if each.created_at > now - RECENT]
    return [{**row, "subject": subject_of(row["update"])} for row in telling.timeline(found, now)]


@require_safe
def progress(request: HttpRequest, update_id: str) -> HttpResponse:
    """How the telling of one update goes, as a piece of a page: the script asks every few seconds."""
    update = find(update_id)
    told = telling.of(update, timezone.now(), telling.stopped([update.pk]))
    return doors.page(request, "console/progress.html", {"update": update, "told": told})


@require_POST
def recall(request: HttpRequest, update_id: str) -> HttpResponse:
    """Stop telling people of an update, while nobody was told."""
    update = find(update_id)
    if not steps.stop_telling(update_id=update.pk, actor=doors.actor(request)):
        messages.error(request, _("Too late: the first messages are out. Correct it with another update."))
    elif steps.is_last_word(update):
        messages.success(request, _("Nobody is told. The page still shows it; you can tell them after all."))
    else:
        messages.success(request, _("Nobody is told. The page still shows it: correct it with another update."))
    return back(request)


@require_POST
def tell_after_all(request: HttpRequest, update_id: str) -> HttpResponse:
    """Tell people of a last word whose telling was stopped."""
    update = find(update_id)
    if steps.tell_after_all(update=update, actor=doors.actor(request)):
        messages.success(request, _("They are told now."))
    else:
        messages.error(request, _("This was not stopped, or it is no news any more: nobody is told."))
    return back(request)


def back(request: HttpRequest) -> HttpResponse:
    """To where in the console the button stood."""
    place = request.POST.get("back", "")
    is_ours = url_has_allowed_host_and_scheme(place, allowed_hosts=None)
    return redirect(place if is_ours and place.startswith("/admin/") else "admin:index")
