"""Remedies: what a client claimed, or is owed, under its contract, and what people decided. Credits are never money."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .base import only, public_id
from .contract import Contract


class Decision(models.TextChoices):
    """What a person decided."""

    WAITING = "", pgettext_lazy("decision", "not decided")
    GRANTED = "granted", pgettext_lazy("decision", "granted")
    REFUSED = "refused", pgettext_lazy("decision", "refused")


class CreditClaim(models.Model):
    """A client's claim to the service credits of a month: days added to the end of the term.

    What the arithmetic says (`sla.credits`) is stored when the claim is decided, with the statement
    it was taken from; until then it is computed anew. Refused claims stay.
    """

    id = public_id()
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="claims")
    month = models.CharField(max_length=7)
    """As "2026-04", in the contract's zone."""
    received_at = models.DateTimeField()
    words = models.TextField(blank=True)
    """How it came and what it said, as staff noted it."""
    decision = models.CharField(max_length=8, choices=Decision.choices, default=Decision.WAITING, blank=True)
    accepted = models.BooleanField(null=True)
    """Whether the contract allows it; null until it is decided."""
    asked = models.PositiveIntegerField(null=True)
    """Days that the month's figure is worth, less those granted of it before."""
    days = models.PositiveIntegerField(default=0)
    """Days granted."""
    last_day = models.DateField(null=True)
    statement_number = models.PositiveIntegerField(null=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    note = models.TextField(blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1, editable=False)
    key = models.CharField(max_length=255, null=True, blank=True, unique=True, editable=False)
    """The form it came from: pressing twice records one."""

    class Meta:
        verbose_name = _("credit claim")
        verbose_name_plural = _("credit claims")
        ordering = ["-received_at", "-id"]
        indexes = [models.Index(fields=["-received_at", "-id"], name="credit_claim_newest")]
        constraints = [
            only("decision", Decision, "credit_claim_decision_known"),
            models.CheckConstraint(
                condition=Q(decision="", decided_at=None) | (~Q(decision="") & Q(decided_at__isnull=False)),
                name="credit_claim_decided_whole",
            ),
            models.CheckConstraint(condition=Q(decision="granted") | Q(days=0), name="credit_claim_days_granted"),
            models.CheckConstraint(condition=Q(decision="") | ~Q(note=""), name="credit_claim_says_why"),
        ]

    def __str__(self) -> str:
        return f"{self.contract_id} {self.month}"


class RefundDecision(models.Model):
    """What a person decided of a refund that a client's reports amount to (`sla.refunds`): one month's subscription.

    Granted, its reports are used up; declined, it settles its deciding report and uses up nothing.
    """

    id = public_id()
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="refund_decisions")
    month = models.CharField(max_length=7)
    rule = models.CharField(max_length=32)
    reports = models.JSONField()
    """Ids of the client reports that are used up, in the order of time."""
    deciding = models.CharField(max_length=12)
    """The id of the report that was one too many."""
    review = models.BooleanField(default=False)
    """Whether only 28 times 24 hours held them, and not 28 dates."""
    amount = models.CharField(max_length=32, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    granted = models.BooleanField()
    decided_at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    note = models.TextField()

    class Meta:
        verbose_name = _("decision on a refund")
        verbose_name_plural = _("decisions on refunds")
        ordering = ["-decided_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["contract", "rule", "deciding"], name="refund_decided_once"),
            models.UniqueConstraint(
                fields=["contract", "month"], condition=Q(granted=True), name="refund_once_a_month"
            ),
            models.CheckConstraint(condition=~Q(note=""), name="refund_says_why"),
        ]

    def __str__(self) -> str:
        return f"{self.contract_id} {self.month}"
