"""Forms of the console: what staff type, before an action checks and does it.

A form only reads and shows; rules live in the actions. Every publishing form carries a
random key, so that pressing twice publishes once (fault 57).
"""

import secrets
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from statuspage import selectors
from statuspage.actions.base import BODY_MAX, NAME_MAX
from statuspage.labels import CAUSE, COMPONENT_STATUS, IMPACT, SEVERITY, choices
from statuspage.models import Component
from statuspage.publishing.times import duration
from statuspage.vocabulary import Cause

from . import times
from .fields import Line, Text, WallTime, plain_zone

UNCHANGED = ""
PREFIX = "component_"
PROMISES = [
    (0, _("no promise")),
    (15, _("15 minutes")),
    (30, _("30 minutes")),
    (60, _("1 hour")),
    (120, _("2 hours")),
    (240, _("4 hours")),
]
"""Minutes until the next word, as staff promise it."""


def new_key() -> str:
    return secrets.token_urlsafe(16)


class PublishingForm(forms.Form):
    """What every announcement has: its text, whether people are told, and its key."""

    body = Text(
        label=_("Text"),
        max_length=BODY_MAX,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("Readers see it, subscribers get it. Markdown for emphasis, lists and links."),
    )
    notify = forms.BooleanField(label=_("Tell subscribers"), required=False, initial=True)
    key = forms.CharField(widget=forms.HiddenInput, initial=new_key, max_length=64)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0)
    draft = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0)

    def facts(self) -> dict[str, Any]:
        """The cleaned input as keywords of an action."""
        cleaned = self.cleaned_data
        return {"body": cleaned["body"], "notify": cleaned["notify"], "idempotency_key": cleaned["key"]}


class ComponentStatuses(forms.Form):
    """One select a component; "unchanged" says nothing of it, so nothing is said by mistake."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.components = in_page_order(selectors.components())
        for component in self.components:
            self.fields[PREFIX + component.pk] = self.select(component)

    def select(self, component: Component) -> forms.ChoiceField:
        options = [(UNCHANGED, _now("unchanged")), *choices(COMPONENT_STATUS)]
        return forms.ChoiceField(label=component.name, choices=options, required=False)

    def statuses(self) -> dict[str, str]:
        """Component id -> status, of those something is said of."""
        return {
            name.removeprefix(PREFIX): value
            for name, value in self.cleaned_data.items()
            if name.startswith(PREFIX) and value != UNCHANGED
        }

    def rows(self, components: Iterable[Component]) -> list[dict[str, Any]]:
        """A component with its select, for the template."""
        return [{"component": each, "field": self[PREFIX + each.pk]} for each in components]

    def grouped(self) -> list[tuple[str, list[dict[str, Any]]]]:
        """The selects under their groups' names, in the order of the page; ungrouped ones first."""
        groups: dict[str, list[Component]] = {}
        for component in self.components:
            groups.setdefault(component.group.name if component.group else "", []).append(component)
        return [(name, self.rows(members)) for name, members in groups.items()]


def in_page_order(components: Iterable[Component]) -> list[Component]:
    def place(each: Component) -> tuple[Any, ...]:
        group = (each.group.position, each.group.name) if each.group else (0, "")
        return (*group, each.position, each.name)

    return sorted(components, key=place)


def archived(component: Component) -> str:
    """How records name one that is no longer there."""
    return _now("%(name)s (archived)") % {"name": component.full_name}


def changed(components: Iterable[Component], said: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """What a review says of components: name, what it is now, what it will be."""
    for each in components:
        if each.pk in said:
            yield {"name": each.full_name, "old": each.status, "new": str(said[each.pk])}


class Promise(forms.Form):
    """By when the next word is promised: in so many minutes, or at a time in the page's zone."""

    next_update = forms.TypedChoiceField(
        label=_("Next update within"), choices=PROMISES, coerce=int, empty_value=0, initial=60, required=False
    )
    next_update_at = WallTime(label=_("or by"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zone = {"zone": plain_zone(settings.PAGE_TIME_ZONE)}
        self.fields["next_update_at"].label = _now("or at a time (%(zone)s)") % zone

    def keep_within(self, minutes: int, why: str) -> None:
        """Propose the next word for when it is owed at the latest; for the usual time where that is sooner."""
        usual = self.fields["next_update"].initial
        known = dict(PROMISES)
        if minutes not in known:
            known[minutes] = duration(timedelta(minutes=minutes))
        self.fields["next_update"].choices = sorted(known.items())  # type: ignore[attr-defined]
        self.initial["next_update"] = min(usual, minutes)
        self.fields["next_update"].help_text = why

    def clean_next_update_at(self) -> datetime | None:
        at = page_instant(self.cleaned_data["next_update_at"], "next_update_at")
        if at is not None and at <= timezone.now():
            raise forms.ValidationError(_now("The next update can only be promised for later."))
        return at

    def promise(self) -> datetime | None:
        if at := self.cleaned_data.get("next_update_at"):
            return at  # type: ignore[no-any-return]
        minutes = self.cleaned_data.get("next_update")
        return timezone.now() + timedelta(minutes=minutes) if minutes else None


def page_instant(wall: datetime | None, field: str) -> datetime | None:
    """The instant of a wall-clock time in the page's zone; the first where it comes twice."""
    if wall is None:
        return None
    try:
        return times.instant(wall, settings.PAGE_TIME_ZONE, times.EARLIER, field)
    except forms.ValidationError as refused:
        raise forms.ValidationError(refused.messages) from None


class Classed(forms.Form):
    """How an incident is classed."""

    impact = forms.ChoiceField(
        label=_("Impact"), choices=[("", _("as its components say")), *choices(IMPACT)[:4]], required=False
    )
    severity = forms.TypedChoiceField(
        label=_("Severity"), choices=[("", _("none")), *choices(SEVERITY)], coerce=int, empty_value=None, required=False
    )
    cause = forms.ChoiceField(label=_("Cause"), choices=choices(CAUSE)[:3], initial=Cause.OWN)


class Titled(forms.Form):
    name = Line(label=_("Title"), max_length=NAME_MAX)
