"""What readers report: the newest first, so that staff see what the page does not say yet."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from statuspage import selectors
from statuspage.actions import reports

from . import doors

PAGE = 50


@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    """Of the last ninety days."""
    rows = selectors.failure_reports(since=timezone.now() - reports.KEPT)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    return doors.page(request, "console/reports.html", {"title": _("What readers report"), "page": page})
