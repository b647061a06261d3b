"""Forms of the incident room."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from statuspage.actions.base import BODY_MAX
from statuspage.actions.incidents import CLOCK_SLACK
from statuspage.actions.outages import REASON_MAX
from statuspage.labels import INCIDENT_STATUS, choices
from statuspage.models import Component, Incident, Template
from statuspage.vocabulary import ComponentStatus, IncidentStatus

from .clocks import Interval
from .fields import Text, WallTime, plain_zone
from .filling import FromTemplate
from .forms import Classed, ComponentStatuses, Promise, PublishingForm, Titled, page_instant

OPEN = choices(INCIDENT_STATUS)[:3]
CLOSING = {IncidentStatus.RESOLVED, IncidentStatus.POSTMORTEM}
NEXT = {
    IncidentStatus.INVESTIGATING: IncidentStatus.IDENTIFIED,
    IncidentStatus.IDENTIFIED: IncidentStatus.MONITORING,
    IncidentStatus.MONITORING: IncidentStatus.RESOLVED,
    IncidentStatus.RESOLVED: IncidentStatus.POSTMORTEM,
    IncidentStatus.POSTMORTEM: IncidentStatus.POSTMORTEM,
}
"""What usually comes next; staff may choose another."""


class IncidentForm(Promise, ComponentStatuses, Classed, PublishingForm, Titled, FromTemplate):
    """Open an incident: title, text and components in one go."""

    template_kind = Template.Kind.INCIDENT

    status = forms.ChoiceField(label=_("Status"), choices=OPEN, initial=IncidentStatus.INVESTIGATING)
    started_at = WallTime(label=_("Began"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zone = {"zone": plain_zone(settings.PAGE_TIME_ZONE)}
        self.fields["started_at"].label = _now("It began (%(zone)s)") % zone
        self.fields["started_at"].help_text = _("Empty: now.")
        self.fields["name"].widget.attrs["autofocus"] = True

    def clean_started_at(self) -> Any:
        at = page_instant(self.cleaned_data["started_at"], "started_at")
        if at is not None and at > timezone.now() + CLOCK_SLACK:
            raise forms.ValidationError(_("An incident cannot start in the future."))
        return at

    def facts(self) -> dict[str, Any]:
        plain = {name: self.cleaned_data[name] for name in ("name", "status", "severity", "cause", "started_at")}
        plain["impact"] = self.cleaned_data["impact"] or None
        return {**super().facts(), **plain, "components": self.statuses(), "next_update_by": self.promise()}


class UpdateForm(Promise, ComponentStatuses, PublishingForm, FromTemplate):
    """The next word on an incident; a closed one is reopened by any status of an open one."""

    template_kind = Template.Kind.INCIDENT
    fills_status = False

    status = forms.ChoiceField(label=_("Status"))
    was_open = forms.CharField(widget=forms.HiddenInput, required=False)
    """Whether the incident was open when this form was shown: reopening must be meant."""

    def __init__(
        self,
        data: Any = None,
        *,
        incident: Incident,
        elsewhere: Mapping[Component, ComponentStatus],
        interval: Interval | None = None,
    ) -> None:
        first = {
            "status": NEXT[IncidentStatus(incident.status)],
            "version": incident.version,
            "was_open": "yes" if incident.is_open else "",
        }
        super().__init__(data, initial=first)
        self.interval = interval
        if interval:
            self.keep_within(interval.minutes, interval.help)
        self.incident, self.elsewhere = incident, {each.pk: status for each, status in elsewhere.items()}
        self.fields["status"].choices = self.possible()  # type: ignore[attr-defined]

    def possible(self) -> list[tuple[Any, Any]]:
        if self.incident.is_open:
            return choices(INCIDENT_STATUS)[:4]
        reopen = [(value, _now("Reopen: %(status)s") % {"status": label}) for value, label in OPEN]
        return [*choices(INCIDENT_STATUS)[4:], *reopen, *self.repeated()]

    def repeated(self) -> list[tuple[Any, Any]]:
        """What this very form resolved before: its answer was lost, and it is sent again."""
        same = self.incident.updates.filter(idempotency_key=self.data.get("key", ""), status=IncidentStatus.RESOLVED)
        return choices(INCIDENT_STATUS)[3:4] if self.is_bound and same.exists() else []

    @property
    def own(self) -> list[dict[str, Any]]:
        """The components this incident touched, with what each returns to when it is resolved."""
        rows = self.rows(each for each in self.components if each.pk in self.elsewhere)
        return [{**row, "resting": self.elsewhere[row["component"].pk]} for row in rows]

    @property
    def others(self) -> list[dict[str, Any]]:
        return self.rows(each for each in self.components if each.pk not in self.elsewhere)

    def said(self) -> dict[str, str]:
        """Component id -> status as it will be published: on resolving, what nothing is said of returns."""
        if self.cleaned_data["status"] != IncidentStatus.RESOLVED:
            return self.statuses()
        now = {each.pk: each.status for each in self.components}
        rest = {pk: str(status) for pk, status in self.elsewhere.items() if now.get(pk) != status}
        return rest | self.statuses()

    @property
    def reopens(self) -> bool:
        return not self.cleaned_data["was_open"] and self.cleaned_data["status"] not in CLOSING

    def facts(self) -> dict[str, Any]:
        is_closing = self.cleaned_data["status"] in CLOSING
        return {
            **super().facts(),
            "status": self.cleaned_data["status"],
            "components": self.said(),
            "next_update_by": None if is_closing else self.promise(),
            "reopen": self.reopens,
            "expected_version": self.cleaned_data["version"],
        }


class FactsForm(Classed, Titled):
    """What an incident is called and how it is classed; why, where its outages are corrected with its cause."""

    reason = Text(
        label=_("Why the cause is corrected"),
        help_text=_("Kept with its outages, whose cause is corrected too."),
        max_length=REASON_MAX,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, data: Any = None, *, incident: Incident) -> None:
        names = ("name", "severity", "cause", "version")
        first = {name: getattr(incident, name) for name in names}
        if incident.impact_is_chosen:
            first["impact"] = incident.impact
        super().__init__(data, initial=first)
        now = {"impact": incident.get_impact_display()}
        if incident.impact_is_chosen:
            self.fields["impact"].choices = self.fields["impact"].choices[1:]  # type: ignore[attr-defined]
        else:
            unchosen = ("", _now("as its components say (%(impact)s)") % now)
            self.fields["impact"].choices = [unchosen, *self.fields["impact"].choices[1:]]  # type: ignore[attr-defined]

    def facts(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        plain = {name: cleaned[name] for name in ("name", "severity", "cause", "reason")}
        return {**plain, "impact": cleaned["impact"] or None, "expected_version": cleaned["version"]}


class CorrectionForm(forms.Form):
    """A published text, put right."""

    body = Text(label=_("Text"), max_length=BODY_MAX, widget=forms.Textarea(attrs={"rows": 8}))
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)
    """When the text that was on the form had been changed last."""
