"""Forms for contracts: what was agreed, from when on; rows for services grow as they are filled."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.utils.text import capfirst
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from statuspage import selectors
from statuspage.actions.agreed import REASON_MAX, Agreed, Contact, Service
from statuspage.actions.base import NAME_MAX
from statuspage.labels import REPORT_CHANNEL, choices
from statuspage.models import ContractType, ContractVersion, ServiceKind
from statuspage.sla.contracts import CONTRACTS

from .fields import Line, Text, plain_zone, zone_choices
from .forms import archived, in_page_order, new_key
from .promises import CONNECTION, PRESET, contact_text

EMPTY_ROWS = 4
"""Rows for services that are offered beside those that are filled."""
MOST_ROWS = 100
GATEWAYS = (ServiceKind.PRIMARY, ServiceKind.SECONDARY)


class Day(forms.DateField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **kwargs)


def type_choices() -> list[tuple[str, Any]]:
    """The presets, then staff's own."""
    own = ContractType.objects.filter(preset="").order_by("name").values_list("pk", "name")
    return [*((name, PRESET[name]) for name in CONTRACTS), *own]


def component_choices() -> list[tuple[str, str]]:
    """Those that are there, then the archived ones: a contract may still cover them."""
    listed = [(each.pk, each.full_name) for each in in_page_order(selectors.components())]
    gone = [(each.pk, archived(each)) for each in in_page_order(selectors.archived_components())]
    return [*listed, *gone]


class AgreedForm(forms.Form):
    """What a version says. `held` fills it with what was in force."""

    type = forms.ChoiceField(label=_("Type"))
    starts_on = Day(label=_("From"))
    ends_on = Day(label=_("Until"), required=False, help_text=_("The first day without this contract; empty: open."))
    time_zone = forms.ChoiceField(label=_("Time zone"))
    redundancy = forms.ChoiceField(label=_("Connection"), required=False)
    report_channels = forms.MultipleChoiceField(
        label=_("Failures are reported by"),
        choices=choices(REPORT_CHANNEL),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    contacts = Text(
        label=_("Contacts"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One a line: name; e-mail address; phone number with its country. One of the last two is enough."),
    )
    subscription_amount = Line(label=_("Subscription a month"), required=False, max_length=20)
    subscription_currency = Line(label=_("Currency"), required=False, max_length=3)
    key = forms.CharField(widget=forms.HiddenInput, initial=new_key, max_length=64)

    def __init__(self, data: Any = None, *, held: ContractVersion | None = None, **kwargs: Any) -> None:
        kwargs["initial"] = {**(initial(held) if held else {}), **kwargs.get("initial", {})}
        super().__init__(data, **kwargs)
        zone = kwargs["initial"].get("time_zone") or plain_zone(settings.PAGE_TIME_ZONE)
        self.fields["time_zone"].initial = zone
        offered = {
            "type": type_choices(),
            "time_zone": zone_choices(zone),
            "redundancy": [("", _now("makes no difference")), *CONNECTION.items()],
        }
        for name, options in offered.items():
            self.fields[name].choices = options  # type: ignore[attr-defined]
        self.count = rows_in(data) if data is not None else len(own_services(held)) + EMPTY_ROWS
        self.add_services()

    def add_services(self) -> None:
        """Both gateways, and a row with a name for each other service."""
        options = component_choices()
        for kind in GATEWAYS:
            self.fields[f"{kind.value}_components"] = covering(capfirst(kind.label), options)
        for number in range(self.count):
            words = {"number": number + 1}
            name = Line(label=_now("Service %(number)d") % words, required=False, max_length=NAME_MAX)
            self.fields[f"service_{number}"] = name
            self.fields[f"service_{number}_components"] = covering(
                _now("Components of service %(number)d") % words, options
            )

    def gateways(self) -> list[forms.BoundField]:
        return [self[f"{kind.value}_components"] for kind in GATEWAYS]

    def rows(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """Name and components of each service."""
        return [(self[f"service_{each}"], self[f"service_{each}_components"]) for each in range(self.count)]

    def services(self) -> Iterator[Service]:
        """Those of which something is said; what is missing, the action asks for."""
        for kind in GATEWAYS:
            if covered := self.cleaned_data[f"{kind.value}_components"]:
                yield Service(name=kind.value, components=covered, kind=kind.value)
        for number in range(self.count):
            name = self.cleaned_data[f"service_{number}"]
            covered = self.cleaned_data[f"service_{number}_components"]
            if name or covered:
                yield Service(name=name, components=covered)

    def facts(self) -> dict[str, Any]:
        """The keywords of the actions."""
        cleaned = self.cleaned_data
        plain = ("type", "time_zone", "redundancy", "report_channels", "subscription_amount", "subscription_currency")
        agreed = Agreed(
            **{name: cleaned[name] for name in plain},
            services=list(self.services()),
            contacts=[contact(line) for line in cleaned["contacts"].splitlines() if line.strip()],
            reason=cleaned.get("reason", ""),
        )
        return {"agreed": agreed, **{name: cleaned[name] for name in ("starts_on", "ends_on", "key")}}


def covering(label: Any, options: list[tuple[str, str]]) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(label=label, choices=options, required=False, widget=forms.CheckboxSelectMultiple)


def rows_in(data: Any) -> int:
    """As many rows as were sent, and some more after the last that is filled."""
    numbers = [int(name.split("_")[1]) for name in data if is_row(name) and data[name]]
    return min(max(numbers, default=-1) + 1 + EMPTY_ROWS, MOST_ROWS)


def is_row(name: str) -> bool:
    parts = name.split("_")
    return parts[0] == "service" and len(parts) > 1 and parts[1].isdecimal() and len(parts[1]) < 4


def contact(line: str) -> Contact:
    """ "Jo Bell; jo@example.com; +31 6 12345678", in any order; what is neither address nor number is the name."""
    parts = [part.strip() for part in line.split(";") if part.strip()]
    found = {"email": [each for each in parts if "@" in each], "phone": [each for each in parts if is_number(each)]}
    names = [each for each in parts if each not in found["email"] + found["phone"]]
    firsts = {name: values[0] for name, values in found.items() if values}
    return Contact(name=" ".join([*names, *found["email"][1:], *found["phone"][1:]]), **firsts)


def is_number(text: str) -> bool:
    return "@" not in text and sum(each.isdigit() for each in text) >= 5 and not any(each.isalpha() for each in text)


def own_services(held: ContractVersion | None) -> list[Any]:
    """The services of a version that are no gateways."""
    return list(held.services.filter(kind=ServiceKind.SERVICE)) if held else []


def initial(held: ContractVersion) -> dict[str, Any]:
    """The form of what was agreed."""
    plain = ("time_zone", "redundancy", "report_channels", "subscription_amount", "subscription_currency", "ends_on")
    first = {name: getattr(held, name) for name in plain}
    first["type"] = held.type.preset or held.type_id
    first["contacts"] = "\n".join(contact_text(each) for each in held.contacts.all())
    for kind in GATEWAYS:
        first[f"{kind.value}_components"] = covered_by(held.services.filter(kind=kind).first())
    for number, each in enumerate(own_services(held)):
        first |= {f"service_{number}": each.name, f"service_{number}_components": covered_by(each)}
    return first


def covered_by(service: Any) -> list[str]:
    return list(service.coverages.values_list("component_id", flat=True)) if service else []


class NewForm(AgreedForm):
    """A contract, with its client where that one is new."""

    client_name = Line(label=_("Client"), max_length=NAME_MAX)
    client_reference = Line(
        label=_("Reference of the client"),
        max_length=NAME_MAX,
        help_text=_("The same that its subscribers carry, so that what they were told can be shown."),
    )
    name = Line(label=_("Contract"), max_length=NAME_MAX, help_text=_("A name of its own, such as its number."))
    field_order = ["client_name", "client_reference", "name"]

    def facts(self) -> dict[str, Any]:
        names = ("client_name", "client_reference", "name")
        return {**super().facts(), **{name: self.cleaned_data[name] for name in names}}


class ChangeForm(AgreedForm):
    """What applies from a date on."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    reason = Text(
        label=_("Why it changes"), required=False, max_length=REASON_MAX, widget=forms.Textarea(attrs={"rows": 2})
    )

    def facts(self) -> dict[str, Any]:
        return {**super().facts(), "expected_version": self.cleaned_data["version"]}


class EndForm(forms.Form):
    """The first day without the contract."""

    ends_on = Day(label=_("The first day without it"))
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def facts(self) -> dict[str, Any]:
        day: date = self.cleaned_data["ends_on"]
        return {"ends_on": day, "expected_version": self.cleaned_data["version"]}


class VoidForm(forms.Form):
    """Why a contract should never have been recorded."""

    reason = Text(label=_("Why it was a mistake"), max_length=REASON_MAX, widget=forms.Textarea(attrs={"rows": 3}))
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def facts(self) -> dict[str, Any]:
        return {"reason": self.cleaned_data["reason"], "expected_version": self.cleaned_data["version"]}
