"""Forms of the maintenance room: a window as wall-clock times in a zone."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from statuspage import selectors
from statuspage.models import Maintenance, Template
from statuspage.publishing.times import zone_of

from . import times
from .emergency_forms import reason_field
from .fields import WallTime, plain_zone, zone_choices
from .filling import FromTemplate
from .forms import PublishingForm, Titled, in_page_order
from .plan_forms import PlanFields

ENDS = {"starts": "starts_which", "ends": "ends_which"}
"""A time of the window -> the question which of two instants it means."""


class Window(forms.Form):
    """Start and end; where the clocks go back it is asked which of two instants is meant (fault 52)."""

    time_zone = forms.ChoiceField(label=_("Time zone"))
    starts = WallTime(label=_("Starts"))
    ends = WallTime(label=_("Ends"))
    starts_which = forms.ChoiceField(label=_("This time comes twice: which?"), required=False)
    ends_which = forms.ChoiceField(label=_("This time comes twice: which?"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        first = self.get_initial_for_field(self.fields["time_zone"], "time_zone")
        zone = first or plain_zone(settings.PAGE_TIME_ZONE)
        self.fields["time_zone"].initial = zone
        self.fields["time_zone"].choices = zone_choices(zone)  # type: ignore[attr-defined]
        self.asked: set[str] = set()
        for which in ENDS.values():
            self.fields[which].choices = [("", "—"), (times.EARLIER, _("the first")), (times.LATER, _("the second"))]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if "time_zone" in cleaned:
            self.instants = {name: self.instant(name) for name in ENDS if cleaned.get(name)}
            self.check_order(self.instants.get("starts"), self.instants.get("ends"))
        return cleaned

    def instant(self, name: str) -> datetime | None:
        """The instant meant, in UTC; None where it had to be refused or asked."""
        wall, zone = self.cleaned_data[name], self.cleaned_data["time_zone"]
        self.ask(name, wall, ZoneInfo(zone))
        try:
            return times.instant(wall, zone, self.cleaned_data.get(ENDS[name], ""), name)
        except ValidationError as refused:
            self.add_error(name, refused.messages)  # type: ignore[arg-type]
            return None

    def ask(self, name: str, wall: datetime, zone: ZoneInfo) -> None:
        """Offer both instants by their times in UTC where there are two."""
        found = times.readings(wall, zone).instants
        if len(found) < 2:
            return
        self.asked.add(ENDS[name])
        first = _now("the first, %(time)s UTC") % {"time": f"{found[0]:%H:%M}"}
        second = _now("the second, %(time)s UTC") % {"time": f"{found[1]:%H:%M}"}
        options = [("", "—"), (times.EARLIER, first), (times.LATER, second)]
        self.fields[ENDS[name]].choices = options  # type: ignore[attr-defined]

    def check_order(self, start: datetime | None, end: datetime | None) -> None:
        if start and end and end <= start:
            self.add_error("ends", _now("The window must end after it starts."))
        elif end and end <= timezone.now():
            self.add_error("ends", _now("This window is over already."))

    def window(self) -> dict[str, datetime]:
        return {"scheduled_for": self.instants["starts"], "scheduled_until": self.instants["ends"]}

    @property
    def times(self) -> list[dict[str, Any]]:
        """Start and end, each with its question, which is shown where there is one."""
        return [
            {"field": self[name], "which": self[which], "is_asked": which in self.asked} for name, which in ENDS.items()
        ]


class MaintenanceForm(Window, PlanFields, PublishingForm, Titled, FromTemplate):
    """Announce a window."""

    template_kind = Template.Kind.MAINTENANCE

    components = forms.MultipleChoiceField(label=_("Components"), required=False, widget=forms.CheckboxSelectMultiple)
    emergency = reason_field(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        options = [(each.pk, each.full_name) for each in in_page_order(selectors.components())]
        self.fields["components"].choices = options  # type: ignore[attr-defined]
        self.fields["name"].widget.attrs["autofocus"] = True

    def facts(self) -> dict[str, Any]:
        plain = {name: self.cleaned_data[name] for name in ("name", "components", "time_zone")}
        return {**super().facts(), **plain, **self.window(), **self.plan()}


class StepForm(PublishingForm):
    """Say more, start, verify, complete or cancel."""

    def __init__(self, data: Any = None, *, maintenance: Maintenance, body: str = "", **kwargs: Any) -> None:
        first = {"version": maintenance.version, "body": body, **kwargs.pop("initial", {})}
        super().__init__(data, initial=first, **kwargs)

    def facts(self) -> dict[str, Any]:
        return {**super().facts(), "expected_version": self.cleaned_data["version"]}


class StartForm(StepForm):
    """Begin now; work that begins early ends early too, and has a length of its own."""

    minutes = forms.IntegerField(label=_("Lasts (minutes)"), min_value=1, max_value=60 * 24 * 60)

    def __init__(self, data: Any = None, *, maintenance: Maintenance, **kwargs: Any) -> None:
        length = maintenance.scheduled_until - maintenance.scheduled_for
        self.announced = round(length / timedelta(minutes=1))
        super().__init__(data, maintenance=maintenance, initial={"minutes": self.announced}, **kwargs)
        self.is_early = timezone.now() < maintenance.scheduled_for
        if not self.is_early:
            del self.fields["minutes"]

    def clean(self) -> dict[str, Any]:
        """A length that was typed while the start was ahead is not dropped unsaid once it has passed."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.is_early and self.data.get("minutes", "") not in {"", str(self.announced)}:
            said = _now(
                "The announced start has passed meanwhile: move the end of the window to give it another length."
            )
            self.add_error(None, said)
        return cleaned

    def facts(self) -> dict[str, Any]:
        lasts = {"lasts": timedelta(minutes=self.cleaned_data["minutes"])} if self.is_early else {}
        return {**super().facts(), **lasts}


class MoveForm(StepForm, Window):
    """Give a window other times."""

    def __init__(self, data: Any = None, *, maintenance: Maintenance, **kwargs: Any) -> None:
        zone = zone_of(maintenance.time_zone)
        first = {
            "time_zone": zone.key,
            "starts": maintenance.scheduled_for.astimezone(zone).replace(tzinfo=None),
            "ends": maintenance.scheduled_until.astimezone(zone).replace(tzinfo=None),
        }
        self.held = {"starts": maintenance.scheduled_for, "ends": maintenance.scheduled_until}
        super().__init__(data, maintenance=maintenance, initial=first, **kwargs)
        if not self.is_bound:
            self.ask_of_held(zone)

    def ask_of_held(self, zone: ZoneInfo) -> None:
        """Where clocks show a held time twice, which of the two it is: the other one can be chosen."""
        for name, held in self.held.items():
            self.ask(name, times.shown(held, zone), zone)
            if ENDS[name] in self.asked:
                self.initial[ENDS[name]] = times.which(held, zone)

    def instant(self, name: str) -> datetime | None:
        """A time that was not touched keeps its instant, seconds and all."""
        held, zone = self.held[name], ZoneInfo(self.cleaned_data["time_zone"])
        self.ask(name, self.cleaned_data[name], zone)
        is_held = ENDS[name] not in self.asked or self.cleaned_data.get(ENDS[name]) in {"", times.which(held, zone)}
        if is_held and times.shown(held, zone) == self.cleaned_data[name]:
            return held.astimezone(UTC)
        return super().instant(name)

    def facts(self) -> dict[str, Any]:
        return {**super().facts(), **self.window(), "time_zone": self.cleaned_data["time_zone"]}
