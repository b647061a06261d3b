"""A form for the figures of a contract: exact decimals in, the arithmetic's own dataclass out."""

import re
from collections.abc import Iterator
from datetime import timedelta
from fractions import Fraction
from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from statuspage.actions.base import NAME_MAX
from statuspage.contracted import per_cent
from statuspage.labels import CAUSE, SEVERITY, choices
from statuspage.models import Period
from statuspage.sla.clocks import Targets
from statuspage.sla.contracts import NEVER_COUNTED, Band, Contract, Redundancy, RefundRule, percent
from statuspage.vocabulary import Cause, Severity

from .contract_forms import EMPTY_ROWS
from .fields import Line, zone_choices
from .forms import new_key
from .promises import CONNECTION

DECIMAL = re.compile(r"[0-9]{1,3}(\.[0-9]{1,12})?")
TARGETS: dict[str, Redundancy | None] = {
    "target": None,
    **{f"target_{each.value}": each for each in (Redundancy.REDUNDANT, Redundancy.SINGLE)},
}
LIMITS = {"response": _("Response (minutes)"), "fix": _("Fix (minutes)"), "progress": _("Reports every (minutes)")}
MINUTE = timedelta(minutes=1)
LONGEST = 60 * 24 * 366


class Percent(Line):
    """Per cent as a decimal, kept exactly."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, max_length=20, **kwargs)

    def clean(self, value: Any) -> Fraction | None:
        text = super().clean(value)
        if text and not DECIMAL.fullmatch(text):
            raise forms.ValidationError(_now("%(value)s is no percentage. Example: 99.95") % {"value": text})
        return percent(text) if text else None


def count(label: Any, **kwargs: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, required=False, min_value=0, max_value=LONGEST, **kwargs)


class TypeForm(forms.Form):
    """Figures of its own, beginning with a preset's."""

    name = Line(label=_("Type"), max_length=NAME_MAX)
    period = forms.ChoiceField(label=_("Period"), choices=Period.choices)
    time_zone = forms.ChoiceField(label=_("Time zone"))
    not_counted = forms.MultipleChoiceField(
        label=_("Not counted"),
        choices=[each for each in choices(CAUSE) if each[0] in {Cause.THIRD_PARTY, Cause.BEYOND_CONTROL}],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    claim_days = count(_("Days to claim a credit"))
    most_days = count(_("Days of credit a month at the most"))
    key = forms.CharField(widget=forms.HiddenInput, initial=new_key, max_length=64)

    def __init__(self, data: Any = None, *, preset: Contract) -> None:
        super().__init__(data, initial=initial(preset))
        self.fields["time_zone"].choices = zone_choices("UTC")  # type: ignore[attr-defined]
        self.bands = len(preset.bands) + EMPTY_ROWS
        self.fields |= dict(self.figures())

    def figures(self) -> Iterator[tuple[str, forms.Field]]:
        """Targets, bands, limits and refunds: a field for each figure."""
        for name, redundancy in TARGETS.items():
            label = CONNECTION[redundancy.value] if redundancy else _("Either way of connecting")
            yield name, Percent(label=label)
        for number in range(self.bands):
            words = {"number": number + 1}
            yield f"band_{number}", Percent(label=_now("Band %(number)d: from (%%)") % words)
            yield f"days_{number}", count(_now("Band %(number)d: days") % words)
        for severity in Severity:
            for name, label in LIMITS.items():
                yield f"{name}_{severity.value}", count(label)
            yield f"more_{severity.value}", count(_("Refund above so many failures"))
            yield f"dates_{severity.value}", count(_("within so many days"))
            yield f"share_{severity.value}", Percent(label=_("each with so many % of the messages"))

    def target_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in TARGETS]

    def band_fields(self) -> list[forms.BoundField]:
        return [self[f"{name}_{number}"] for number in range(self.bands) for name in ("band", "days")]

    def severity_fields(self) -> list[tuple[Any, list[forms.BoundField]]]:
        """Each severity with its limits and its refund."""
        names = (*LIMITS, "more", "dates", "share")
        return [(SEVERITY[each], [self[f"{name}_{each.value}"] for name in names]) for each in Severity]

    def facts(self) -> dict[str, Any]:
        """The keywords of the action."""
        return {name: self.cleaned_data[name] for name in ("name", "time_zone", "key")} | {"terms": self.terms()}

    def terms(self) -> Contract:
        given = self.cleaned_data
        return Contract(
            name=given["name"],
            is_yearly=given["period"] == Period.YEAR,
            targets={each: given[name] for name, each in TARGETS.items() if given[name] is not None},
            not_counted=NEVER_COUNTED | {Cause(each) for each in given["not_counted"]},
            bands=tuple(self.given_bands()),
            claim_days=given["claim_days"] or 0,
            most_days=given["most_days"] or 0,
            severities={each: limits for each in Severity if (limits := self.limits(each))},
            refunds=tuple(self.rules()),
        )

    def given_bands(self) -> Iterator[Band]:
        for number in range(self.bands):
            edge, days = self.cleaned_data[f"band_{number}"], self.cleaned_data[f"days_{number}"]
            if edge is not None or days:
                yield Band(edge or Fraction(0), days or 0)

    def limits(self, severity: Severity) -> Targets | None:
        """Of a severity; None where nothing is said of it."""
        minutes = {name: self.cleaned_data[f"{name}_{severity.value}"] for name in LIMITS}
        if not any(minutes.values()):
            return None
        spans = {name: (value or 0) * MINUTE for name, value in minutes.items()}
        return Targets(spans["response"], spans["fix"], spans["progress"] or None)

    def rules(self) -> Iterator[RefundRule]:
        for severity in Severity:
            more, dates, share = (self.cleaned_data[f"{name}_{severity.value}"] for name in ("more", "dates", "share"))
            if more is not None or dates or share is not None:
                yield RefundRule(severity, more or 0, dates or 0, share)


def initial(preset: Contract) -> dict[str, Any]:
    """The form of a preset's figures."""
    first: dict[str, Any] = {
        "period": Period.YEAR if preset.is_yearly else Period.MONTH,
        "time_zone": "UTC",
        "not_counted": sorted(preset.not_counted - NEVER_COUNTED),
        "claim_days": preset.claim_days or None,
        "most_days": preset.most_days or None,
    }
    for name, redundancy in TARGETS.items():
        first[name] = per_cent(preset.targets[redundancy]) if redundancy in preset.targets else ""
    for number, band in enumerate(preset.bands):
        first |= {f"band_{number}": per_cent(band.at_least), f"days_{number}": band.days}
    for severity, limits in preset.severities.items():
        spans = {name: span and span // MINUTE for name, span in vars(limits).items()}
        first |= {f"{name}_{severity.value}": minutes for name, minutes in spans.items()}
    for rule in preset.refunds:
        share = "" if rule.share is None else per_cent(rule.share)
        figures = {"more": rule.more_than, "dates": rule.dates, "share": share}
        first |= {f"{name}_{rule.severity.value}": figure for name, figure in figures.items()}
    return first
