"""What the console's views share: a page with the site around it, and every refusal in words."""

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from statuspage import audit
from statuspage.actions.base import FormUsed, IncidentClosed, MaintenanceClosed, StaleEdit
from statuspage.models import AuditEntry, ClientReport, Incident, Maintenance, MaintenanceSeries
from statuspage.publishing import publish
from statuspage.publishing.store import FolderUnusable

CONFLICTS = (StaleEdit, FormUsed, IncidentClosed, MaintenanceClosed)
STATUS_OF: dict[type[Exception], int] = {PermissionDenied: 403, FolderUnusable: 503} | dict.fromkeys(CONFLICTS, 409)
MISSED_MAX = 20
"""More changes than this are counted, not shown."""


def actor(request: HttpRequest) -> audit.Actor:
    return audit.staff(request.user)  # type: ignore[arg-type]


def page(request: HttpRequest, template: str, context: Mapping[str, Any], status: int = 200) -> HttpResponse:
    """A console page with what the admin site puts around it."""
    return render(request, template, {**admin.site.each_context(request), **context}, status=status)


# --- Refusals ---------------------------------------------------------------------------------


def answer(request: HttpRequest, view: Callable[..., Any], *args: Any, **kwargs: Any) -> HttpResponse:
    """The view's answer; what it did not catch itself is said on a page of its own."""
    try:
        return view(request, *args, **kwargs)  # type: ignore[no-any-return]
    except tuple(STATUS_OF) as refused:
        said = str(refused) or _("Your role does not allow this.")
        context = {"title": _("This was refused"), "said": said}
        status = next(status for kind, status in STATUS_OF.items() if isinstance(refused, kind))
        return page(request, "console/refused.html", context, status=status)


def has_text_of_somebody_signed_out(request: HttpRequest) -> bool:
    """A session that ended while its owner was writing."""
    return request.method == "POST" and "body" in request.POST and not request.user.is_authenticated


def signed_out(request: HttpRequest) -> HttpResponse:
    """What was typed, to be copied; nothing was published."""
    context = {
        "title": _("You are signed out"),
        "name": request.POST.get("name", ""),
        "body": request.POST["body"],
        "again": f"{reverse('admin:login')}?next={request.path}",
    }
    return page(request, "console/signed_out.html", context, status=401)


# --- What others did meanwhile ----------------------------------------------------------------


Versioned = Incident | Maintenance | MaintenanceSeries | ClientReport
KINDS = {Incident: "incident", Maintenance: "maintenance", MaintenanceSeries: "series", ClientReport: "client_report"}
"""What the audit log calls them."""


def missed(row: Versioned, seen: int | None) -> list[dict[str, Any]]:
    """What changed `row` since its version `seen`, newest first: who, when, and what.

    Every change of a version writes one audit row, so the newest rows are the ones missed.
    """
    count = min(max(row.version - (seen or row.version), 0), MISSED_MAX)
    entries = AuditEntry.objects.filter(object_kind=KINDS[type(row)], object_id=row.pk)
    said = (
        {} if isinstance(row, MaintenanceSeries | ClientReport) else {update.pk: update for update in row.updates.all()}
    )
    return [
        {"entry": entry, "update": said.get((entry.after or {}).get("update")), "changes": changes(entry)}
        for entry in entries.order_by("-id")[:count]
    ]


def changes(entry: AuditEntry) -> list[tuple[str, Any, Any]]:
    """Field, before and after of an edit."""
    before, after = entry.before or {}, entry.after or {}
    return [(name, old, after.get(name)) for name, old in before.items() if old != after.get(name)]


# --- What was done ----------------------------------------------------------------------------


def say_published(request: HttpRequest) -> None:
    if publish.is_current():
        messages.success(request, _("Published: readers see it now."))
    else:
        messages.warning(
            request, _("Stored, but the page was not regenerated yet; it is tried again every few seconds.")
        )
