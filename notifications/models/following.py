"""Followings: one incident or maintenance that somebody is told of, and nothing else. Written by `subscriptions`."""

from django.db import models
from django.utils import timezone

from .subscription import Subscription


class Following(models.Model):
    """A subscription to what has one id, for as long as that is under way and a while longer.

    Beside the subscription's own choices: whoever wants neither kind is told of what they follow alone.
    """

    subscription = models.ForeignKey(Subscription, on_delete=models.CASCADE, related_name="followings")
    subject_id = models.CharField(max_length=40)
    created_at = models.DateTimeField(default=timezone.now)
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subject_id", "subscription"], name="following_once"),
        ]

    def __str__(self) -> str:
        return f"{self.subscription_id} of {self.subject_id}"
