"""Groups of alerts as monitoring systems tell of them, and what was noted where staff decide."""

from django.db import models

from .incident import Incident
from .incoming_hook import CallSource, IncomingHook


class AlertGroup(models.Model):
    """One group: what its alerts have been through, and the incident or the draft it has now."""

    source = models.CharField(max_length=16, choices=CallSource.choices)
    hook = models.ForeignKey(IncomingHook, null=True, on_delete=models.CASCADE, related_name="groups")
    digest = models.CharField(max_length=64, unique=True)
    """SHA-256 of where it comes from and of its key: the key itself may be thousands of characters long."""
    key = models.TextField()
    course = models.JSONField(default=dict)
    """`alerting.facts.Course`."""
    firing = models.PositiveIntegerField(default=0)
    """How many of its alerts fire."""
    incident = models.ForeignKey(Incident, null=True, on_delete=models.SET_NULL, related_name="alert_groups")
    is_draft_first = models.BooleanField(default=False)
    """What it calls for waits as a draft until staff publish it."""
    serial = models.PositiveIntegerField(default=0)
    """Counts what was published or drafted; part of each one's key."""
    draft_key = models.CharField(max_length=64, blank=True)
    """Of the draft that waits; empty: none was made, or it came to its end."""
    offered = models.JSONField(null=True)
    """What that draft says: an `alerting.facts.Said`."""
    actor_name = models.CharField(max_length=255)
    settle_at = models.DateTimeField(null=True, db_index=True)
    """When it is looked at again though nothing is heard."""
    heard_at = models.DateTimeField()
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-heard_at"]
        indexes = [
            models.Index(fields=["source"], condition=models.Q(firing__gt=0), name="alert_group_firing"),
        ]

    def __str__(self) -> str:
        return self.key[:80]

    @property
    def prefix(self) -> str:
        """How the keys of all begin that this group published or drafted."""
        return f"alerts-{self.pk}-"


class AlertNote(models.Model):
    """What alerts did while staff decide: shown in the incident's room, and published by nobody."""

    group = models.ForeignKey(AlertGroup, on_delete=models.CASCADE, related_name="notes")
    incident = models.ForeignKey(Incident, null=True, on_delete=models.CASCADE, related_name="alert_notes")
    at = models.DateTimeField()
    is_over = models.BooleanField()
    """Whether nothing fired any more."""
    firing = models.PositiveIntegerField(default=0)
    lines = models.JSONField(default=list)
    """What the alerts say that fired, as texts."""

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.firing} at {self.at:%Y-%m-%d %H:%M:%S}"
