"""Keys of programs: which there are, when each was last used, make one, end one. Only owners come here."""

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from statuspage import selectors
from statuspage.actions import api_keys as actions
from statuspage.models import ApiKey, Scope
from statuspage.roles import Ability

from . import doors
from .fields import Line, WallTime
from .telling import add_errors


class KeyForm(forms.Form):
    """A new key."""

    name = Line(
        label=_("Name"),
        max_length=actions.NAME_MAX,
        help_text=_("The program that will use it. The audit log names it with everything it does."),
    )
    scopes = forms.MultipleChoiceField(
        label=_("It may"), choices=Scope.choices, initial=[Scope.READ], widget=forms.CheckboxSelectMultiple
    )
    expires_at = WallTime(label=_("Valid until (UTC)"), required=False, help_text=_("Empty: until an owner ends it."))

    def facts(self) -> dict[str, Any]:
        until: datetime | None = self.cleaned_data["expires_at"]
        return {**self.cleaned_data, "expires_at": until.replace(tzinfo=UTC) if until else None}


@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    """All keys, those that open something first."""
    doors.actor(request).require(Ability.OWN)
    now = selectors.database_now()
    keys = list(ApiKey.objects.select_related("created_by"))
    groups = [
        (_now("In use"), [each for each in keys if not each.is_over(now)]),
        (_now("Ended"), [each for each in keys if each.is_over(now)]),
    ]
    return doors.page(request, "console/keys.html", {"title": _now("API keys"), "groups": groups})


def new(request: HttpRequest) -> HttpResponse:
    """Make a key, then show it, this once."""
    actor = doors.actor(request)
    actor.require(Ability.OWN)
    form = KeyForm(request.POST or None)
    context = {"title": _now("Make a key"), "form": form}
    if request.method == "POST" and form.is_valid():
        try:
            key, secret = actions.create_api_key(actor=actor, **form.facts())
        except ValidationError as refused:
            add_errors(form, refused)
        else:
            return doors.page(request, "console/key_made.html", {"title": key.name, "key": key, "secret": secret})
    return doors.page(request, "console/key_new.html", context, status=422 if form.errors else 200)


def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask once, then end a key."""
    actor = doors.actor(request)
    actor.require(Ability.OWN)
    key = get_object_or_404(ApiKey, pk=pk)
    if request.method != "POST":
        return doors.page(request, "console/key_revoke.html", {"title": key.name, "key": key})
    actions.revoke_api_key(key=key, actor=actor)
    messages.success(request, _now("The key opens nothing any more."))
    return redirect("admin:keys")
