"""Refunds that clients' reports come to: those that wait for a person, those that were decided, one with its window."""

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from statuspage import selectors
from statuspage.actions import refunds as actions
from statuspage.actions.agreed import REASON_MAX
from statuspage.labels import SEVERITY
from statuspage.models import ClientReport, Contract, RefundDecision
from statuspage.remedies.refunds import Proposal, all_proposals, proposals
from statuspage.roles import Ability
from statuspage.sla.exact import percentage
from statuspage.sla.refunds import Report

from . import doors, keyset, promises, refund_plots
from .fields import Text
from .keeping import Keeping

PAGE = 30


class DecisionForm(forms.Form):
    """Why it is decided so; which way, the button says."""

    note = Text(label=_("Why"), max_length=REASON_MAX, widget=forms.Textarea(attrs={"rows": 3}))


@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    """What waits for a person, and below it what was decided."""
    doors.actor(request).require(Ability.SERVICE_LEVELS)
    decided = RefundDecision.objects.select_related("contract__client", "decided_by")
    context = {
        "title": _now("Refunds"),
        "waiting": [{"of": each, "severity": SEVERITY[each.rule.severity]} for each in all_proposals()],
        "missed": selectors.missed_years(),
        "page": keyset.page(decided, "decided_at", PAGE, request.GET),
    }
    return doors.page(request, "console/refunds.html", context)


def room(request: HttpRequest, pk: str) -> HttpResponse:
    """The refund that a report decides: its window, its rule, its month; and the decision, once."""
    doors.actor(request).require(Ability.SERVICE_LEVELS)
    report = get_object_or_404(ClientReport.objects.select_related("contract__client"), pk=pk, contract__isnull=False)
    contract: Contract = report.contract  # type: ignore[assignment]
    held = contract.refund_decisions.select_related("decided_by").filter(deciding=pk).first()
    found = proposals(contract) if held is None else []
    proposal = next((each for each in found if each.refund.deciding == pk), None)
    rule, context = facts(held, proposal)
    grants = request.POST.get("grants") == "yes"
    form = DecisionForm(request.POST or None)

    def act() -> RefundDecision:
        words = {"rule": rule, "deciding": pk, "grants": grants, "note": form.cleaned_data["note"]}
        return actions.decide_refund(contract=contract, actor=doors.actor(request), **words)

    return Keeping(
        request=request,
        form=form,
        template="console/refund.html",
        context={**context, "contract": contract, "back": reverse("admin:refunds")},
        act=act,
        target=lambda done: reverse("admin:refund", args=[pk]),
        said=_("The decision is recorded."),
    ).answer()


def facts(held: RefundDecision | None, proposal: Proposal | None) -> tuple[str, dict[str, Any]]:
    """The rule's name, and what the room shows of a decision or of what waits for one. Raises Http404 for neither."""
    title = _now("Refund for %(month)s")
    if held:
        return held.rule, {"title": title % {"month": held.month}, "held": held, "reports": numbered(held.reports)}
    if proposal is None:
        raise Http404
    words = {"title": title % {"month": proposal.refund.month}, "proposal": proposal}
    return proposal.refund.rule, {**words, **told_of(proposal)}


def numbered(reports: list[str]) -> list[ClientReport]:
    """The reports of a decision, in the order of time."""
    return list(ClientReport.objects.filter(pk__in=reports).order_by("completed_at", "pk"))


def told_of(proposal: Proposal) -> dict[str, Any]:
    """The rule in words, the window as a plot, and each failure in it by its number."""
    shown = refund_plots.shown(proposal)
    rows = ClientReport.objects.in_bulk([each.id for each in shown])
    return {
        "rule": promises.refund(proposal.rule),
        "plot": refund_plots.course(proposal, shown),
        "failures": [failure(proposal, each, rows[each.id]) for each in shown],
        "amount": promises.money(proposal.version),
    }


def failure(proposal: Proposal, report: Report, row: ClientReport) -> dict[str, Any]:
    """One failure as it stands in the list below the plot."""
    return {
        "row": row,
        "report": report,
        "role": refund_plots.role(proposal, report),
        "share": percentage(report.share, 1),
    }
