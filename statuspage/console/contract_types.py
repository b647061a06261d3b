"""Contract types: what each promises, and one of one's own from a preset with other figures."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from statuspage.actions.contract_types import create_contract_type
from statuspage.models import ContractType
from statuspage.roles import Ability
from statuspage.sla.contracts import CONTRACTS

from . import doors, promises
from .contract_type_forms import TypeForm
from .keeping import Keeping


@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    """The presets with their figures, then staff's own."""
    doors.actor(request).require(Ability.SERVICE_LEVELS)
    presets = [
        {"name": promises.PRESET[name], "preset": name, "lines": promises.promises(terms)}
        for name, terms in CONTRACTS.items()
    ]
    own = [
        {"name": row.name, "preset": "", "lines": promises.of_type(row)}
        for row in ContractType.objects.filter(preset="").order_by("name")
    ]
    return doors.page(
        request, "console/contract_types.html", {"title": _now("Types of contract"), "types": [*presets, *own]}
    )


def new(request: HttpRequest) -> HttpResponse:
    """A type with figures of its own; the form begins with those of a preset."""
    doors.actor(request).require(Ability.SERVICE_LEVELS)
    form = TypeForm(request.POST or None, preset=CONTRACTS.get(request.GET.get("preset", ""), CONTRACTS["enterprise"]))
    return Keeping(
        request=request,
        form=form,
        template="console/contract_type_edit.html",
        context={"title": _now("Add a type of contract"), "back": reverse("admin:contract-types")},
        act=lambda: create_contract_type(actor=doors.actor(request), **form.facts()),
        target=lambda done: reverse("admin:contract-types"),
        said=_("The type is kept."),
    ).answer()
