"""Incidents and maintenances that should never have been there: withdrawn, shown as such, brought back."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from statuspage.actions.outages import REASON_MAX
from statuspage.actions.withdrawals import Entry, bring_back, withdraw
from statuspage.models import Incident, Maintenance
from statuspage.roles import Ability

from . import doors, progress
from .fields import Text
from .keeping import Keeping


class WithdrawalForm(forms.Form):
    """Why it is withdrawn, or brought back; and of which version."""

    reason = Text(label=gettext_lazy("Reason"), max_length=REASON_MAX, widget=forms.Textarea(attrs={"rows": 3}))
    version = forms.IntegerField(widget=forms.HiddenInput)


def incident(request: HttpRequest, pk: str) -> HttpResponse:
    """Withdraw an incident, or bring it back."""
    return form(request, get_object_or_404(Incident.everything, pk=pk))


def maintenance(request: HttpRequest, pk: str) -> HttpResponse:
    """The same for a maintenance."""
    return form(request, get_object_or_404(Maintenance.everything, pk=pk))


def form(request: HttpRequest, entry: Entry) -> HttpResponse:
    doors.actor(request).require(Ability.PUBLISH)
    is_back = entry.withdrawn_at is not None
    asked = WithdrawalForm(request.POST or None, initial={"version": entry.version})
    room = reverse(f"admin:{entry._meta.model_name}", args=[entry.pk])

    def act() -> Any:
        facts = {"entry": entry, "actor": doors.actor(request), "reason": asked.cleaned_data["reason"]}
        seen = asked.cleaned_data["version"]
        return bring_back(**facts) if is_back else withdraw(**facts, expected_version=seen)

    return Keeping(
        request=request,
        form=asked,
        template="console/withdraw.html",
        context={"title": title_of(entry), "entry": entry, "back": room},
        act=act,
        target=lambda done: room,
        said=said_of(is_back),
        subject=entry,
    ).answer()


def title_of(entry: Entry) -> str:
    if entry.withdrawn_at:
        return _("Bring it back")
    return _("Withdraw the maintenance") if isinstance(entry, Maintenance) else _("Withdraw the incident")


def said_of(is_back: bool) -> str:
    if is_back:
        return _("Brought back: readers have it again. Nobody was told.")
    return _("Withdrawn: readers have it no more. Nobody was told.")


def room(request: HttpRequest, entry: Entry) -> HttpResponse:
    """One that is withdrawn: what was said, and the way back. A form that was open meanwhile changes nothing."""
    updates = entry.updates.select_related("author", entry._meta.model_name or "")
    outages = entry.outages.filter(replaced_by=None).select_related("component__group")
    context = {
        "title": entry.name,
        "entry": entry,
        "timeline": progress.timeline(updates, timezone.now()),
        "outages": outages,
        "kind": f"admin:{entry._meta.model_name}-withdrawal",
    }
    return doors.page(request, "console/withdrawn.html", context, status=409 if request.method == "POST" else 200)
