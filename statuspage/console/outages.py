"""Outages: who was down, from when to when, for what cause; corrected as new versions."""

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from statuspage import selectors
from statuspage.actions.outages import correct_outage
from statuspage.labels import CAUSE, choices
from statuspage.models import Outage
from statuspage.publishing.times import duration
from statuspage.roles import Ability

from . import doors
from .fields import Text, WallTime
from .forms import in_page_order
from .keeping import Keeping

PAGE = 50
REASON_MAX = 2_000
CORRECTING = (Ability.PUBLISH, Ability.SERVICE_LEVELS)
"""Any of these is enough to correct the record."""


@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    """The outages as they stand, newest first; of one component where asked."""
    rows = Outage.objects.filter(is_current=True).select_related("component__group", "incident", "maintenance")
    chosen = request.GET.get("component", "")
    page = Paginator(rows.filter(component=chosen) if chosen else rows, PAGE).get_page(request.GET.get("page"))
    for outage in page.object_list:
        outage.lasted = duration((outage.ended_at or timezone.now()) - outage.started_at)  # type: ignore[attr-defined]
    components = in_page_order(selectors.components())
    context = {"title": _now("Outages"), "page": page, "chosen": chosen, "components": components}
    return doors.page(request, "console/outages.html", context)


class OutageForm(forms.Form):
    """The new times and cause, and why; times that were not touched keep their fractions."""

    started_at = WallTime(label=_("Started (UTC)"), has_seconds=True)
    ended_at = WallTime(label=_("Ended (UTC)"), has_seconds=True)
    cause = forms.ChoiceField(label=_("Cause"), choices=choices(CAUSE))
    reason = Text(
        label=_("Why the record is corrected"), max_length=REASON_MAX, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, data: Any = None, *, outage: Outage) -> None:
        times = {name: utc(getattr(outage, name)) for name in ("started_at", "ended_at")}
        super().__init__(data, initial={**times, "cause": outage.cause})
        self.outage = outage
        if outage.ended_at is None:
            del self.fields["ended_at"]

    def facts(self) -> dict[str, Any]:
        plain = {name: self.cleaned_data[name] for name in ("cause", "reason")}
        return {**plain, "started_at": self.instant("started_at"), "ended_at": self.instant("ended_at")}

    def instant(self, name: str) -> datetime | None:
        held, wall = getattr(self.outage, name), self.cleaned_data.get(name)
        if wall is None or utc(held) == wall:
            return held  # type: ignore[no-any-return]
        return wall.replace(tzinfo=UTC)  # type: ignore[no-any-return]


def utc(at: datetime | None) -> datetime | None:
    """What a clock in UTC shows, to the second."""
    return at.astimezone(UTC).replace(tzinfo=None, microsecond=0) if at else None


def correct(request: HttpRequest, pk: int) -> HttpResponse:
    """One outage with all its versions, and its correction for who may publish."""
    outage = get_object_or_404(Outage.objects.select_related("component__group"), pk=pk)
    if request.method == "POST":
        doors.actor(request).require(*CORRECTING)
    form = OutageForm(request.POST or None, outage=outage)

    def is_done() -> bool:
        newer = Outage.objects.filter(replaces=outage).first()
        facts = form.facts()
        return bool(newer and all(getattr(newer, name) == value for name, value in facts.items()))

    return Keeping(
        request=request,
        form=form,
        template="console/outage.html",
        context={
            "title": _now("Outage"),
            "outage": outage,
            "versions": versions(outage),
            "may_correct": not doors.actor(request).abilities.isdisjoint(CORRECTING),
        },
        act=lambda: correct_outage(outage=outage, actor=doors.actor(request), **form.facts()),
        target=lambda done: reverse("admin:outages"),
        said=_("Corrected; the old version is kept."),
        is_done=is_done,
    ).answer()


def versions(outage: Outage) -> list[Outage]:
    """This outage's versions, newest first."""
    newest = outage
    while newer := Outage.objects.filter(replaces=newest).first():
        newest = newer
    found = [newest]
    while older := found[-1].replaces:
        found.append(older)
    return found
