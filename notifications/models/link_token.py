"""Links that work for a while and once: to confirm, and to manage. Written by `subscriptions`."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone

from .subscription import Subscription


class LinkToken(models.Model):
    """One link that was sent. Only the SHA-256 of its token is here: a dump opens nothing."""

    class Purpose(models.TextChoices):
        CONFIRM = "confirm"
        MANAGE = "manage"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    purpose = models.CharField(max_length=8, choices=Purpose.choices)
    subscription = models.ForeignKey(Subscription, on_delete=models.CASCADE, related_name="link_tokens")
    digest = models.CharField(max_length=64, unique=True)
    payload = models.JSONField(default=dict, blank=True)
    """The choices that were asked for; they come into force when the link is used."""
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(purpose__in=["confirm", "manage"]), name="link_token_purpose_known"),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.id}"
