"""How machines call in: webhooks and their mappings, components' addresses for mail, and the last calls of all."""

import json
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_POST, require_safe

from statuspage import audit, selectors
from statuspage.actions import hooks as actions
from statuspage.actions import mail_words
from statuspage.alerting.alertmanager import Unreadable
from statuspage.models import Component, HookCall, IncomingHook
from statuspage.roles import Ability

from . import doors
from .fields import Line
from .forms import in_page_order
from .keeping import Keeping
from .telling import add_errors

SHOWN_CALLS = 50
LONGEST_JSON = 100_000

DID = {
    "opened": _("opened an incident"),
    "updated": _("updated an incident"),
    "resolved": _("resolved an incident"),
    "reopened": _("reopened an incident"),
    "noted": _("noted in the incident's room, where staff decide"),
    "drafted": _("wrote a draft"),
    "withdrawn": _("withdrew a draft"),
    "nothing": _("changed nothing"),
    "set": _("set the component's status"),
    "ignored": _("ignored"),
    "": pgettext_lazy("a call of a machine", "refused"),
}
"""What becomes of a call, in words."""

FIRST_MAPPING = {
    "alert": "id",
    "state": {"path": "status", "values": {"alerting": "firing", "ok": "resolved"}},
    "component_status": {"default": "major_outage"},
    "summary": "message",
}


class Json(forms.CharField):
    """JSON as somebody types it."""

    def __init__(self, rows: int, **kwargs: Any) -> None:
        attributes = {"rows": rows, "spellcheck": "false", "dir": "ltr", "class": "code"}
        super().__init__(max_length=LONGEST_JSON, widget=forms.Textarea(attrs=attributes), **kwargs)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        try:
            return json.loads(text)
        except (ValueError, RecursionError) as error:
            raise ValidationError(_now("This is no JSON: %(why)s") % {"why": error}) from None


class HookForm(forms.Form):
    """One webhook, and a payload to try it with."""

    name = Line(label=_("Name"), max_length=actions.NAME_MAX)
    mapping = Json(14, label=_("Mapping"), help_text=_("Where each fact stands in the payload: docs/alerts.md."))
    components = forms.MultipleChoiceField(
        label=_("Components"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("What its alerts are about where the payload names none."),
    )
    is_draft_first = forms.BooleanField(label=_("Write drafts, which staff publish"), required=False)
    is_active = forms.BooleanField(label=_("Take calls"), required=False, initial=True)
    payload = Json(10, label=_("A payload to try"), required=False, help_text=_("It is not kept."))

    def __init__(self, data: Any, hook: IncomingHook | None) -> None:
        held = actions.facts_of(hook) if hook else {"mapping": FIRST_MAPPING}
        held["mapping"] = json.dumps(held["mapping"], indent=2, ensure_ascii=False)
        super().__init__(data, initial=held)
        options = [(each.pk, each.full_name) for each in in_page_order(selectors.components())]
        self.fields["components"].choices = options  # type: ignore[attr-defined]

    def facts(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name != "payload"}


@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    """All webhooks, where each is called, and what machines said last by any door."""
    doors.actor(request).require(Ability.OWN)
    calls = HookCall.objects.select_related("hook", "component__group")[:SHOWN_CALLS]
    context = {
        "title": _now("Calls of machines"),
        "hooks": IncomingHook.objects.all(),
        "site": settings.SITE_URL,
        "calls": [{"call": each, "did": DID.get(each.did, each.did)} for each in calls],
    }
    return doors.page(request, "console/hooks.html", context)


def edit(request: HttpRequest, pk: str = "") -> HttpResponse:
    """Add a webhook or change one; or see what would become of a payload."""
    actor = doors.actor(request)
    actor.require(Ability.OWN)
    held = get_object_or_404(IncomingHook, pk=pk) if pk else None
    form = HookForm(request.POST or None, held)
    keeping = Keeping(
        request=request,
        form=form,
        template="console/hook.html",
        context={"title": held.name if held else _now("Add a webhook"), "held": held, "site": settings.SITE_URL},
        act=lambda: actions.save_hook(hook=held, actor=actor, **form.facts()),
        target=lambda done: reverse("admin:hooks"),
        said=_("The webhook is kept."),
    )
    if request.POST.get("step") == "try" and form.is_valid():
        return tried(keeping, held, actor)
    return keeping.answer()


def tried(keeping: Keeping, held: IncomingHook | None, actor: audit.Actor) -> HttpResponse:
    """The form with what would come of its payload; nothing does."""
    form = keeping.form
    try:
        found = actions.rehearse(hook=held, payload=form.cleaned_data["payload"], actor=actor, **form.facts())
    except ValidationError as refused:
        add_errors(form, refused)
        return keeping.show(422)
    except Unreadable as error:
        form.add_error("payload", str(error))
        return keeping.show(422)
    names = {each.pk: each.full_name for each in selectors.components()}
    return keeping.show(tried=[shown(each, names) for each in found])


def shown(group: actions.Rehearsed, names: dict[str, str]) -> dict[str, Any]:
    """One group of the payload: its alerts as they were read, and what would become of them."""
    alerts = [{"alert": each, "components": [names[pk] for pk in each.components]} for each in group.alerts]
    return {"key": group.key, "alerts": alerts, "did": DID[group.did]}


@require_POST
def change_address(request: HttpRequest, pk: str) -> HttpResponse:
    """Another address for a component's mail; the old one is nobody's."""
    mail_words.change_address(component=get_object_or_404(Component, pk=pk), actor=doors.actor(request))
    messages.success(request, _now("The component has another address. Mail to the old one is refused."))
    return redirect("admin:component", pk)
