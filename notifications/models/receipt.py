"""Receipts: what a provider said of a message after it had taken it. Append-only."""

from django.db import models
from django.utils import timezone

from .delivery import Delivery


class Receipt(models.Model):
    """One word of a provider. The same word twice is one row."""

    delivery = models.ForeignKey(Delivery, null=True, on_delete=models.SET_NULL, related_name="receipts")
    provider = models.CharField(max_length=16)
    provider_reference = models.CharField(max_length=128)
    status = models.CharField(max_length=24)
    code = models.CharField(max_length=16, blank=True)
    digest = models.CharField(max_length=64)
    """SHA-256 of everything it said: the words themselves hold the recipient's number."""
    received_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "provider_reference", "status", "digest"], name="receipt_once"),
        ]

    def __str__(self) -> str:
        return f"{self.provider_reference}: {self.status}"
