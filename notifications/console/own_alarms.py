"""My alarms: by what whoever is signed in hears of promises to clients that run out, and what they were told."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from notifications.addresses import InputRefused
from notifications.alarms import staff
from notifications.models import StaffAlarm, StaffRoute
from statuspage.roles import Ability

from . import doors

NEWEST = 20


class RouteForm(forms.Form):
    """One way, and its address."""

    way = forms.ChoiceField(
        label=_("How to reach me"), required=False, choices=[("", _("as the site has it")), *StaffRoute.Way.choices]
    )
    address = forms.CharField(
        label=_("Address"),
        required=False,
        max_length=1_000,
        help_text=_("A mail address, a mobile number, or the https address of a chat or a pager."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, label_suffix="", **options)

    def clean(self) -> dict[str, Any]:
        """Refused in words where that way cannot use the address."""
        try:
            if way := self.cleaned_data.get("way"):
                staff.read(way, self.cleaned_data.get("address", ""))
        except InputRefused as refused:
            self.add_error("address", str(refused.message))
        return self.cleaned_data


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest) -> HttpResponse:
    """The choice, and the newest alarms."""
    actor = doors.actor(request)
    actor.require(Ability.VIEW)
    held = StaffRoute.objects.filter(user=request.user.pk).first()
    first = {"way": held.way, "address": held.address} if held else {"address": getattr(request.user, "email", "")}
    form = RouteForm(request.POST if request.method == "POST" else None, initial=first)
    if request.method == "POST" and form.is_valid():
        facts = form.cleaned_data
        staff.choose(user=request.user, way=facts["way"], typed=facts["address"], actor=actor)  # type: ignore[arg-type]
        messages.success(request, _now("Stored. The next alarm comes this way."))
        return redirect(request.path)
    told = StaffAlarm.objects.select_related("user").order_by("-recorded_at", "-pk")[:NEWEST]
    context = {"title": _now("My alarms"), "form": form, "told": told}
    return doors.page(request, "own_alarms.html", context, status=422 if form.errors else 200)
