"""Forms that put the record of outages right, and the one that asks for some of them."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from statuspage import selectors
from statuspage.actions.outages import BROKEN, NAME_MAX, REASON_MAX, URL_MAX
from statuspage.labels import CAUSE, COMPONENT_STATUS, choices
from statuspage.models import Client, Component, Outage
from statuspage.sla import periods
from statuspage.text import clean_line

from .fields import Line, Text, WallTime
from .forms import in_page_order, new_key

MARKS = {"": None, "yes": True, "no": False}
"""What staff say of an outage -> `Outage.interrupts`."""


def reason_field(label: Any) -> Text:
    return Text(label=label, max_length=REASON_MAX, widget=forms.Textarea(attrs={"rows": 3}))


class Facts(forms.Form):
    """Times, cause, and what contracts need to know of an outage."""

    started_at = WallTime(label=_("Started (UTC)"), has_seconds=True)
    ended_at = WallTime(label=_("Ended (UTC)"), has_seconds=True)
    cause = forms.ChoiceField(label=_("Cause"), choices=choices(CAUSE))
    interrupts = forms.ChoiceField(
        label=_("In contracts"),
        choices=[
            ("", _("as its status says: a major outage interrupts")),
            ("yes", _("it interrupted the service")),
            ("no", _("it did not interrupt the service")),
        ],
        required=False,
    )
    client = Line(
        label=_("Only this client was affected (reference)"),
        help_text=_("Empty: everybody. An outage of one client is not drawn on the page."),
        max_length=NAME_MAX,
        required=False,
    )
    provider_name = Line(label=_("Provider"), max_length=NAME_MAX, required=False)
    provider_url = Line(label=_("Address of the provider's incident"), max_length=URL_MAX, required=False)
    provider_incident = Line(label=_("The provider's number of it"), max_length=NAME_MAX, required=False)

    def clean_client(self) -> Client | None:
        reference = self.cleaned_data["client"]
        found = Client.objects.filter(reference=reference).first() if reference else None
        if reference and found is None:
            raise ValidationError(_now("There is no client with this reference."))
        return found

    def facts(self) -> dict[str, Any]:
        """The keywords of the actions."""
        named = ("cause", "reason", "provider_name", "provider_url", "provider_incident")
        facts = {name: self.cleaned_data[name] for name in named}
        if "client" in self.fields:
            facts["client"] = self.cleaned_data["client"]
        marked = {"interrupts": MARKS[self.cleaned_data["interrupts"]]}
        return {**facts, **marked, **{name: self.instant(name) for name in ("started_at", "ended_at")}}

    def instant(self, name: str) -> datetime | None:
        wall = self.cleaned_data.get(name)
        return wall.replace(tzinfo=UTC) if wall else None


class CorrectionForm(Facts):
    """What the record should say, and why; times that were not touched keep their fractions."""

    reason = reason_field(_("Why the record is corrected"))

    def __init__(self, data: Any = None, *, outage: Outage, names_clients: bool) -> None:
        names = ("cause", "provider_name", "provider_url", "provider_incident")
        first = {name: getattr(outage, name) for name in names}
        first |= {name: utc(getattr(outage, name)) for name in ("started_at", "ended_at")}
        first["interrupts"] = next(word for word, mark in MARKS.items() if mark is outage.interrupts)
        first["client"] = outage.client.reference if outage.client else ""
        super().__init__(data, initial=first)
        self.outage = outage
        if outage.ended_at is None:
            del self.fields["ended_at"]
        if not names_clients:
            del self.fields["client"]

    def instant(self, name: str) -> datetime | None:
        held: datetime | None = getattr(self.outage, name)
        wall = self.cleaned_data.get(name)
        return held if wall is None or utc(held) == wall else super().instant(name)


def utc(at: datetime | None) -> datetime | None:
    """What a clock in UTC shows, to the second."""
    return at.astimezone(UTC).replace(tzinfo=None, microsecond=0) if at else None


class LateForm(Facts):
    """An outage that the page never showed."""

    component = forms.ModelChoiceField(label=_("Component"), queryset=Component.objects.none())
    status = forms.ChoiceField(
        label=_("Status"), choices=[(str(each), COMPONENT_STATUS[each]) for each in BROKEN[::-1]]
    )
    reason = reason_field(_("How it became known, and why it is recorded"))
    key = forms.CharField(widget=forms.HiddenInput, initial=new_key, max_length=64)
    field_order = ("component", "status")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["component"].queryset = selectors.every_component()  # type: ignore[attr-defined]

    def facts(self) -> dict[str, Any]:
        named = {name: self.cleaned_data[name] for name in ("component", "status")}
        return {**super().facts(), **named, "idempotency_key": self.cleaned_data["key"]}


class WithdrawalForm(forms.Form):
    """Why an outage never was."""

    reason = reason_field(_("Why it is withdrawn"))


class Filter(forms.Form):
    """Which outages to list; what cannot be understood is left out, and says so."""

    component = forms.ChoiceField(label=_("Component"), required=False)
    month = forms.CharField(
        label=_("Month"), max_length=7, required=False, widget=forms.TextInput(attrs={"type": "month", "size": "8"})
    )
    cause = forms.ChoiceField(label=_("Cause"), choices=[("", _("all")), *choices(CAUSE)], required=False)
    withdrawn = forms.BooleanField(label=_("also what was withdrawn"), required=False)

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        listed = [(each.pk, str(each)) for each in in_page_order(selectors.every_component())]
        self.fields["component"].choices = [("", _now("all")), *listed]  # type: ignore[attr-defined]

    def clean_month(self) -> Any:
        typed = clean_line(self.cleaned_data["month"])
        if not typed:
            return None
        try:
            return periods.month(typed, ZoneInfo(settings.PAGE_TIME_ZONE))
        except (ValueError, OverflowError):
            raise ValidationError(_now("Give a month, such as 2026-11.")) from None

    def found(self) -> QuerySet[Outage]:
        """The versions that count, newest first, and where asked those that say there was none."""
        self.is_valid()
        asked = self.cleaned_data
        newest = Q(is_current=True) | Q(is_withdrawn=True, replaced_by=None) if asked.get("withdrawn") else None
        rows = Outage.objects.filter(newest) if newest else Outage.objects.current()
        if component := asked.get("component"):
            rows = rows.filter(component=component)
        if cause := asked.get("cause"):
            rows = rows.filter(cause=cause)
        if month := asked.get("month"):
            rows = rows.filter(Q(ended_at=None) | Q(ended_at__gt=month.start), started_at__lt=month.end)
        return rows
