"""Where each contract stands in its period: figures kept for the console's view of all contracts."""

from django.db import models

from .base import only
from .contract import Contract


class BudgetState(models.TextChoices):
    """How the budget of downtime stands; the rule is in `standings.state_of`."""

    ON_TRACK = "on_track"
    AT_RISK = "at_risk"
    BREACHED = "breached"


class ContractStanding(models.Model):
    """The figures of a contract's current period as they were at `computed_at`, taken from its statement.

    A copy for a list, made anew by the sweep; a statement is never made from it. Seconds are exact to the
    microsecond, in so far as they are.
    """

    contract = models.OneToOneField(Contract, primary_key=True, on_delete=models.CASCADE, related_name="standing")
    period = models.CharField(max_length=7)
    """As "2026-11", or "2026" of a contract whose target is promised for the year."""
    target = models.CharField(max_length=32)
    """Per cent, a decimal string."""
    availability = models.CharField(max_length=16)
    """Per cent, truncated to four decimals."""
    state = models.CharField(max_length=8, choices=BudgetState.choices)
    is_interrupted = models.BooleanField(default=False)
    """Whether an interruption goes on."""
    allowed_seconds = models.DecimalField(max_digits=20, decimal_places=6)
    counted_seconds = models.DecimalField(max_digits=20, decimal_places=6)
    left_per_mille = models.IntegerField()
    """What is left of the allowed seconds; below zero where more was counted."""
    credit_days = models.PositiveIntegerField(default=0)
    months = models.JSONField(default=list)
    """The last twelve that are closed, the oldest first: [{"month", "availability", "met", "seconds"}]."""
    basis = models.CharField(max_length=64)
    """What it was made from: another basis, and it is made anew."""
    computed_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["left_per_mille", "contract"], name="standing_by_budget"),
            models.Index(fields=["state", "left_per_mille"], name="standing_by_state"),
        ]
        constraints = [only("state", BudgetState, "contract_standing_known")]

    def __str__(self) -> str:
        return f"{self.contract_id} {self.period}: {self.state}"
