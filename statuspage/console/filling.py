"""A form filled from a template, or with a slot, so that nothing is lost that was typed.

A field takes the new words where it is empty, holds what every form begins with, or still
holds what the template before put there. Anything else was typed by somebody, and stays.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from statuspage.models import Template

from .fields import FORMAT, WallTime

Values = Mapping[str, Any]
"""Field -> what it is to hold, as an unbound form takes it."""


class FromTemplate(forms.Form):
    """What a form needs to be filled from a template of its kind."""

    template_kind: str
    fills_status = True
    """Whether what an incident starts with is this form's too; an update's status follows the one before."""

    template = forms.ChoiceField(label=_("Template"), required=False)
    filled_from = forms.CharField(widget=forms.HiddenInput, required=False, max_length=12)
    """The template that its words came from."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = Template.objects.filter(kind=self.template_kind).values_list("pk", "name")
        self.fields["template"].choices = [("", "—"), *known]  # type: ignore[attr-defined]

    @property
    def has_templates(self) -> bool:
        return len(self.fields["template"].choices) > 1  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Filled:
    """A form as it stands after that: the form, the labels of the fields that kept what was typed, what it is about."""

    form: Any
    kept: list[str]
    components: list[str]


def from_template(make: Callable[[Any], Any], data: QueryDict) -> Filled:
    """The form with the words of the template that was chosen; as it was where none was."""
    blank = make(None)
    new, old = find(blank, data.get("template", "")), find(blank, data.get("filled_from", ""))
    if new is None:
        return Filled(refilled(blank, data, {}), [], [])
    values, before = values_of(new, blank, data), values_of(old, blank, data) if old else {}
    taken = {name: value for name, value in values.items() if is_free(blank, data, name, before)}
    kept = [name for name in values if name not in taken and typed(blank, data, name) != values[name]]
    labels = [str(blank.fields[name].label) for name in kept]
    names = [each.full_name for each in new.components.select_related("group")]
    return Filled(refilled(blank, data, {**taken, "filled_from": new.pk}), labels, names)


def with_values(make: Callable[[Any], Any], data: QueryDict, values: Values) -> Any:
    """The form with what was typed, but for these."""
    return refilled(make(None), data, values)


def find(form: Any, pk: str) -> Template | None:
    return Template.objects.filter(pk=pk, kind=form.template_kind).first() if pk else None


def values_of(template: Template, form: Any, data: QueryDict) -> dict[str, Any]:
    """What a template puts into the fields that this form has."""
    found: dict[str, Any] = {"name": template.title, "body": template.body, "notify": template.notify}
    if template.update_status and form.fills_status:
        found["status"] = template.update_status
    if "components" in form.fields:
        found["components"] = list(template.components.values_list("pk", flat=True))
    if template.minutes and (end := end_after(data.get("starts", ""), template.minutes)):
        found["ends"] = end
    return {name: value for name, value in found.items() if name in form.fields}


def end_after(starts: str, minutes: int) -> str:
    """The end of a window by the clock on the wall, so many minutes after its start; "" where that is not known."""
    try:
        wall = WallTime(required=False).to_python(starts)
    except ValidationError:
        return ""
    return f"{wall + timedelta(minutes=minutes):{FORMAT}}" if wall else ""


def is_free(form: Any, data: QueryDict, name: str, before: Values) -> bool:
    """Whether nobody typed what this field holds."""
    held = typed(form, data, name)
    if name not in data and not isinstance(form.fields[name], forms.BooleanField):
        return True
    return held in ("", []) or held == first(form, name) or (name in before and held == before[name])


def first(form: Any, name: str) -> Any:
    """What the field holds in a form that nobody touched."""
    value = form.get_initial_for_field(form.fields[name], name)
    return value() if callable(value) else value


def typed(form: Any, data: QueryDict, name: str) -> Any:
    """What was sent of a field; of a form that was not sent at all, what it begins with."""
    field = form.fields[name]
    if not data.get("key"):
        return first(form, name)
    if isinstance(field, forms.MultipleChoiceField):
        return data.getlist(name)
    return name in data if isinstance(field, forms.BooleanField) else data.get(name, "")


def refilled(form: Any, data: QueryDict, values: Values) -> Any:
    """The unbound form, holding what was typed and these: nothing is judged before it is sent for review."""
    held = {name: typed(form, data, name) for name in form.fields if name in data or data.get("key")}
    form.initial = {**form.initial, **held, **values}
    return form
