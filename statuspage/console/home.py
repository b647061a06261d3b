"""The console's first page: what is going on, and the two things staff come for."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from statuspage import ports, selectors
from statuspage.actions import telling
from statuspage.models import Draft
from statuspage.publishing import publish
from statuspage.status import page_status
from statuspage.vocabulary import ComponentStatus, Impact

from . import doors, telling_of

NEWEST = 6
"""Updates whose delivery is shown: what staff published in the last hours."""


def show(request: HttpRequest) -> HttpResponse:
    """Status, incidents, windows, delivery and drafts on one page."""
    components = list(selectors.components())
    incidents = list(selectors.open_incidents())
    context = {
        "title": _("What is going on"),
        "status": page_status(
            [ComponentStatus(each.status) for each in components], [Impact(each.impact) for each in incidents]
        ),
        "troubled": [each for each in components if each.status != ComponentStatus.OPERATIONAL],
        "is_current": publish.is_current(),
        "incidents": incidents,
        "maintenances": selectors.open_maintenances(),
        "updates": telling_of.shown(selectors.newest_updates(NEWEST)),
        "tells_people": ports.installed.progress is not None,
        "drafts": Draft.objects.select_related("author"),
        "now": timezone.now(),
    }
    return doors.page(request, "console/home.html", context)


@require_POST
def recall(request: HttpRequest, update_id: str) -> HttpResponse:
    """Stop telling people of an update, while nobody was told."""
    if telling.stop_telling(update_id=update_id, actor=doors.actor(request)):
        messages.success(request, _("Nobody is told. The page still shows it: correct it with another update."))
    else:
        messages.error(request, _("Too late: the first messages are out. Correct it with another update."))
    back = request.POST.get("back", "")
    is_ours = url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    return redirect(back if is_ours and back.startswith("/admin/") else "admin:index")
