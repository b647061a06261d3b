"""Claims to service credits: all of them, one to record, one with what the contract says of it and its decision."""

from datetime import UTC, timedelta
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from statuspage.actions import remedies as actions
from statuspage.actions.agreed import REASON_MAX
from statuspage.models import Contract, CreditClaim, Decision
from statuspage.remedies.claims import GROUND, judge
from statuspage.remedies.terms import term_of
from statuspage.roles import Ability

from . import doors, keyset
from .fields import Line, Text, WallTime
from .forms import new_key
from .keeping import Keeping

PAGE = 30


class ClaimForm(forms.Form):
    """What came from the client."""

    month = Line(label=_("Month"), max_length=64, help_text=_("The calendar month of the interruptions, as 2026-04."))
    received_at = WallTime(label=_("Received (UTC)"), has_seconds=True)
    words = Text(
        label=_("How it came, and what it said"),
        required=False,
        max_length=REASON_MAX,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    key = forms.CharField(widget=forms.HiddenInput, initial=new_key, max_length=64)

    def facts(self) -> dict[str, Any]:
        received_at = self.cleaned_data["received_at"].replace(tzinfo=UTC)
        return {**self.cleaned_data, "received_at": received_at}


class DecisionForm(forms.Form):
    """Why it is decided so; which way, the button says."""

    note = Text(label=_("Why"), max_length=REASON_MAX, widget=forms.Textarea(attrs={"rows": 3}))
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)


@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    """The last that came first; those that wait for a decision alone where asked."""
    doors.actor(request).require(Ability.SERVICE_LEVELS)
    waits = request.GET.get("show") == "waiting"
    rows = CreditClaim.objects.select_related("contract__client", "decided_by")
    page = keyset.page(rows.filter(decision="") if waits else rows, "received_at", PAGE, request.GET)
    context = {"title": _now("Claims to service credits"), "page": page, "waits": waits}
    context["waiting"] = CreditClaim.objects.filter(decision="").count()
    return doors.page(request, "console/claims.html", context)


def new(request: HttpRequest, pk: str) -> HttpResponse:
    """Record that a client claimed the credits of a month."""
    doors.actor(request).require(Ability.SERVICE_LEVELS)
    contract = get_object_or_404(Contract.objects.select_related("client"), pk=pk)
    now = timezone.now()
    month = f"{now.replace(day=1) - timedelta(days=1):%Y-%m}"
    first = {"month": month, "received_at": now.astimezone(UTC).replace(tzinfo=None, microsecond=0)}
    form = ClaimForm(request.POST or None, initial=first)
    title = _now("Claim of %(client)s under %(contract)s") % {"client": contract.client, "contract": contract}
    return Keeping(
        request=request,
        form=form,
        template="console/claim_new.html",
        context={"title": title, "contract": contract, "back": reverse("admin:contract", args=[pk])},
        act=lambda: actions.record_claim(contract=contract, actor=doors.actor(request), **form.facts()),
        target=address,
        said=_("The claim is recorded."),
    ).answer()


def address(claim: CreditClaim) -> str:
    return reverse("admin:claim", args=[claim.pk])


def room(request: HttpRequest, pk: str) -> HttpResponse:
    """One claim: what the contract says of it, and the decision."""
    doors.actor(request).require(Ability.SERVICE_LEVELS)
    rows = CreditClaim.objects.select_related("contract__client", "author", "decided_by")
    claim = get_object_or_404(rows, pk=pk)
    grants = request.POST.get("grants") == "yes"
    form = DecisionForm(request.POST or None, initial={"version": claim.version})

    def act() -> CreditClaim:
        facts = {"note": form.cleaned_data["note"], "expected_version": form.cleaned_data["version"]}
        return actions.decide_claim(claim=claim, grants=grants, actor=doors.actor(request), **facts)

    def is_done() -> bool:
        wanted = Decision.GRANTED if grants else Decision.REFUSED
        return CreditClaim.objects.filter(pk=pk, decision=wanted, note=form.cleaned_data["note"]).exists()

    return Keeping(
        request=request,
        form=form,
        template="console/claim.html",
        context=told_of(claim),
        act=act,
        target=lambda done: address(claim),
        said=_("The decision is recorded."),
        is_done=is_done,
    ).answer()


def told_of(claim: CreditClaim) -> dict[str, Any]:
    """The claim with the contract's own word on it."""
    found = judge(claim)
    return {
        "title": _now("Claim for %(month)s") % {"month": claim.month},
        "claim": claim,
        "found": found,
        "ground": GROUND[found.ground],
        "term": term_of(claim.contract),
        "back": reverse("admin:claims"),
    }
