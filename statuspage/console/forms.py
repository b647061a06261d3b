"""Forms of the console: what staff type, before an action checks and does it.

A form only reads and shows; rules live in the actions. Every publishing form carries a
random key, so that pressing twice publishes once (fault 57).
"""

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from statuspage import selectors
from statuspage.actions.base import BODY_MAX, NAME_MAX
from statuspage.labels import CAUSE, COMPONENT_STATUS, IMPACT, INCIDENT_STATUS, SEVERITY, choices
from statuspage.models import Component
from statuspage.vocabulary import Cause, ComponentStatus, IncidentStatus

from . import times

UNCHANGED = ""
PREFIX = "component_"
PROMISES = [(0, _("no promise")), (15, _("15 minutes")), (30, _("30 minutes")), (60, _("1 hour")), (240, _("4 hours"))]
"""Minutes until the next word, as staff promise it."""


def new_key() -> str:
    return secrets.token_urlsafe(16)


class PublishingForm(forms.Form):
    """What every announcement has: its text, whether people are told, and its key."""

    body = forms.CharField(
        label=_("Text"),
        max_length=BODY_MAX,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("What readers see and subscribers get. Markdown for emphasis, lists and links."),
    )
    notify = forms.BooleanField(label=_("Tell subscribers"), required=False, initial=True)
    key = forms.CharField(widget=forms.HiddenInput, initial=new_key, max_length=64)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    draft = forms.IntegerField(widget=forms.HiddenInput, required=False)

    @property
    def plain_fields(self) -> list[forms.BoundField]:
        """The visible fields that are not a component's select."""
        return [each for each in self.visible_fields() if not each.name.startswith(PREFIX)]

    def facts(self) -> dict[str, Any]:
        """The cleaned input as keywords of an action."""
        cleaned = self.cleaned_data
        return {"body": cleaned["body"], "notify": cleaned["notify"], "idempotency_key": cleaned["key"]}


class ComponentStatuses(forms.Form):
    """One select a component; "unchanged" says nothing of it, so nothing is said by mistake."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.components = list(selectors.components())
        options = [(UNCHANGED, _("unchanged")), *choices(COMPONENT_STATUS)]
        for component in self.components:
            now = _("now: %(status)s") % {"status": component.get_status_display()}
            self.fields[PREFIX + component.pk] = forms.ChoiceField(
                label=component.name,
                choices=options,
                required=False,
                help_text="" if component.status == ComponentStatus.OPERATIONAL else now,
            )

    def statuses(self) -> dict[str, str]:
        """Component id -> status, of those something is said of."""
        return {
            name.removeprefix(PREFIX): value
            for name, value in self.cleaned_data.items()
            if name.startswith(PREFIX) and value != UNCHANGED
        }

    def grouped(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The selects under their groups' names, in the order of the page; ungrouped ones first."""
        groups: dict[str, list[forms.BoundField]] = {}
        for component in in_page_order(self.components):
            heading = component.group.name if component.group else ""
            groups.setdefault(heading, []).append(self[PREFIX + component.pk])
        return list(groups.items())


def in_page_order(components: Iterable[Component]) -> list[Component]:
    return sorted(components, key=lambda each: (each.group.position if each.group else 0, each.position, each.name))


class PromiseMixin(forms.Form):
    """By when the next word is promised."""

    next_update = forms.TypedChoiceField(
        label=_("Next update within"), choices=PROMISES, coerce=int, empty_value=0, initial=60, required=False
    )

    def promise(self) -> datetime | None:
        minutes = self.cleaned_data.get("next_update")
        return timezone.now() + timedelta(minutes=minutes) if minutes else None


class IncidentForm(PromiseMixin, ComponentStatuses, PublishingForm):
    """Open an incident: title, text and components in one go."""

    name = forms.CharField(label=_("Title"), max_length=NAME_MAX)
    status = forms.ChoiceField(
        label=_("Status"), choices=choices(INCIDENT_STATUS)[:3], initial=IncidentStatus.INVESTIGATING
    )
    impact = forms.ChoiceField(
        label=_("Impact"), choices=[("", _("as the components say")), *choices(IMPACT)[:4]], required=False
    )
    severity = forms.TypedChoiceField(
        label=_("Severity"), choices=[("", _("none")), *choices(SEVERITY)], coerce=int, empty_value=None, required=False
    )
    cause = forms.ChoiceField(label=_("Cause"), choices=choices(CAUSE)[:3], initial=Cause.OWN)
    field_order = ("name", "body", "status", "impact", "severity", "cause", "next_update", "notify")

    def facts(self) -> dict[str, Any]:
        plain = {name: self.cleaned_data[name] for name in ("name", "status", "severity", "cause")}
        plain["impact"] = self.cleaned_data["impact"] or None
        return {**super().facts(), **plain, "components": self.statuses(), "next_update_by": self.promise()}


class UpdateForm(PromiseMixin, ComponentStatuses, PublishingForm):
    """The next word on an incident."""

    status = forms.ChoiceField(label=_("Status"), choices=choices(INCIDENT_STATUS))
    field_order = ("status", "body", "next_update", "notify")

    def __init__(self, *args: Any, is_open: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if is_open:  # a postmortem looks back on what is over
            self.fields["status"].choices = choices(INCIDENT_STATUS)[:4]  # type: ignore[attr-defined]

    def facts(self) -> dict[str, Any]:
        closing = self.cleaned_data["status"] in {IncidentStatus.RESOLVED, IncidentStatus.POSTMORTEM}
        return {
            **super().facts(),
            "status": self.cleaned_data["status"],
            "components": self.statuses(),
            "next_update_by": None if closing else self.promise(),
            "expected_version": self.cleaned_data["version"],
        }


class IncidentFactsForm(forms.Form):
    """What an incident is called and how it is classed."""

    name = forms.CharField(label=_("Title"), max_length=NAME_MAX)
    impact = forms.ChoiceField(label=_("Impact"), choices=choices(IMPACT)[:4])
    severity = forms.TypedChoiceField(
        label=_("Severity"), choices=[("", _("none")), *choices(SEVERITY)], coerce=int, empty_value=None, required=False
    )
    cause = forms.ChoiceField(label=_("Cause"), choices=choices(CAUSE)[:3])
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)


class WindowMixin(forms.Form):
    """A window as wall-clock times in a zone; which of two where clocks go back."""

    time_zone = forms.ChoiceField(label=_("Time zone"), choices=lambda: [(z, z) for z in sorted(available_timezones())])
    starts = forms.DateTimeField(
        label=_("Starts"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    )
    ends = forms.DateTimeField(
        label=_("Ends"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    )
    which = forms.ChoiceField(
        label=_("Where a time comes twice"),
        required=False,
        choices=[("", "—"), (times.EARLIER, _("the first")), (times.LATER, _("the second"))],
        help_text=_("Only in the night the clocks go back."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["time_zone"].initial = settings.PAGE_TIME_ZONE

    def window(self) -> dict[str, datetime]:
        """Start and end as instants; raises ValidationError naming `starts` or `ends`."""
        cleaned = self.cleaned_data
        return {
            f"scheduled_{word}": times.instant(wall(cleaned[field]), cleaned["time_zone"], cleaned["which"], field)
            for word, field in (("for", "starts"), ("until", "ends"))
        }


def wall(value: datetime) -> datetime:
    """What was typed, without the zone that the form field put on it."""
    return timezone.make_naive(value) if timezone.is_aware(value) else value


class MaintenanceForm(WindowMixin, PublishingForm):
    """Announce a window."""

    name = forms.CharField(label=_("Title"), max_length=NAME_MAX)
    components = forms.MultipleChoiceField(label=_("Components"), required=False, widget=forms.CheckboxSelectMultiple)
    field_order = ("name", "body", "time_zone", "starts", "ends", "which", "components", "notify")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["components"].choices = [(c.pk, c.full_name) for c in in_page_order(selectors.components())]  # type: ignore[attr-defined]

    def facts(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        plain = {name: cleaned[name] for name in ("name", "components", "time_zone")}
        return {**super().facts(), **plain, **self.window()}


class MoveForm(WindowMixin, PublishingForm):
    """Give a window other times."""

    field_order = ("time_zone", "starts", "ends", "which", "body", "notify")

    def facts(self) -> dict[str, Any]:
        return {**super().facts(), **self.window(), "expected_version": self.cleaned_data["version"]}


class StartForm(PublishingForm):
    """Begin now; work that begins early ends early too."""

    minutes = forms.IntegerField(label=_("Lasts (minutes)"), min_value=1, max_value=60 * 24 * 60)
    field_order = ("minutes", "body", "notify")

    def facts(self) -> dict[str, Any]:
        lasts = timedelta(minutes=self.cleaned_data["minutes"])
        return {**super().facts(), "lasts": lasts, "expected_version": self.cleaned_data["version"]}


class StepForm(PublishingForm):
    """Say more, verify or cancel."""

    def facts(self) -> dict[str, Any]:
        return {**super().facts(), "expected_version": self.cleaned_data["version"]}
