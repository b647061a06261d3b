"""Forms for clients' reports: to take one down or complete it, judge it, record what happens to it, decline it."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from statuspage import selectors
from statuspage.actions.report_details import MOST_MESSAGES, WHAT_MAX, Said
from statuspage.actions.report_steps import BY_HAND, WORDS_MAX
from statuspage.actions.report_work import REASON_MAX
from statuspage.labels import REPORT_CHANNEL, REPORT_STEP, SEVERITY, choices
from statuspage.models import ClientReport, Contract, ContractService, Incident
from statuspage.vocabulary import ReportChannel

from .fields import Line, Text, WallTime, plain_zone
from .forms import new_key, page_instant

NOBODY = ""
MINUTE = 60
RECENT = timedelta(days=30)
"""Incidents that were over before are not offered: a failure of theirs is another one."""
MOST_OFFERED = 50
UNJUDGED, YES, NO = "", "yes", "no"


class Reported(forms.Form):
    """What every such form has: times in the page's zone, named beside them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zone = {"zone": plain_zone(settings.PAGE_TIME_ZONE)}
        for field in self.fields.values():
            if isinstance(field, WallTime):
                field.label = str(field.label) % zone

    def instant(self, name: str) -> datetime | None:
        return page_instant(self.cleaned_data.get(name), name)


def shown(at: datetime | None) -> datetime | None:
    """What clocks in the page's zone show at that instant."""
    return at and timezone.localtime(at, timezone.get_default_timezone()).replace(tzinfo=None)


# --- What it says -----------------------------------------------------------------------------


class DetailsForm(Reported):
    """A report in the client's words. Nothing but the words is asked for: what is lacking is added later."""

    covered = forms.ChoiceField(label=_("Client and service"), required=False)
    channel = forms.ChoiceField(
        label=_("Reported by"), choices=choices(REPORT_CHANNEL), widget=forms.RadioSelect, initial=ReportChannel.PHONE
    )
    what = Text(label=_("What fails"), max_length=WHAT_MAX, required=False, widget=forms.Textarea(attrs={"rows": 4}))
    since = WallTime(label=_("Since (%(zone)s)"), required=False)
    affected_messages = forms.IntegerField(
        label=_("Messages affected"), required=False, min_value=0, max_value=MOST_MESSAGES
    )
    total_messages = forms.IntegerField(
        label=_("Messages sent in that time"), required=False, min_value=0, max_value=MOST_MESSAGES
    )
    contact_name = Line(label=_("Who reported it"), required=False, max_length=255)
    contact_email = Line(label=_("E-mail address"), required=False, max_length=254)

    def __init__(self, *args: Any, at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["covered"].choices = list(covered_choices(at))  # type: ignore[attr-defined]

    def said(self) -> Said:
        cleaned, names = self.cleaned_data, ("channel", "what", "affected_messages", "total_messages")
        _contract, service = self.whose()
        people = {name: cleaned[name] for name in ("contact_name", "contact_email")}
        facts = {name: cleaned[name] for name in names}
        return Said(**facts, **people, service=service, since=self.instant("since"))

    def whose(self) -> tuple[Contract | None, str]:
        """The contract and the name of its service; neither where nobody knows yet."""
        contract, _colon, service = self.cleaned_data["covered"].partition(":")
        row = ContractService.objects.filter(pk=service).first() if service else None
        return Contract.objects.filter(pk=contract).first(), row.name if row else ""


class NewReportForm(DetailsForm):
    """One that is taken down; by phone, the time it came may have passed."""

    reported_at = WallTime(label=_("Reported at (%(zone)s), empty: now"), required=False)
    tell = forms.BooleanField(label=_("Send its number to this address"), required=False, initial=True)
    key = forms.CharField(widget=forms.HiddenInput, initial=new_key, max_length=64)

    def facts(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        plain = {"said": self.said(), "contract": self.whose()[0], "tell": cleaned["tell"], "key": cleaned["key"]}
        return {**plain, "reported_at": self.instant("reported_at")}


class CompletionForm(DetailsForm):
    """One that lacks something, or says something wrong."""

    completed_at = WallTime(label=_("The client had said all of it at (%(zone)s), empty: now"), required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(self, data: Any, *, report: ClientReport) -> None:
        names = ("channel", "what", "affected_messages", "total_messages", "contact_name", "contact_email", "version")
        first = {name: getattr(report, name) for name in names}
        first |= {"since": shown(report.since), "covered": covered_of(report)}
        super().__init__(data, initial=first, at=report.reported_at)
        self.report = report
        if report.completed_at:
            del self.fields["completed_at"]

    def facts(self) -> dict[str, Any]:
        """A start that was not touched keeps its seconds."""
        said, at = self.said(), self.instant("completed_at")
        if self.cleaned_data["since"] == minute(shown(self.report.since)):
            said = Said(**{**vars(said), "since": self.report.since})
        return {"said": said, "contract": self.whose()[0], "at": at, "expected_version": self.cleaned_data["version"]}


def minute(wall: datetime | None) -> datetime | None:
    return wall and wall.replace(second=0, microsecond=0)


def covered_choices(at: datetime) -> list[tuple[str, str]]:
    """Every service of every contract in force then, by the client's name; and that it is not known yet."""
    versions = selectors.versions_at(Contract.objects.all(), at)
    rows = ContractService.objects.filter(version__in=versions).select_related("version__contract__client")
    found = [(each.version.contract, each) for each in rows]
    options = [(f"{one.pk}:{each.pk}", f"{one.client}: {each.name} ({one})") for one, each in found]
    unknown = {
        one.pk: _now("%(client)s: which service is not known (%(contract)s)") % names(one) for one, _each in found
    }
    options += [(f"{pk}:", label) for pk, label in unknown.items()]
    return [(NOBODY, _now("not known yet")), *sorted(options, key=lambda option: option[1].casefold())]


def names(contract: Contract) -> dict[str, str]:
    return {"client": str(contract.client), "contract": str(contract)}


def covered_of(report: ClientReport) -> str:
    """The choice that stands for what is stored."""
    if report.contract is None:
        return NOBODY
    version = selectors.contract_at(report.contract, report.reported_at)
    row = version.services.filter(name=report.service).first() if version else None
    return f"{report.contract_id}:{row.pk if row else ''}"


# --- What is judged of it ---------------------------------------------------------------------


class JudgementForm(Reported):
    """Severity, cause, incident and failure in one press; what is not touched stays as it is."""

    severity = forms.TypedChoiceField(
        label=_("Severity"),
        choices=[("", _("not given yet")), *choices(SEVERITY)],
        coerce=int,
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,
    )
    was_wrongly_low = forms.BooleanField(label=_("It was too low from the beginning"), required=False)
    interval = forms.IntegerField(
        label=_("Minutes between progress reports, as agreed for Severity III"), required=False, min_value=1
    )
    caused = forms.ChoiceField(
        label=_("A direct result of a failure of ours"),
        choices=[(UNJUDGED, _("not judged yet")), (YES, _("Yes")), (NO, _("No"))],
        required=False,
        widget=forms.RadioSelect,
    )
    incident = forms.ChoiceField(label=_("Incident"), required=False)
    failure = forms.ChoiceField(label=_("Same failure as"), required=False)
    reason = Text(label=_("Why"), required=False, max_length=REASON_MAX, widget=forms.Textarea(attrs={"rows": 3}))
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(self, data: Any, *, report: ClientReport) -> None:
        super().__init__(data, initial=judged(report))
        self.report = report
        self.fields["incident"].choices = incident_choices(report)  # type: ignore[attr-defined]
        self.fields["failure"].choices = failure_choices(report)  # type: ignore[attr-defined]
        if report.severity is None:
            del self.fields["was_wrongly_low"]
        if report.failure_id:
            # What stands for the failure is judged; of this one only whether it is that.
            for name in {"severity", "was_wrongly_low", "interval", "caused", "reason"} & self.fields.keys():
                del self.fields[name]

    def facts(self) -> dict[str, Any]:
        """Keywords of `report_triage.judge_report`."""
        cleaned = self.cleaned_data
        failure = cleaned["failure"]
        return {
            **self.verdict(),
            "incident": Incident.objects.filter(pk=cleaned["incident"]).first(),
            "failure": ClientReport.objects.filter(pk=failure).first() if failure else None,
            "expected_version": cleaned["version"],
        }

    def verdict(self) -> dict[str, Any]:
        if "severity" not in self.fields:
            return {"severity": None, "provider_caused": None, "agreed_interval": self.report.agreed_interval}
        cleaned, minutes = self.cleaned_data, self.cleaned_data["interval"]
        return {
            "severity": cleaned["severity"],
            "was_wrongly_low": cleaned.get("was_wrongly_low", False),
            "agreed_interval": minutes * MINUTE if minutes else None,
            "provider_caused": {YES: True, NO: False}.get(cleaned["caused"]),
            "reason": cleaned["reason"],
        }


def judged(report: ClientReport) -> dict[str, Any]:
    """The choices that stand for what is stored."""
    caused = {None: UNJUDGED, True: YES, False: NO}[report.provider_caused]
    interval = report.agreed_interval // MINUTE if report.agreed_interval else None
    facts = {"severity": report.severity or "", "interval": interval, "caused": caused, "version": report.version}
    incident = report.incident_id or (report.claimed_incident_id if report.severity is None else None)
    return {**facts, "incident": incident or "", "failure": report.failure_id or ""}


def incident_choices(report: ClientReport) -> list[tuple[str, str]]:
    """What is open, then what was over lately; the one it is linked to in any case."""
    recent = Incident.objects.filter(resolved_at__gte=report.reported_at - RECENT).order_by("-started_at")
    found = [*selectors.open_incidents()[:MOST_OFFERED], *recent[:MOST_OFFERED]]
    found += [each for each in (report.incident, report.claimed_incident) if each]
    return [("", _now("none")), *dict.fromkeys((each.pk, f"{each} · {each.get_status_display()}") for each in found)]


def failure_choices(report: ClientReport) -> list[tuple[str, str]]:
    """The same client's other failures of the last weeks, the newest first."""
    own = [("", _now("no other: a failure of its own"))]
    if report.contract_id is None:
        return own
    others = ClientReport.objects.filter(contract=report.contract_id, failure=None, declined_at=None)
    others = others.exclude(pk=report.pk).order_by("-reported_at")
    found = list(others.filter(reported_at__gte=report.reported_at - RECENT)[:MOST_OFFERED])
    if report.failure and report.failure not in found:
        found.append(report.failure)
    return [*own, *((each.pk, f"{each.number} · {each.service} · {each.what[:60]}") for each in found)]


# --- What happens to it -----------------------------------------------------------------------


class StepForm(Reported):
    """One thing that happened, now or before."""

    step = forms.ChoiceField(
        label=_("What happened"),
        choices=[(each.value, REPORT_STEP[each]) for each in BY_HAND],
        widget=forms.RadioSelect,
    )
    words = Text(
        label=_("What was said"), required=False, max_length=WORDS_MAX, widget=forms.Textarea(attrs={"rows": 3})
    )
    at = WallTime(label=_("When (%(zone)s), empty: now"), required=False)
    key = forms.CharField(widget=forms.HiddenInput, initial=new_key, max_length=64)

    def facts(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        plain = {"step": cleaned["step"], "words": cleaned["words"], "key": cleaned["key"]}
        return {**plain, "at": self.instant("at")}


class ReasonForm(forms.Form):
    """Why something does not count."""

    reason = Text(label=_("Why"), max_length=REASON_MAX, widget=forms.Textarea(attrs={"rows": 3}))

    def facts(self) -> dict[str, Any]:
        return {"reason": self.cleaned_data["reason"]}


class DeclineForm(ReasonForm):
    """Why it is declined, and whether the client is sent that."""

    tell = forms.BooleanField(label=_("Send this reason to the client"), required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(self, data: Any, *, report: ClientReport) -> None:
        super().__init__(data, initial={"version": report.version})
        if not report.contact_email:
            del self.fields["tell"]

    def facts(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        tell = cleaned.get("tell", False)
        return {"reason": cleaned["reason"], "tell": tell, "expected_version": cleaned["version"]}
