"""Components: how each is, said without an incident; what they are called, and their order."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from statuspage import mail_addresses, selectors
from statuspage.actions import components as actions
from statuspage.actions import groups
from statuspage.models import Component, ComponentGroup
from statuspage.roles import Ability

from . import doors
from .component_forms import ComponentForm, GroupForm, OrderForm
from .forms import ComponentStatuses
from .keeping import Keeping


def show(request: HttpRequest) -> HttpResponse:
    """Every component with its status; who may publish sets them, which tells nobody."""
    form = ComponentStatuses(request.POST or None)
    if request.method == "POST":
        doors.actor(request).require(Ability.PUBLISH)
        if form.is_valid() and not form.statuses():
            messages.info(request, _("Nothing was changed."))
            return redirect("admin:components")
    return Keeping(
        request=request,
        form=form,
        template="console/components.html",
        context={
            "title": _("Components"),
            "groups": selectors.groups(),
            "mirrors": selectors.mirrors(),
            "archived": selectors.archived_components(),
        },
        act=lambda: actions.set_component_statuses(statuses=form.statuses(), actor=doors.actor(request)),
        target=board,
    ).answer()


def board(done: Any = None) -> str:
    return reverse("admin:components")


def component(request: HttpRequest, pk: str = "") -> HttpResponse:
    """Add a component, or change what it is called and where it stands."""
    doors.actor(request).require(Ability.OWN)
    held = get_object_or_404(Component, pk=pk) if pk else None
    form = ComponentForm(request.POST or None, instance=held)

    def act() -> Component:
        if held is None:
            return actions.create_component(actor=doors.actor(request), **form.cleaned_data)
        changes = {name: form.cleaned_data[name] for name in form.changed_data}
        fresh = Component.objects.get(pk=held.pk)
        return actions.edit_component(component=fresh, actor=doors.actor(request), **changes) if changes else fresh

    title = _("Edit the component") if held else _("Add a component")
    return kept(request, form, title, act, **beside(held))


def beside(held: Component | None) -> dict[str, str]:
    """Where a component is archived, or one that is archived is brought back; and where monitors write to."""
    if held is None:
        return {}
    step = "archive" if held.archived_at is None else "restore"
    address = mail_addresses.address_of(held) if held.archived_at is None else ""
    return {step: reverse(f"admin:component-{step}", args=[held.pk]), "mail_address": address}


def group(request: HttpRequest, pk: str = "") -> HttpResponse:
    """Add a group, or change one."""
    doors.actor(request).require(Ability.OWN)
    held = get_object_or_404(ComponentGroup, pk=pk) if pk else None
    form = GroupForm(request.POST or None, instance=held)

    def act() -> ComponentGroup:
        fresh = ComponentGroup.objects.get(pk=held.pk) if held else None
        return groups.save_group(group=fresh, actor=doors.actor(request), **form.cleaned_data)

    remove = {"remove": reverse("admin:group-remove", args=[held.pk])} if held else {}
    return kept(request, form, _("Edit the group") if held else _("Add a group"), act, **remove)


def order(request: HttpRequest) -> HttpResponse:
    """Put groups and components into another order."""
    doors.actor(request).require(Ability.OWN)
    form = OrderForm(request.POST or None)

    def act() -> None:
        actions.arrange(components=form.placed("component"), groups=form.placed("group"), actor=doors.actor(request))

    return kept(request, form, _("Order of the page"), act, template="console/order.html")


def kept(
    request: HttpRequest,
    form: Any,
    title: str,
    act: Any,
    *,
    template: str = "console/component_edit.html",
    **context: str,
) -> HttpResponse:
    return Keeping(
        request=request, form=form, template=template, context={"title": title, **context}, act=act, target=board
    ).answer()
