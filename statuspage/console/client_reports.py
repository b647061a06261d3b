"""Clients' reports: those that wait, one with its whole history, taken down, completed, judged, declined."""

from collections.abc import Callable
from typing import Any

from django.core.paginator import Paginator
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from statuspage.actions import client_reports as actions
from statuspage.actions import report_steps, report_triage
from statuspage.models import ClientReport, ReportStep
from statuspage.roles import CLIENTS_REPORTS
from statuspage.text import clean_line

from . import clocks, doors
from .client_report_forms import CompletionForm, DeclineForm, JudgementForm, NewReportForm, ReasonForm, StepForm
from .client_report_story import history, lacks
from .keeping import Keeping

PAGE = 50
OPEN = "open"
STANDINGS: dict[str, tuple[Promise, Q]] = {
    OPEN: (_("Open"), Q(resolved_at=None, declined_at=None)),
    "untriaged": (_("Waiting for triage"), Q(resolved_at=None, declined_at=None, severity=None)),
    "incomplete": (_("Not properly reported yet"), Q(completed_at=None, declined_at=None)),
    "resolved": (_("Resolved"), Q(resolved_at__isnull=False, declined_at=None)),
    "declined": (_("Declined"), Q(declined_at__isnull=False)),
    "all": (_("All"), Q()),
}
"""What the list may show: its word, and the condition."""


@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    """Open ones by urgency: who waits for a severity first, then the severest, the oldest before the newer."""
    doors.actor(request).require(*CLIENTS_REPORTS)
    asked, words = request.GET.get("standing", OPEN), clean_line(request.GET.get("q", ""))[:100]
    standing = asked if asked in STANDINGS else OPEN
    rows = ClientReport.objects.filter(STANDINGS[standing][1]).select_related("contract__client", "incident", "failure")
    page = Paginator(in_order(found(rows, words), standing), PAGE).get_page(request.GET.get("page"))
    context = {
        "title": _now("Reports of clients"),
        "page": page,
        "words": words,
        "standing": standing,
        "standings": [(name, label) for name, (label, _condition) in STANDINGS.items()],
    }
    return doors.page(request, "console/client_reports.html", context)


def found(rows: QuerySet[ClientReport], words: str) -> QuerySet[ClientReport]:
    """By number, service, or the client's name or reference."""
    if not words:
        return rows
    client = Q(contract__client__name__icontains=words) | Q(contract__client__reference__iexact=words)
    return rows.filter(Q(number__iexact=words) | Q(service__icontains=words) | client)


def in_order(rows: QuerySet[ClientReport], standing: str) -> QuerySet[ClientReport]:
    if standing in {OPEN, "untriaged", "incomplete"}:
        return rows.order_by(F("severity").asc(nulls_first=True), "reported_at", "pk")
    return rows.order_by("-reported_at", "-pk")


def new(request: HttpRequest) -> HttpResponse:
    """Take down what a client reports."""
    doors.actor(request).require(*CLIENTS_REPORTS)
    form = NewReportForm(request.POST or None, at=timezone.now())
    return Keeping(
        request=request,
        form=form,
        template="console/client_report_edit.html",
        context={"title": _now("Take down a client's report"), "back": reverse("admin:report-list")},
        act=lambda: actions.take_report(actor=doors.actor(request), **form.facts()),
        target=lambda report: address(report.pk),
        said=_("The report is recorded."),
    ).answer()


def address(pk: str) -> str:
    return reverse("admin:report", args=[pk])


def get(pk: str) -> ClientReport:
    rows = ClientReport.objects.select_related(
        "contract__client", "incident", "claimed_incident", "failure", "author", "component__group"
    )
    return get_object_or_404(rows, pk=pk)


# --- One of them ------------------------------------------------------------------------------


@require_safe
def room(request: HttpRequest, pk: str) -> HttpResponse:
    """Everything about one report, with the forms for what comes next."""
    doors.actor(request).require(*CLIENTS_REPORTS)
    return doors.page(request, "console/client_report.html", room_context(request, get(pk)))


def room_context(request: HttpRequest, report: ClientReport) -> dict[str, Any]:
    first = report.failure or report
    return {
        "title": _now("Report %(number)s") % {"number": report.number},
        "report": report,
        "first": first,
        "repeats": first.repeats.exclude(pk=report.pk),
        "lacks": lacks(report),
        "history": history(first),
        "clocks": clocks.of_failure(first, timezone.now()),
        "yes_or_no": ",".join((_now("Yes"), _now("No"))),
        "judgement": JudgementForm(None, report=report),
        "happened": StepForm(None),
    }


def triage(request: HttpRequest, pk: str) -> HttpResponse:
    """Judge it."""
    doors.actor(request).require(*CLIENTS_REPORTS)
    report = get(pk)
    form = JudgementForm(request.POST or None, report=report)

    def act() -> ClientReport:
        return report_triage.judge_report(report=report, actor=doors.actor(request), **form.facts())

    return within(request, report, form, "judgement", act, _("Recorded."))


def step(request: HttpRequest, pk: str) -> HttpResponse:
    """Record what happened."""
    doors.actor(request).require(*CLIENTS_REPORTS)
    report, form = get(pk), StepForm(request.POST or None)

    def act() -> ReportStep:
        return report_steps.record_step(report=report, actor=doors.actor(request), **form.facts())

    return within(request, report, form, "happened", act, _("Recorded."))


def within(
    request: HttpRequest, report: ClientReport, form: Any, name: str, act: Callable[[], Any], said: Promise
) -> HttpResponse:
    """A form that stands in the room: refused, it is shown there again with all that was typed."""
    template, target = "console/client_report.html", address(report.pk)
    context = {**room_context(request, get(report.pk)), name: form, "wrong": name}
    keeping = Keeping(request=request, form=form, template=template, context=context, act=act, target=lambda _: target)
    keeping.said, keeping.subject = said, report if "version" in form.fields else None
    return keeping.answer()


def details(request: HttpRequest, pk: str) -> HttpResponse:
    """Add what is lacking, or put right what is wrong."""
    doors.actor(request).require(*CLIENTS_REPORTS)
    report = get(pk)
    form = CompletionForm(request.POST or None, report=report)
    return Keeping(
        request=request,
        form=form,
        template="console/client_report_edit.html",
        context={"title": _now("Report %(number)s") % {"number": report.number}, "back": address(pk), "report": report},
        act=lambda: actions.complete_report(report=report, actor=doors.actor(request), **form.facts()),
        target=lambda done: address(pk),
        said=_("Saved."),
        subject=report,
    ).answer()


def decline(request: HttpRequest, pk: str) -> HttpResponse:
    """Decline it with a reason."""
    doors.actor(request).require(*CLIENTS_REPORTS)
    report = get(pk)
    form = DeclineForm(request.POST or None, report=report)
    return Keeping(
        request=request,
        form=form,
        template="console/kept.html",
        context={"title": _now("Decline %(number)s") % {"number": report.number}, "back": address(pk)},
        act=lambda: actions.decline_report(report=report, actor=doors.actor(request), **form.facts()),
        target=lambda done: address(pk),
        said=_("The report is declined."),
        subject=report,
    ).answer()


@require_POST
def accept(request: HttpRequest, pk: str) -> HttpResponse:
    """Take it up again."""
    actions.accept_report(report=get(pk), actor=doors.actor(request))
    return redirect(address(pk))


def take_back(request: HttpRequest, pk: str, number: int) -> HttpResponse:
    """A step that was recorded by mistake."""
    doors.actor(request).require(*CLIENTS_REPORTS)
    held = get_object_or_404(ReportStep.objects.select_related("report__failure"), pk=number, report=pk)
    form = ReasonForm(request.POST or None)
    return Keeping(
        request=request,
        form=form,
        template="console/kept.html",
        context={"title": _now("Take back: %(step)s") % {"step": held.get_step_display()}, "back": address(pk)},
        act=lambda: report_steps.take_back_step(step=held, actor=doors.actor(request), **form.facts()),
        target=lambda done: address(pk),
        said=_("Taken back; it stays in the history."),
    ).answer()
