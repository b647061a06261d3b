"""Which page of a provider a component follows: look at the page, choose the component of it, or stop."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from statuspage.actions import mirrors as actions
from statuspage.actions.outages import URL_MAX
from statuspage.labels import COMPONENT_STATUS
from statuspage.mirroring import rounds
from statuspage.mirroring.asking import NoAnswer, base_of
from statuspage.mirroring.reading import Nonsense, Page
from statuspage.models import Component, ComponentMirror
from statuspage.roles import Ability

from . import doors
from .fields import Line
from .telling import add_errors

WHOLE = "*"
"""The choice that stands for the whole page; theirs have ids."""


class AddressForm(forms.Form):
    """Where the provider's page is."""

    page_url = Line(
        label=_("Address of the provider's page"),
        help_text=_("A page with Statuspage's public JSON, such as https://status.example.com."),
        max_length=URL_MAX,
    )

    def clean_page_url(self) -> str:
        return base_of(self.cleaned_data["page_url"])


class PartForm(AddressForm):
    """What of that page the component follows."""

    part = forms.ChoiceField(label=_("It follows"))

    def __init__(self, data: Any, page: Page) -> None:
        super().__init__(data)
        listed = [(each.id, f"{each.name} ({COMPONENT_STATUS[each.status]})") for each in page.parts]
        self.fields["page_url"].widget = forms.HiddenInput()
        whole = (WHOLE, _now("the whole page (%(status)s)") % {"status": COMPONENT_STATUS[page.status]})
        self.fields["part"].choices = [whole, *listed]  # type: ignore[attr-defined]
        self.names = {each.id: each.name for each in page.parts}

    def followed(self, page: Page) -> actions.Followed:
        part = self.cleaned_data["part"]
        remote = "" if part == WHOLE else part
        return actions.Followed(self.cleaned_data["page_url"], page.name, remote, self.names.get(remote, ""))


def room(request: HttpRequest, pk: str) -> HttpResponse:
    """What the component follows and how asking goes; and the way to another page, or to none."""
    doors.actor(request).require(Ability.OWN)
    component = get_object_or_404(Component.objects.select_related("group"), pk=pk)
    step = request.POST.get("step", "")
    if request.method == "POST" and step == "stop":
        actions.stop_mirror(component=component, actor=doors.actor(request))
        messages.success(request, _now("The component follows no page. Its status stays as it is."))
        return redirect("admin:component-mirror", pk)
    return Choosing(request, component, step).answer()


@dataclass
class Choosing:
    """An address on its way: address -> what that page offers -> the action."""

    request: HttpRequest
    component: Component
    step: str

    def answer(self) -> HttpResponse:
        first = {"page_url": self.mirror.page_url} if self.mirror else {}
        form = AddressForm(self.request.POST or None, initial=first)
        if self.request.method != "POST" or not form.is_valid():
            return self.show(form, 422 if form.errors else 200)
        try:
            page, _tag = rounds.hear(form.cleaned_data["page_url"], "", settings.MIRROR_ALLOWED_HOSTS)
        except (NoAnswer, Nonsense) as trouble:
            said = _now("This page cannot be followed: %(trouble)s") % {"trouble": trouble}
            form.add_error("page_url", said)
            return self.show(form, 422)
        assert page is not None
        return self.offer(page)

    def offer(self, page: Page) -> HttpResponse:
        """What the page has; once one is chosen, it is followed."""
        chosen = {"page_url": base_of(self.request.POST["page_url"]), "part": self.request.POST.get("part", WHOLE)}
        form = PartForm(chosen, page)
        if self.step != "follow" or not form.is_valid():
            return self.show(form, 422 if form.errors else 200, page=page)
        try:
            followed, actor = form.followed(page), doors.actor(self.request)
            actions.mirror_component(component=self.component, followed=followed, actor=actor)
        except ValidationError as refused:
            add_errors(form, refused)
            return self.show(form, 422, page=page)
        messages.success(self.request, _now("The component follows that page from now on."))
        return redirect(self.address)

    @property
    def address(self) -> str:
        return reverse("admin:component-mirror", args=[self.component.pk])

    @cached_property
    def mirror(self) -> ComponentMirror | None:
        return ComponentMirror.objects.filter(component=self.component).first()

    def show(self, form: forms.Form, status: int = 200, **extra: Any) -> HttpResponse:
        said = COMPONENT_STATUS.get(self.mirror.said) if self.mirror else ""
        context = {"title": _now("Follow a provider's page"), "component": self.component, "mirror": self.mirror}
        context |= {"form": form, "said": said, "every": settings.MIRROR_SECONDS, **extra}
        return doors.page(self.request, "console/mirror.html", context, status=status)
