"""Forms of recurring maintenance: a rhythm in words, or a rule of one's own, over the clock on the wall."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from statuspage import selectors
from statuspage.actions.series_windows import WALL
from statuspage.models import MaintenanceSeries
from statuspage.recurrence import LONGEST_RULE, Recurrence, normal, recurrence

from .fields import Line, Text, WallTime, plain_zone, zone_choices
from .forms import PublishingForm, Titled, in_page_order
from .plan_forms import ToldFields, reminder_choices, told_answers

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
OWN = "rule"

RHYTHMS: dict[str, tuple[Promise, Callable[[datetime], str]]] = {
    "daily": (_("every day"), lambda at: "FREQ=DAILY"),
    "working_days": (_("Monday to Friday"), lambda at: "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"),
    "weekly": (_("every week, on the weekday of the first start"), lambda at: f"FREQ=WEEKLY;BYDAY={day_of(at)}"),
    "fortnightly": (
        _("every two weeks, on the weekday of the first start"),
        lambda at: f"FREQ=WEEKLY;INTERVAL=2;BYDAY={day_of(at)}",
    ),
    "first": (_("every month, on the first such weekday"), lambda at: f"FREQ=MONTHLY;BYDAY=1{day_of(at)}"),
    "second": (_("every month, on the second such weekday"), lambda at: f"FREQ=MONTHLY;BYDAY=2{day_of(at)}"),
    "third": (_("every month, on the third such weekday"), lambda at: f"FREQ=MONTHLY;BYDAY=3{day_of(at)}"),
    "fourth": (_("every month, on the fourth such weekday"), lambda at: f"FREQ=MONTHLY;BYDAY=4{day_of(at)}"),
    "last": (_("every month, on the last such weekday"), lambda at: f"FREQ=MONTHLY;BYDAY=-1{day_of(at)}"),
    "date": (_("every month, on the date of the first start"), lambda at: f"FREQ=MONTHLY;BYMONTHDAY={at.day}"),
}
"""A rhythm in words, and its rule where the first window begins at that time."""


def day_of(at: datetime) -> str:
    return DAYS[at.weekday()]


def rhythm_of(rule: str, start: datetime) -> str:
    """Which rhythm a rule is, whenever it ends; OWN where it is none."""
    plain = ";".join(part for part in rule.split(";") if not part.startswith("UNTIL="))
    return next((name for name, (_label, made) in RHYTHMS.items() if made(start) == plain), OWN)


def in_words(series: MaintenanceSeries) -> str:
    """How it recurs, for staff: "every week, on the weekday of the first start", or the rule itself."""
    found = rhythm_of(series.rule, first_start(series))
    return str(RHYTHMS[found][0]) if found != OWN else series.rule


def told_lines(series: MaintenanceSeries) -> list[tuple[str, str]]:
    """How its windows begin, end and are reminded of, where that is not the usual way."""
    form = ToldFields(told_answers(series))
    form.fields["reminders"].choices = reminder_choices(series.reminders or ())  # type: ignore[attr-defined]
    form.is_valid()
    return form.unusual_lines()


def first_start(series: MaintenanceSeries) -> datetime:
    return datetime.strptime(series.wall_start, WALL)


class SeriesForm(ToldFields, PublishingForm, Titled):
    """When it recurs, how long each window lasts, and what each says."""

    time_zone = forms.ChoiceField(label=_("Time zone"))
    starts = WallTime(label=_("First start"))
    minutes = forms.IntegerField(label=_("Lasts (minutes)"), min_value=1, max_value=60 * 24 * 60, initial=60)
    rhythm = forms.ChoiceField(label=_("Recurs"))
    rule = Line(
        label=_("Rule"),
        required=False,
        max_length=LONGEST_RULE,
        help_text=_("For a rule of your own, as calendars write it (RRULE): FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=1"),
    )
    last_day = forms.DateField(label=_("Until"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    components = forms.MultipleChoiceField(label=_("Components"), required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zone = self.get_initial_for_field(self.fields["time_zone"], "time_zone") or plain_zone(settings.PAGE_TIME_ZONE)
        self.fields["time_zone"].initial = zone
        options = [(each.pk, each.full_name) for each in in_page_order(selectors.components())]
        rhythms = [(name, label) for name, (label, _made) in RHYTHMS.items()]
        self.choose("time_zone", zone_choices(zone))
        self.choose("components", options)
        self.choose("rhythm", [*rhythms, (OWN, _("by a rule of your own"))])

    def choose(self, name: str, options: list[Any]) -> None:
        self.fields[name].choices = options  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if {"starts", "time_zone", "minutes", "rhythm", "rule", "last_day"} <= cleaned.keys():
            self.count_out()
        return cleaned

    def count_out(self) -> None:
        """The windows that follow; what the rule lacks is said at its field."""
        try:
            self.recurrence: Recurrence = recurrence(self.rule_text(), *self.times())
        except forms.ValidationError as refused:
            for name, said in refused.message_dict.items():
                self.add_error("minutes" if name == "length" else self.field_of_rule(), said)

    def field_of_rule(self) -> str:
        return "rule" if self.cleaned_data["rhythm"] == OWN else "rhythm"

    def times(self) -> tuple[datetime, str, timedelta]:
        cleaned = self.cleaned_data
        return cleaned["starts"], cleaned["time_zone"], timedelta(minutes=cleaned["minutes"])

    def rule_text(self) -> str:
        """The rule of what was chosen; a last day is one more part of it."""
        cleaned = self.cleaned_data
        chosen = cleaned["rhythm"]
        rule = normal(cleaned["rule"]) if chosen == OWN else RHYTHMS[chosen][1](cleaned["starts"])
        last: date | None = cleaned["last_day"]
        return f"{rule};UNTIL={last:%Y%m%d}" if last else rule

    def facts(self) -> dict[str, Any]:
        start, zone, length = self.times()
        plain = ("name", "components")
        return {
            **super().facts(),
            **self.told(),
            **{name: self.cleaned_data[name] for name in plain},
            "wall_start": start,
            "time_zone": zone,
            "length": length,
            "rule": self.rule_text(),
        }


class ChangeForm(SeriesForm):
    """Other times or words for the windows from now on; where asked also for those that are announced."""

    replaces_announced = forms.BooleanField(
        label=_("Also replace the windows that are announced and have not begun"), required=False
    )
    reason = Text(
        label=_("What readers are told of those that are called off"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, data: Any = None, *, series: MaintenanceSeries, **kwargs: Any) -> None:
        super().__init__(data, initial=initial_of(series), **kwargs)
        self.choose("reminders", reminder_choices(series.reminders or ()))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("replaces_announced") and not cleaned.get("reason"):
            self.add_error("reason", _now("Say in a sentence what readers should know."))
        return cleaned

    def facts(self) -> dict[str, Any]:
        facts = super().facts()
        del facts["idempotency_key"]
        chosen = {name: self.cleaned_data[name] for name in ("replaces_announced", "reason")}
        return {**facts, **chosen, "expected_version": self.cleaned_data["version"]}


def initial_of(series: MaintenanceSeries) -> dict[str, Any]:
    """What a form shows of a series that there is."""
    start = first_start(series)
    rhythm = rhythm_of(series.rule, start)
    plain = ("name", "body", "time_zone", "notify", "version")
    return {
        **told_answers(series),
        **{name: getattr(series, name) for name in plain},
        "starts": start,
        "minutes": round(series.length / timedelta(minutes=1)),
        "components": list(series.components.values_list("pk", flat=True)),
        "rhythm": rhythm,
        "rule": series.rule if rhythm == OWN else "",
        "last_day": last_day(series.rule) if rhythm != OWN else None,
    }


def last_day(rule: str) -> date | None:
    """The UNTIL of a rule that a form made."""
    text = rule.partition("UNTIL=")[2]
    return datetime.strptime(text[:8], "%Y%m%d").date() if text else None


class EndForm(PublishingForm):
    """Announce no further windows; call off those that are announced, where asked."""

    cancels_announced = forms.BooleanField(
        label=_("Call off the windows that are announced and have not begun"), required=False
    )

    def __init__(self, data: Any = None, *, series: MaintenanceSeries, **kwargs: Any) -> None:
        super().__init__(data, initial={"version": series.version}, **kwargs)
        self.fields["body"].required = False
        self.fields["body"].label = _now("What readers are told of those that are called off")

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("cancels_announced") and not cleaned.get("body"):
            self.add_error("body", _now("Say in a sentence what readers should know."))
        return cleaned

    def facts(self) -> dict[str, Any]:
        facts = super().facts()
        del facts["idempotency_key"]
        chosen = self.cleaned_data["cancels_announced"]
        return {**facts, "cancels_announced": chosen, "expected_version": self.cleaned_data["version"]}
