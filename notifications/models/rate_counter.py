"""Counters of the limits on subscribing, where no doorbell is needed to count. Written by `limits`."""

from django.db import models


class RateCounter(models.Model):
    """How often `key` was used in its newest window, which began at `window_started_at`."""

    key = models.CharField(max_length=128, unique=True)
    window_started_at = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.key}: {self.count}"
