"""How a window is told of, changed after it was announced. Thin door to `actions.maintenance_notices`."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from statuspage.actions import maintenance_notices as actions
from statuspage.models import Maintenance
from statuspage.roles import Ability

from . import doors
from .keeping import Keeping
from .plan_forms import PlanFields, reminder_choices, told_answers


class NoticesForm(PlanFields):
    """How it begins, ends and is reminded of from now on; its impact stays."""

    impact = None  # type: ignore[assignment]
    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0)

    def __init__(self, data: Any = None, *, maintenance: Maintenance) -> None:
        super().__init__(data, initial=held(maintenance))
        self.fields["reminders"].choices = reminder_choices(maintenance.reminders or ())  # type: ignore[attr-defined]

    def facts(self) -> dict[str, Any]:
        plan = self.plan()
        del plan["impact"]
        return {**plan, "expected_version": self.cleaned_data["version"]}


def held(maintenance: Maintenance) -> dict[str, Any]:
    """The answers as they stand."""
    plain = {"shows_notice": maintenance.shows_notice, "version": maintenance.version}
    return {**told_answers(maintenance), **plain}


def said_when_kept(maintenance: Maintenance) -> str:
    """Where this window was put on the page alone, its reminders stay unsaid like it."""
    window = maintenance.windows.filter(number=maintenance.window_revision).first()
    said = maintenance.updates.filter(created_at=window.published_at).first() if window else None
    if said and not said.deliver_notifications:
        return _("Kept. Nobody is told of this window, and no reminder of it is sent.")
    return _("Kept. Reminders to come follow it.")


def change(request: HttpRequest, pk: str) -> HttpResponse:
    """Change it; reminders to come are planned anew."""
    actor = doors.actor(request)
    actor.require(Ability.PUBLISH)
    maintenance = get_object_or_404(Maintenance, pk=pk)
    form = NoticesForm(request.POST or None, maintenance=maintenance)
    return Keeping(
        request=request,
        form=form,
        template="console/notices.html",
        context={"title": _("How it begins, ends and is told of"), "maintenance": maintenance},
        act=lambda: actions.set_notices(maintenance=maintenance, actor=actor, **form.facts()),
        target=lambda done: reverse("admin:maintenance", args=[pk]),
        said=said_when_kept(maintenance),
        subject=maintenance,
    ).answer()
