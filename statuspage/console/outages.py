"""Outages: as they stand, each with its versions; corrected, recorded afterwards, withdrawn."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from statuspage.actions import outages as actions
from statuspage.labels import IMPACT
from statuspage.models import Outage
from statuspage.publishing.times import duration
from statuspage.roles import Ability

from . import doors
from .keeping import Keeping
from .outage_forms import CorrectionForm, Filter, LateForm, WithdrawalForm

PAGE = 50
CORRECTING = (Ability.PUBLISH, Ability.SERVICE_LEVELS)
"""Any of these is enough to correct the record."""


@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    """The outages as they stand, newest first; of one component, month or cause where asked."""
    form = Filter(request.GET)
    rows = form.found().select_related("component__group", "incident", "maintenance", "client")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    for outage in page.object_list:
        outage.lasted = duration((outage.ended_at or timezone.now()) - outage.started_at)  # type: ignore[attr-defined]
    context = {"title": _("Outages"), "page": page, "filter": form, **rights(request)}
    return doors.page(request, "console/outages.html", context)


def rights(request: HttpRequest) -> dict[str, bool]:
    """What the templates ask: whether somebody may correct, and may decide and see clients' names."""
    held = doors.actor(request).abilities
    return {"may_correct": not held.isdisjoint(CORRECTING), "may_decide": Ability.SERVICE_LEVELS in held}


def correct(request: HttpRequest, pk: int) -> HttpResponse:
    """One outage with all its versions, and its correction for who may."""
    related = ("component__group", "client", "incident", "maintenance")
    outage = get_object_or_404(Outage.objects.select_related(*related), pk=pk)
    if request.method == "POST":
        doors.actor(request).require(*CORRECTING)
    may = rights(request)
    form = CorrectionForm(request.POST or None, outage=outage, names_clients=may["may_decide"])

    def is_done() -> bool:
        newer, facts = Outage.objects.filter(replaces=outage).first(), form.facts()
        return bool(newer and all(getattr(newer, name) == value for name, value in facts.items()))

    return Keeping(
        request=request,
        form=form,
        template="console/outage.html",
        context={"title": _("Outage"), "outage": outage, **history(outage), **may},
        act=lambda: actions.correct_outage(outage=outage, actor=doors.actor(request), **form.facts()),
        target=lambda done: reverse("admin:outages"),
        said=_("Corrected; the old version is kept."),
        is_done=is_done,
    ).answer()


def history(outage: Outage) -> dict[str, Any]:
    """This outage's versions, newest first; whether this one is the last; what the provider's page said."""
    found = versions(outage)
    seen = (found[0].provider_evidence or {}).get("incidents", ())
    return {"versions": found, "is_newest": found[0].pk == outage.pk, "seen": [shown(each) for each in seen]}


def shown(incident: dict[str, Any]) -> dict[str, Any]:
    """A provider's incident as it was seen: words in the reader's language, times as instants."""
    updates = [{**each, "created_at": parse_datetime(each["created_at"] or "")} for each in incident["updates"]]
    impact = IMPACT.get(incident["impact"], incident["impact"])
    return {**incident, "impact": impact, "seen_at": parse_datetime(incident["seen_at"]), "updates": updates}


def versions(outage: Outage) -> list[Outage]:
    """This outage's versions, newest first."""
    rows = Outage.objects.select_related("author", "client")
    newest = outage
    while newer := rows.filter(replaces=newest).first():
        newest = newer
    found = [newest]
    while found[-1].replaces_id:
        found.append(rows.get(pk=found[-1].replaces_id))
    return found


def record(request: HttpRequest) -> HttpResponse:
    """Record an outage that the page never showed."""
    doors.actor(request).require(Ability.SERVICE_LEVELS)
    form = LateForm(request.POST or None, initial={"component": request.GET.get("component", "")})
    return Keeping(
        request=request,
        form=form,
        template="console/outage_late.html",
        context={"title": _("Record an outage afterwards"), "back": reverse("admin:outages")},
        act=lambda: actions.record_outage(actor=doors.actor(request), **form.facts()),
        target=lambda outage: reverse("admin:outage", args=[outage.pk]),
        said=_("The outage is recorded."),
    ).answer()


def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that an outage never was; its versions stay."""
    doors.actor(request).require(Ability.SERVICE_LEVELS)
    outage = get_object_or_404(Outage.objects.select_related("component__group"), pk=pk)
    form = WithdrawalForm(request.POST or None)

    def is_done() -> bool:
        last = versions(outage)[0]
        return last.is_withdrawn and last.reason == form.cleaned_data["reason"]

    return Keeping(
        request=request,
        form=form,
        template="console/outage_withdraw.html",
        context={
            "title": _("Withdraw an outage"),
            "outage": outage,
            "back": reverse("admin:outage", args=[outage.pk]),
        },
        act=lambda: actions.withdraw_outage(outage=outage, actor=doors.actor(request), **form.cleaned_data),
        target=lambda done: reverse("admin:outages"),
        said=_("Withdrawn: it counts no more. Its versions are kept."),
        is_done=is_done,
    ).answer()
