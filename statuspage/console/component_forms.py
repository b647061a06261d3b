"""Forms for components, groups and their order."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from statuspage import selectors
from statuspage.models import Component, ComponentGroup

LAST = 10_000
"""The lowest place; there is no page with so many components."""


class Unlike(forms.ModelForm):
    """No second one of the same name in the same place: pressing twice adds one."""

    def same(self) -> Any:
        """The rows that this one must not repeat: those of its name, unless the place counts too."""
        return self._meta.model._default_manager.filter(name=self.cleaned_data["name"])

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if "name" in cleaned and self.same().exclude(pk=self.instance.pk).exists():
            self.add_error("name", _now("There is one of that name already."))
        return cleaned


class ComponentForm(Unlike):
    """What a component is called and where it stands; its status is said on the board."""

    class Meta:
        model = Component
        fields = (
            "name",
            "description",
            "group",
            "position",
            "is_third_party",
            "showcase",
            "only_show_if_degraded",
            "start_date",
        )
        widgets = {
            "description": forms.Textarea(attrs={"rows": 3}),
            "start_date": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        }

    def same(self) -> Any:
        return Component.objects.listed().filter(name=self.cleaned_data["name"], group=self.cleaned_data.get("group"))


class GroupForm(Unlike):
    """A heading over components."""

    class Meta:
        model = ComponentGroup
        fields = ("name", "description", "position")
        widgets = {"description": forms.Textarea(attrs={"rows": 3})}

    def same(self) -> Any:
        return ComponentGroup.objects.filter(name=self.cleaned_data["name"])


class OrderForm(forms.Form):
    """A place for each group and each component."""

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        self.groups, self.components = list(selectors.groups()), list(selectors.components())
        for kind, each in [("group", each) for each in self.groups] + [("component", each) for each in self.components]:
            place = forms.IntegerField(label=str(each), initial=each.position, min_value=0, max_value=LAST)
            self.fields[f"{kind}_{each.pk}"] = place

    def placed(self, kind: str) -> dict[str, int]:
        """Id -> position, of those that move."""
        names = [name for name in self.changed_data if name.startswith(f"{kind}_")]
        return {name.removeprefix(f"{kind}_"): self.cleaned_data[name] for name in names}

    def grouped(self) -> list[tuple[Any, list[forms.BoundField]]]:
        """The groups' places, then those of the components."""
        return [
            (_("Groups"), [self[f"group_{each.pk}"] for each in self.groups]),
            (_("Components within their groups"), [self[f"component_{each.pk}"] for each in self.components]),
        ]
