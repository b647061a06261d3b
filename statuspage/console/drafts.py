"""Drafts: an author's filled form, waiting for a publisher."""

from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.forms import Form
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from statuspage.actions import drafts
from statuspage.models import Draft, IncidentUpdate

from . import doors
from .forms import new_key

OF_ALERTS = "alerts-"
"""How the keys begin of drafts that alerts wrote (`AlertGroup.prefix`)."""


def opened(request: HttpRequest, kind: str, subject: Any = None) -> QueryDict | None:
    """The input kept in the draft that the address names, as a form takes it."""
    number = request.GET.get("draft", "")
    if request.method != "GET" or not kind or not number.isascii() or not number.isdigit():
        return None
    draft = Draft.objects.filter(pk=int(number), kind=kind, subject=subject.pk if subject else "").first()
    if draft is None:
        return None
    data = QueryDict(mutable=True)
    for name, values in draft.payload.items():
        data.setlist(name, values)
    data["key"] = draft.key or new_key()
    data["draft"] = str(draft.pk)
    return data


def keep(request: HttpRequest, form: Form, payload: dict[str, list[str]], kind: str, subject: Any) -> Draft:
    """Store what was typed; pressing twice keeps one."""
    return drafts.save_draft(
        kind=kind,
        subject=subject.pk if subject else "",
        payload=payload,
        note=request.POST.get("note", ""),
        key=request.POST.get("key", "")[:64] or new_key(),
        actor=doors.actor(request),
    )


def published(request: HttpRequest, facts: dict[str, Any]) -> None:
    """The draft that a published form came from has served."""
    if draft := Draft.objects.filter(Q(pk=facts["draft"]) | Q(key=facts["key"])).first():
        drafts.discard_draft(draft=draft, actor=doors.actor(request), is_published=True)


def withdrawn(facts: dict[str, Any]) -> str:
    """What is to be said to somebody who publishes a draft of alerts that are over; empty: nothing is."""
    if not facts["key"].startswith(OF_ALERTS) or Draft.objects.filter(key=facts["key"]).exists():
        return ""
    if IncidentUpdate.objects.filter(idempotency_key=facts["key"]).exists():
        return ""  # pressed twice
    return _("This draft was withdrawn: what the alerts told of is over. Nothing was published.")


def waiting() -> list[dict[str, Any]]:
    """All drafts with the addresses that open them, newest first; those of alerts can be published as they are."""
    return [
        {
            "draft": draft,
            "address": address(draft),
            "is_of_alerts": (draft.key or "").startswith(OF_ALERTS),
            "fields": [(name, value) for name, values in draft.payload.items() for value in values],
        }
        for draft in Draft.objects.select_related("author")
    ]


def address(draft: Draft) -> str:
    """Where a draft is opened."""
    if draft.kind == Draft.Kind.UPDATE:
        room = reverse("admin:incident", args=[draft.subject])
    else:
        room = reverse(f"admin:{draft.kind}-new")
    return f"{room}?draft={draft.pk}"


@require_POST
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Throw a draft away."""
    drafts.discard_draft(draft=get_object_or_404(Draft, pk=pk), actor=doors.actor(request))
    messages.success(request, _("The draft is discarded."))
    return redirect("admin:index")
