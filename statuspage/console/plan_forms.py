"""How a window begins, ends and is told of: folded away, since the usual answer is nearly always the right one."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from statuspage.labels import IMPACT, choices
from statuspage.publishing.times import duration
from statuspage.vocabulary import Impact

ITSELF, QUIETLY, BY_HAND = "itself", "quietly", "hand"
USUAL, CHOSEN = "usual", "chosen"
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


class PlanFields(forms.Form):
    """Everything of a plan that has a usual answer: empty means that."""

    impact = forms.ChoiceField(label=_("Impact"), choices=choices(IMPACT), initial=Impact.MAINTENANCE, required=False)
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
        ],
        help_text=_("As usual: about 25 hours before more than 30 minutes of work, and 1 hour before."),
    )
    reminders = forms.TypedMultipleChoiceField(
        label=_("Before the start"), choices=REMINDERS, coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )
    shows_notice = forms.BooleanField(label=_("Show on the page how the notice was kept"), required=False)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("remind") == CHOSEN and not cleaned.get("reminders"):
            self.add_error("reminders", _("Tick a time, or choose the usual reminders."))
        return cleaned

    def plan(self) -> dict[str, Any]:
        """The keywords of `schedule_maintenance` that make a plan."""
        said = self.cleaned_data
        return {
            "impact": said.get("impact") or Impact.MAINTENANCE,
            "auto_start": said["start_by"] != BY_HAND,
            "tells_start": said["start_by"] != QUIETLY,
            "auto_complete": said["end_by"] != BY_HAND,
            "tells_end": said["end_by"] != QUIETLY,
            "reminders": said["reminders"] if said["remind"] == CHOSEN else None,
            "shows_notice": said["shows_notice"],
        }

    def unusual_lines(self) -> list[tuple[str, str]]:
        """What was chosen that is not usual, in words, for the review."""
        names = [
            name for name in ("start_by", "end_by", "remind") if self.cleaned_data[name] not in {"", ITSELF, USUAL}
        ]
        return [(str(self.fields[name].label), self.answer(name)) for name in names]

    def answer(self, name: str) -> str:
        """An answer in words; reminders by their times."""
        if name == "remind":
            said = self.cleaned_data["reminders"]
            return _now(", ").join(str(dict(REMINDERS)[each]) for each in sorted(said, reverse=True))
        return str(dict(self.fields[name].choices)[self.cleaned_data[name]])  # type: ignore[attr-defined]

    @property
    def is_unusual(self) -> bool:
        """Whether the folded part holds something to be seen: an answer that is not the usual one, or an error."""
        usual = {"impact": Impact.MAINTENANCE, "start_by": ITSELF, "end_by": ITSELF, "remind": USUAL}
        shown = {name: self[name].value() for name in usual}
        has_chosen = any(shown[name] not in {usual[name], None, ""} for name in usual)
        return has_chosen or bool(self["shows_notice"].value()) or bool(self["reminders"].errors)
