"""Statements of service levels that were frozen: what they were computed from, and what they came to."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from .base import public_id
from .contract import Contract


class FrozenStatement(models.Model):
    """One contract's statement of one closed period. Never changed; a correction makes the next number.

    `inputs` are the facts in plain form (`sla.stated.as_data`), `digest` the SHA-256 of their canonical JSON, `figures`
    all that the statement prints. The sums stand in columns too, so that lists need not read them.
    """

    id = public_id()
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="statements")
    period = models.CharField(max_length=7)
    """A month "2026-04" or a year "2026", in the contract's zone: [starts_at, ends_at)."""
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    number = models.PositiveIntegerField(default=1)
    digest = models.CharField(max_length=64)
    inputs = models.JSONField()
    figures = models.JSONField()
    total_seconds = models.DecimalField(max_digits=20, decimal_places=6)
    counted_seconds = models.DecimalField(max_digits=20, decimal_places=6)
    is_met = models.BooleanField(null=True)
    """None: no target is promised for a period of this kind, as for a month where years are promised."""
    credit_days = models.PositiveIntegerField(default=0)
    reason = models.TextField(blank=True)
    """Of a correction; the first number has none."""
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    author_name = models.CharField(max_length=255, blank=True)
    frozen_at = models.DateTimeField()
    checked_at = models.DateTimeField()
    """When it was last compared with what the rows give."""

    class Meta:
        ordering = ["-starts_at", "-ends_at", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["contract", "period", "number"], name="statement_number_once"),
            models.CheckConstraint(condition=Q(number=1) | ~Q(reason=""), name="statement_correction_has_reason"),
        ]
        indexes = [
            models.Index(fields=["checked_at"], name="statement_by_check"),
            models.Index(fields=["ends_at"], name="statement_by_end"),
        ]

    def __str__(self) -> str:
        return f"{self.contract_id} {self.period} number {self.number}"


class StatementLink(models.Model):
    """By which version of its links a contract's statements can be read; None of them where they are withdrawn."""

    contract = models.OneToOneField(Contract, on_delete=models.CASCADE, related_name="statement_link")
    version = models.PositiveIntegerField(default=1)
    is_open = models.BooleanField(default=True)
    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.contract_id}: links of version {self.version}"


class StatementSweep(models.Model):
    """One row: the turn of whoever freezes statements, and the changes that frozen ones were compared with."""

    taken_at = models.DateTimeField()
    """When the last sweep began."""
    seen_at = models.DateTimeField()
    """All that changes until then touch was looked at."""

    def __str__(self) -> str:
        return f"{self.seen_at:%Y-%m-%d %H:%M:%S} UTC"
