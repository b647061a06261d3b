"""What of a limit has passed and was noted, so that staff are told of it once."""

from django.db import models
from django.db.models import Q

from statuspage.sla.deadlines import ClockKind, Stage

from .base import only
from .client_report import ClientReport
from .incident import Incident


class ClockAlarm(models.Model):
    """80 % of one limit used, or the limit passed: of a client's report, or of an incident that nobody reported."""

    report = models.ForeignKey(ClientReport, null=True, on_delete=models.CASCADE, related_name="clock_alarms")
    incident = models.ForeignKey(Incident, null=True, on_delete=models.CASCADE, related_name="clock_alarms")
    kind = models.CharField(max_length=16)
    stage = models.CharField(max_length=16)
    at = models.DateTimeField()
    """When it came to that; of each deadline another moment."""
    noted_at = models.DateTimeField()
    was_told = models.BooleanField()
    """Whether staff were told; not where it was no news when it was noted: answered meanwhile, or missed by then."""

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            only("kind", ClockKind, "clock_alarm_kind_known"),
            only("stage", Stage, "clock_alarm_stage_known"),
            models.CheckConstraint(
                condition=Q(report__isnull=True, incident__isnull=False)
                | Q(report__isnull=False, incident__isnull=True),
                name="clock_alarm_of_one",
            ),
            models.UniqueConstraint(
                fields=["report", "kind", "stage", "at"], condition=Q(incident=None), name="clock_alarm_once_a_report"
            ),
            models.UniqueConstraint(
                fields=["incident", "kind", "stage", "at"],
                condition=Q(report=None),
                name="clock_alarm_once_an_incident",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.report_id or self.incident_id}: {self.kind} {self.stage}"
