"""Templates: words written ahead, to list, add, change and remove. Thin doors to `actions.templates`."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from statuspage import selectors
from statuspage.actions import templates as actions
from statuspage.actions.base import BODY_MAX, NAME_MAX
from statuspage.labels import INCIDENT_STATUS, choices
from statuspage.models import Template
from statuspage.roles import Ability

from . import doors
from .fields import Line, Text
from .forms import in_page_order
from .keeping import Keeping


class TemplateForm(forms.Form):
    """One template, of either kind; what the other kind has is left empty."""

    kind = forms.ChoiceField(label=_("What it is for"), choices=Template.Kind.choices)
    name = Line(label=_("Name"), max_length=NAME_MAX, help_text=_("What staff choose it by; readers never see it."))
    title = Line(label=_("Title"), max_length=NAME_MAX)
    body = Text(label=_("Text"), max_length=BODY_MAX, widget=forms.Textarea(attrs={"rows": 6}))
    components = forms.MultipleChoiceField(label=_("Components"), required=False, widget=forms.CheckboxSelectMultiple)
    update_status = forms.ChoiceField(
        label=_("An incident starts with"),
        choices=[("", _("the form's own status")), *choices(INCIDENT_STATUS)[:3]],
        required=False,
    )
    minutes = forms.IntegerField(
        label=_("Maintenance lasts (minutes)"), required=False, min_value=1, max_value=actions.LONGEST_MINUTES
    )
    notify = forms.BooleanField(label=_("Tell subscribers"), required=False, initial=True)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0)

    def __init__(self, data: Any = None, *, template: Template | None = None, **kwargs: Any) -> None:
        held = {**actions.facts_of(template), "version": template.version} if template else {}
        super().__init__(data, initial={**kwargs.pop("initial", {}), **held}, **kwargs)
        options = [(each.pk, each.full_name) for each in in_page_order(selectors.components())]
        self.fields["components"].choices = options  # type: ignore[attr-defined]

    def facts(self) -> dict[str, Any]:
        known = dict(self.cleaned_data)
        version = known.pop("version")
        return {**known, "expected_version": version}


@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    """All templates, those for incidents first: they are needed in a hurry."""
    found = list(Template.objects.prefetch_related("components__group").order_by("kind", "name"))
    groups = [(kind.label, [each for each in found if each.kind == kind]) for kind in Template.Kind]
    return doors.page(request, "console/templates.html", {"title": _now("Templates"), "groups": groups})


def edit(request: HttpRequest, pk: str = "") -> HttpResponse:
    """Write a template, or change one."""
    actor = doors.actor(request)
    actor.require(Ability.PUBLISH)
    held = get_object_or_404(Template, pk=pk) if pk else None
    form = TemplateForm(request.POST or None, template=held, initial={"kind": request.GET.get("kind", "")})
    return Keeping(
        request=request,
        form=form,
        template="console/template.html",
        context={"title": _now("Change the template") if held else _now("Write a template"), "held": held},
        act=lambda: actions.save_template(template=held, actor=actor, **form.facts()),
        target=lambda done: reverse("admin:templates"),
        said=_("The template is kept. Readers see nothing of it until somebody publishes with it."),
    ).answer()


@require_POST
def remove(request: HttpRequest, pk: str) -> HttpResponse:
    """Throw a template away."""
    actions.remove_template(template=get_object_or_404(Template, pk=pk), actor=doors.actor(request))
    messages.success(request, _now("The template is removed."))
    return redirect("admin:templates")
