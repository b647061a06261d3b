"""Contracts: all of them, one with its versions, a new one, a change with what it changes, an end."""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from statuspage import selectors
from statuspage.actions import contracts as actions
from statuspage.actions.versions import in_force
from statuspage.models import Client, Contract, ContractVersion
from statuspage.remedies.terms import term_of
from statuspage.roles import Ability
from statuspage.text import clean_line

from . import doors, keyset, promises
from .contract_forms import ChangeForm, EndForm, NewForm, VoidForm
from .keeping import Keeping
from .telling import add_errors, typed

PAGE = 30
CLAIMS = 12
"""The newest ones that a contract's room shows."""


@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    """The newest first; by the contract's name, or the client's name or reference."""
    doors.actor(request).require(Ability.SERVICE_LEVELS)
    words = clean_line(request.GET.get("q", ""))[:100]
    named = Q(name__icontains=words) | Q(client__name__icontains=words) | Q(client__reference__icontains=words)
    found = Contract.objects.filter(named) if words else Contract.objects.all()
    page = keyset.page(found.select_related("client"), "created_at", PAGE, request.GET)
    context = {"title": _now("Contracts"), "page": page, "words": words, "rows": with_standing(page.object_list)}
    return doors.page(request, "console/contracts.html", context)


def with_standing(contracts: list[Contract]) -> list[dict[str, Any]]:
    """Each with what is in force now, in one query for all."""
    held = {each.contract_id: each for each in selectors.versions_at(contracts, timezone.now())}
    return [{"contract": each, **standing(held.get(each.pk))} for each in contracts]


def standing(version: ContractVersion | None) -> dict[str, Any]:
    return {"version": version, "type": promises.type_name(version.type) if version else ""}


def new(request: HttpRequest) -> HttpResponse:
    """Record a contract, and its client where that one is new."""
    doors.actor(request).require(Ability.SERVICE_LEVELS)
    client = Client.objects.filter(pk=request.GET.get("client", "")).first()
    first = {"client_name": client.name, "client_reference": client.reference} if client else {}
    form = NewForm(request.POST or None, initial=first)
    return Keeping(
        request=request,
        form=form,
        template="console/contract_edit.html",
        context={"title": _now("Add a contract"), "back": reverse("admin:contracts")},
        act=lambda: actions.sign_contract(actor=doors.actor(request), **form.facts()),
        target=address,
        said=_("The contract is recorded."),
    ).answer()


def address(contract: Contract) -> str:
    return reverse("admin:contract", args=[contract.pk])


@require_safe
def room(request: HttpRequest, pk: str) -> HttpResponse:
    """What is in force now, and every version."""
    doors.actor(request).require(Ability.SERVICE_LEVELS)
    contract = get_object_or_404(Contract.objects.select_related("client"), pk=pk)
    held = selectors.contract_at(contract, timezone.now())
    context = {
        "title": contract.name,
        "contract": contract,
        "held": held,
        "is_void": not in_force(contract),
        "lines": promises.agreed(held) if held else [],
        "promises": promises.of_version(held) if held else [],
        "versions": history(contract, held),
        "term": term_of(contract),
        "refunds": contract.refund_decisions.all()[:CLAIMS],
        "claims": contract.claims.select_related("contract__client")[:CLAIMS],
    }
    return doors.page(request, "console/contract.html", context)


def history(contract: Contract, held: ContractVersion | None) -> list[dict[str, Any]]:
    """All versions, the latest first; also those that a correction replaced."""
    rows = contract.versions.select_related("type", "author").order_by("-valid_from", "-number")
    return [{"version": each, "is_held": each == held, "lines": promises.agreed(each)} for each in rows]


# --- A change -----------------------------------------------------------------------------------


def change(request: HttpRequest, pk: str) -> HttpResponse:
    """What applies from a date on: the form, what it changes, and then it is recorded."""
    doors.actor(request).require(Ability.SERVICE_LEVELS)
    contract = get_object_or_404(Contract.objects.select_related("client"), pk=pk)
    if not in_force(contract):
        raise Http404
    return Changing(request, contract).answer()


@dataclass
class Changing:
    """A change on its way: form -> what it changes -> action."""

    request: HttpRequest
    contract: Contract

    def answer(self) -> HttpResponse:
        held = selectors.contract_at(self.contract, timezone.now()) or in_force(self.contract)[-1]
        first = {"version": self.contract.version}
        self.form = ChangeForm(self.request.POST or None, held=held, initial=first)
        pressed = self.request.POST.get("step", "")
        if self.request.method != "POST" or not self.form.is_valid() or pressed == "edit":
            return self.show(422 if self.form.errors else 200)
        try:
            return self.record() if pressed == "publish" else self.review()
        except ValidationError as refused:
            add_errors(self.form, refused)
            return self.show(422)
        except doors.CONFLICTS as conflict:
            return self.show(409, conflict=str(conflict))

    def show(self, status: int = 200, **extra: Any) -> HttpResponse:
        title = _now("Change %(name)s") % {"name": self.contract.name}
        context = {"title": title, "form": self.form, "back": address(self.contract), "is_change": True, **extra}
        return doors.page(self.request, "console/contract_edit.html", context, status=status)

    def act(self) -> ContractVersion:
        actor = doors.actor(self.request)
        return actions.change_contract(contract=self.contract, actor=actor, **self.form.facts())

    def record(self) -> HttpResponse:
        self.act()
        return redirect(address(self.contract))

    def review(self) -> HttpResponse:
        """Do it, look at it, and take it back."""
        with transaction.atomic():
            version = self.act()
            after = promises.agreed(version)
            transaction.set_rollback(True)
        self.contract.refresh_from_db()
        held = selectors.contract_at(self.contract, version.valid_from)
        context = {
            "title": _now("Change %(name)s") % {"name": self.contract.name},
            "version": version,
            "changes": promises.differences(promises.agreed(held) if held else [], after),
            "posted": [(name, each) for name, values in typed(self.request, self.form).items() for each in values],
        }
        return doors.page(self.request, "console/contract_review.html", context)


def end(request: HttpRequest, pk: str) -> HttpResponse:
    """End a contract from a day on."""
    doors.actor(request).require(Ability.SERVICE_LEVELS)
    contract = get_object_or_404(Contract, pk=pk)
    form = EndForm(request.POST or None, initial={"version": contract.version})
    return Keeping(
        request=request,
        form=form,
        template="console/kept.html",
        context={"title": _now("End %(name)s") % {"name": contract.name}, "back": address(contract)},
        act=lambda: actions.end_contract(contract=contract, actor=doors.actor(request), **form.facts()),
        target=address,
        said=_("The end is recorded."),
    ).answer()


def void(request: HttpRequest, pk: str) -> HttpResponse:
    """Take a contract back that was recorded by mistake."""
    doors.actor(request).require(Ability.SERVICE_LEVELS)
    contract = get_object_or_404(Contract, pk=pk)
    form = VoidForm(request.POST or None, initial={"version": contract.version})
    return Keeping(
        request=request,
        form=form,
        template="console/kept.html",
        context={
            "title": _now("%(name)s was recorded by mistake") % {"name": contract.name},
            "back": address(contract),
        },
        act=lambda: actions.void_contract(contract=contract, actor=doors.actor(request), **form.facts()),
        target=address,
        said=_("This contract was recorded by mistake: nothing of it was ever in force."),
    ).answer()
