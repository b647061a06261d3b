"""Clients: all of them, and one with its contracts."""

from typing import Any

from django import forms
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from statuspage.actions import clients as actions
from statuspage.actions.base import NAME_MAX
from statuspage.models import Client
from statuspage.roles import Ability
from statuspage.text import clean_line

from . import contracts, doors, keyset
from .fields import Line
from .keeping import Keeping

PAGE = 30


class ClientForm(forms.Form):
    """What a client is called here, and by which reference its subscribers are known."""

    name = Line(label=_("Client"), max_length=NAME_MAX)
    reference = Line(label=_("Reference of the client"), max_length=NAME_MAX)
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def facts(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        return {"name": cleaned["name"], "reference": cleaned["reference"], "expected_version": cleaned["version"]}


@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    """The newest first, with how many contracts each has; by name or reference."""
    doors.actor(request).require(Ability.SERVICE_LEVELS)
    words = clean_line(request.GET.get("q", ""))[:100]
    rows = Client.objects.annotate(count=Count("contracts"))
    found = rows.filter(Q(name__icontains=words) | Q(reference__icontains=words)) if words else rows
    page = keyset.page(found, "created_at", PAGE, request.GET)
    return doors.page(request, "console/clients.html", {"title": _now("Clients"), "page": page, "words": words})


def client(request: HttpRequest, pk: str) -> HttpResponse:
    """One client, its contracts, and its name and reference to change."""
    doors.actor(request).require(Ability.SERVICE_LEVELS)
    held = get_object_or_404(Client, pk=pk)
    first = {"name": held.name, "reference": held.reference, "version": held.version}
    form = ClientForm(request.POST or None, initial=first)
    rows = contracts.with_standing(list(held.contracts.select_related("client")))
    return Keeping(
        request=request,
        form=form,
        template="console/client.html",
        context={"title": held.name, "client": held, "rows": rows, "back": reverse("admin:clients")},
        act=lambda: actions.change_client(client=held, actor=doors.actor(request), **form.facts()),
        target=lambda done: reverse("admin:client", args=[pk]),
        said=_("Saved."),
    ).answer()
