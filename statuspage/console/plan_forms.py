"""How a window begins, ends and is told of: folded away, since the usual answer is nearly always the right one."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from statuspage.labels import IMPACT, choices
from statuspage.models import Maintenance, MaintenanceSeries
from statuspage.publishing.times import duration
from statuspage.vocabulary import Impact

ITSELF, QUIETLY, BY_HAND = "itself", "quietly", "hand"
USUAL, CHOSEN, NONE = "usual", "chosen", "none"
REMINDERS = [
    (7 * 24 * 60, _("1 week")),
    (3 * 24 * 60, _("3 days")),
    (25 * 60, _("25 hours")),
    (4 * 60, _("4 hours")),
    (60, _("1 hour")),
    (15, _("15 minutes")),
]
"""Minutes before the start."""


def reminder_choices(extra: Iterable[int] = ()) -> list[tuple[int, Any]]:
    """The usual ones, and those that a window has from elsewhere; the earliest first."""
    known = dict(REMINDERS)
    others = {minutes: duration(timedelta(minutes=minutes)) for minutes in extra if minutes not in known}
    return sorted({**known, **others}.items(), reverse=True)


def answer_of(is_automatic: bool, tells: bool) -> str:
    """How a window begins, or ends."""
    if not is_automatic:
        return BY_HAND
    return ITSELF if tells else QUIETLY


def remind_of(reminders: list[int] | None) -> str:
    """Which reminders a window has; an empty list is none at all."""
    if reminders is None:
        return USUAL
    return CHOSEN if reminders else NONE


def told_answers(row: Maintenance | MaintenanceSeries) -> dict[str, Any]:
    """The answers of `ToldFields` as a window, or a series, has them."""
    return {
        "start_by": answer_of(row.auto_start, row.tells_start),
        "end_by": answer_of(row.auto_complete, row.tells_end),
        "remind": remind_of(row.reminders),
        "reminders": row.reminders or [],
    }


class ToldFields(forms.Form):
    """How a window begins, ends and is reminded of: empty means the usual answer."""

    start_by = forms.ChoiceField(
        label=_("Start"),
        required=False,
        choices=[
            (ITSELF, _("by itself, and people are told")),
            (QUIETLY, _("by itself, telling nobody")),
            (BY_HAND, _("when somebody starts it")),
        ],
    )
    end_by = forms.ChoiceField(
        label=_("End"),
        required=False,
        choices=[
            (ITSELF, _("by itself, and people are told")),
            (QUIETLY, _("by itself, telling nobody")),
            (BY_HAND, _("when somebody completes it")),
        ],
    )
    remind = forms.ChoiceField(
        label=_("Reminders"),
        required=False,
        choices=[
            (USUAL, _("as usual")),
            (CHOSEN, _("at the times ticked below")),
            (NONE, _("none at all")),
        ],
        help_text=_("As usual: about 25 hours before more than 30 minutes of work, and 1 hour before."),
    )
    reminders = forms.TypedMultipleChoiceField(
        label=_("Before the start"), choices=REMINDERS, coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("remind") == CHOSEN and not cleaned.get("reminders"):
            self.add_error("reminders", _("Tick a time, or choose the usual reminders."))
        return cleaned

    def told(self) -> dict[str, Any]:
        """The keywords of an action that announces windows, as far as they are asked here."""
        said = self.cleaned_data
        chosen = {USUAL: None, "": None, NONE: [], CHOSEN: said.get("reminders")}
        return {
            "auto_start": said["start_by"] != BY_HAND,
            "tells_start": said["start_by"] != QUIETLY,
            "auto_complete": said["end_by"] != BY_HAND,
            "tells_end": said["end_by"] != QUIETLY,
            "reminders": chosen[said["remind"]],
        }

    def unusual_lines(self) -> list[tuple[str, str]]:
        """What was chosen that is not usual, in words, for the review."""
        names = [
            name for name in ("start_by", "end_by", "remind") if self.cleaned_data[name] not in {"", ITSELF, USUAL}
        ]
        return [(str(self.fields[name].label), self.answer(name)) for name in names]

    def answer(self, name: str) -> str:
        """An answer in words; chosen reminders by their times."""
        if self.cleaned_data[name] == CHOSEN:
            said = self.cleaned_data["reminders"]
            known = dict(self.fields["reminders"].choices)  # type: ignore[attr-defined]
            return _now(", ").join(str(known[each]) for each in sorted(said, reverse=True))
        return str(dict(self.fields[name].choices)[self.cleaned_data[name]])  # type: ignore[attr-defined]

    def has_unusual(self, usual: dict[str, str]) -> bool:
        """Whether one of these shows another answer than the usual one."""
        shown = {name: self[name].value() for name in usual}
        return any(shown[name] not in {usual[name], None, ""} for name in usual)

    @property
    def is_unusual(self) -> bool:
        """Whether the folded part holds something to be seen: an answer that is not the usual one, or an error."""
        usual = {"start_by": ITSELF, "end_by": ITSELF, "remind": USUAL}
        return self.has_unusual(usual) or bool(self["reminders"].errors)


class PlanFields(ToldFields):
    """Everything of a plan that has a usual answer: empty means that."""

    impact = forms.ChoiceField(label=_("Impact"), choices=choices(IMPACT), initial=Impact.MAINTENANCE, required=False)
    shows_notice = forms.BooleanField(label=_("Show on the page how the notice was kept"), required=False)

    def plan(self) -> dict[str, Any]:
        """The keywords of `schedule_maintenance` that make a plan."""
        said = self.cleaned_data
        impact = said.get("impact") or Impact.MAINTENANCE
        return {**self.told(), "impact": impact, "shows_notice": said["shows_notice"]}

    @property
    def is_unusual(self) -> bool:
        has_impact = "impact" in self.fields and self.has_unusual({"impact": Impact.MAINTENANCE})
        return super().is_unusual or has_impact or bool(self["shows_notice"].value())
