"""All incidents and all maintenances, by page and by title: the way to what is closed."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from statuspage.models import Incident, Maintenance
from statuspage.text import clean_line

from . import doors, keyset

PAGE = 30


@require_safe
def incidents(request: HttpRequest) -> HttpResponse:
    """Newest first."""
    context = {"title": _("Incidents"), "room": "admin:incident", "none": pgettext("incidents", "None.")}
    context |= {"new": "admin:incident-new", "new_label": _("Open an incident")}
    return listed(request, Incident.everything.all(), "created_at", context)


@require_safe
def maintenances(request: HttpRequest) -> HttpResponse:
    """The latest start first."""
    context = {"title": _("Maintenance"), "room": "admin:maintenance", "none": pgettext("maintenances", "None.")}
    context |= {"new": "admin:maintenance-new", "new_label": _("Schedule maintenance")}
    context |= {"beside": "admin:series-list", "beside_label": _("Recurring maintenance")}
    return listed(request, Maintenance.everything.all(), "scheduled_for", context)


def listed(request: HttpRequest, rows: QuerySet[Any], by: str, context: dict[str, Any]) -> HttpResponse:
    words = clean_line(request.GET.get("q", ""))[:100]
    found = rows.filter(name__icontains=words) if words else rows
    page = keyset.page(found, by, PAGE, request.GET)
    return doors.page(request, "console/list.html", {**context, "page": page, "words": words})
