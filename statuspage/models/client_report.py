"""Failures as clients report them under their contracts: evidence for clocks and refunds."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from statuspage.labels import REPORT_CHANNEL, REPORT_STEP, SEVERITY, choices
from statuspage.sla.clocks import Step
from statuspage.vocabulary import ReportChannel

from .base import only, public_id
from .component import Component
from .contract import Contract
from .incident import Incident


class ClientReport(models.Model):
    """One report. It is properly reported from `completed_at` on: complete, by a channel of the client's contract.

    Without `contract` nobody knows yet whose it is: on the page anybody may say who they are, and
    whoever is not a contact of a contract gets the same answer as whoever is.
    """

    id = public_id()
    number = models.CharField(max_length=16, unique=True, editable=False)
    contract = models.ForeignKey(Contract, null=True, on_delete=models.PROTECT, related_name="reports")
    claimed_client = models.CharField(max_length=255, blank=True)
    """The reference that somebody gave on the page; what staff match by where the e-mail address is nobody's."""
    service = models.CharField(max_length=255, blank=True)
    component = models.ForeignKey(Component, null=True, on_delete=models.SET_NULL, related_name="client_reports")
    what = models.TextField(blank=True)
    since = models.DateTimeField(null=True)
    affected_messages = models.PositiveBigIntegerField(null=True)
    total_messages = models.PositiveBigIntegerField(null=True)
    channel = models.CharField(max_length=16, choices=choices(REPORT_CHANNEL))
    contact_name = models.CharField(max_length=255, blank=True)
    contact_email = models.EmailField(blank=True)
    language = models.CharField(max_length=16, blank=True, editable=False)
    reported_at = models.DateTimeField()
    completed_at = models.DateTimeField(null=True)
    incident = models.ForeignKey(Incident, null=True, on_delete=models.SET_NULL, related_name="client_reports")
    claimed_incident = models.ForeignKey(Incident, null=True, on_delete=models.SET_NULL, related_name="+")
    """What the client says it is, of what the page showed; staff say what it is."""
    failure = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="repeats")
    """The first complete report of the same failure; None: it is that itself."""
    resolved_at = models.DateTimeField(null=True)
    """As its steps say; a resolution that did not hold is taken back."""
    declined_at = models.DateTimeField(null=True)
    declined_reason = models.TextField(blank=True)
    severity = models.PositiveSmallIntegerField(null=True, choices=choices(SEVERITY))
    provider_caused = models.BooleanField(null=True)
    provider_caused_reason = models.TextField(blank=True)
    agreed_interval = models.PositiveIntegerField(null=True)
    """Seconds between progress reports, as agreed for this failure of Severity III."""
    network_key = models.CharField(max_length=64, blank=True, editable=False)
    """Of a report by the page: the HMAC of its network, for limits."""
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    """Who of staff took it down; None: it came by the page."""
    key = models.CharField(max_length=255, null=True, blank=True, unique=True, editable=False)
    """The form it came from: pressing twice takes one."""
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        ordering = ["-reported_at"]
        indexes = [
            models.Index(fields=["contract", "completed_at"], name="client_report_by_contract"),
            models.Index(fields=["-reported_at", "-id"], name="client_report_newest"),
            models.Index(
                fields=["severity", "reported_at"],
                condition=Q(resolved_at=None, declined_at=None),
                name="client_report_open",
            ),
            # How many came of late, from where: asked with every report by the page.
            models.Index(fields=["created_at"], name="client_report_recorded"),
        ]
        constraints = [
            only("channel", ReportChannel, "client_report_channel_known"),
            models.CheckConstraint(
                condition=Q(severity__isnull=True) | Q(severity__in=[1, 2, 3]), name="client_report_severity_known"
            ),
            models.CheckConstraint(
                condition=Q(completed_at__isnull=True) | (Q(contract__isnull=False) & ~Q(service="") & ~Q(what="")),
                name="client_report_complete",
            ),
            models.CheckConstraint(
                condition=Q(completed_at__isnull=True) | Q(completed_at__gte=F("reported_at")),
                name="client_report_in_order",
            ),
            models.CheckConstraint(
                condition=Q(affected_messages__isnull=True)
                | Q(total_messages__isnull=True)
                | Q(affected_messages__lte=F("total_messages")),
                name="client_report_counts_fit",
            ),
            models.CheckConstraint(
                condition=Q(declined_at__isnull=True) | ~Q(declined_reason=""), name="client_report_declined_why"
            ),
            models.CheckConstraint(
                condition=Q(failure__isnull=True) | ~Q(failure=F("id")), name="client_report_not_its_own"
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_open(self) -> bool:
        return self.resolved_at is None and self.declined_at is None


class ReportSeverity(models.Model):
    """A severity that a report was given, with who gave it and why; the newest is the one that holds."""

    report = models.ForeignKey(ClientReport, on_delete=models.CASCADE, related_name="severities")
    severity = models.PositiveSmallIntegerField(choices=choices(SEVERITY))
    at = models.DateTimeField()
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    reason = models.TextField(blank=True)
    was_wrongly_low = models.BooleanField(default=False)
    """The severity before was too low from the beginning: the clocks of this one run from the report."""

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(severity__in=[1, 2, 3]), name="report_severity_known"),
        ]

    def __str__(self) -> str:
        return f"{self.report_id}: {self.severity}"


class ReportStep(models.Model):
    """One thing that happened to a report: what its clocks are derived from. Never changed; at most taken back."""

    report = models.ForeignKey(ClientReport, on_delete=models.CASCADE, related_name="steps")
    at = models.DateTimeField()
    step = models.CharField(max_length=24, choices=choices(REPORT_STEP))
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    words = models.TextField(blank=True)
    update = models.ForeignKey(
        "statuspage.IncidentUpdate", null=True, on_delete=models.SET_NULL, related_name="report_steps"
    )
    """The incident's update that was this step; its words are there."""
    recorded_at = models.DateTimeField()
    taken_back_at = models.DateTimeField(null=True)
    """From when it does not count: a resolution that did not hold."""
    taken_back_reason = models.TextField(blank=True)
    idempotency_key = models.CharField(max_length=255, null=True, blank=True, unique=True, editable=False)

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            only("step", Step, "report_step_known"),
            models.UniqueConstraint(fields=["report", "update", "step"], name="report_step_once_an_update"),
        ]

    def __str__(self) -> str:
        return f"{self.report_id}: {self.step}"
