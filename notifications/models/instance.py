"""Whose database this is, and whether it may send: one row, compared with a file on each machine."""

from django.db import models


class Instance(models.Model):
    """The running site. A restored or copied database shows by its pulse, which no machine's file may be ahead of.

    Written by `delivery.hold` and `delivery.release` alone.
    """

    name = models.CharField(max_length=64)
    pulse = models.PositiveBigIntegerField(default=0)
    """Raised by every sweep of a machine that belongs here. 0: nothing was ever sent from here under this name."""
    seen_at = models.DateTimeField()
    """When the pulse was raised last: how old a backup is."""
    epoch = models.CharField(max_length=12)
    """The publication's, when the pulse was raised last."""
    held_at = models.DateTimeField(null=True)
    """Since when nothing is sent, until somebody releases it."""
    hold_reason = models.CharField(max_length=16, blank=True)
    doubtful_until = models.DateTimeField(null=True)
    """What was published by then may have been sent after the backup was taken."""
    waiting_since = models.DateTimeField(null=True)
    """Since when a machine that does not know this database waits for a sign of one that does."""
    rings_lost = models.PositiveBigIntegerField(default=0)
    """Doorbells of the workers that did not sound."""

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="instance_single_row")]

    def __str__(self) -> str:
        return f"instance {self.name}"
