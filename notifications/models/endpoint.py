"""Endpoints: what a webhook subscription has beside its address. Written by `subscriptions` and `delivery`."""

from django.db import models

from .subscription import Subscription


class Endpoint(models.Model):
    """A webhook's owner, its secret, and how it has done lately.

    The owner is the subscription of the mail address that links and warnings go to. It need
    not be confirmed: nobody is told of incidents there who did not ask for that.
    """

    subscription = models.OneToOneField(
        Subscription, primary_key=True, on_delete=models.CASCADE, related_name="endpoint"
    )
    owner = models.ForeignKey(Subscription, null=True, on_delete=models.SET_NULL, related_name="endpoints")
    secret = models.BinaryField(default=b"")
    """Sealed (notifications.sealing): its owner saw it once, when it was made."""
    answered_at = models.DateTimeField(null=True)
    """When it last said anything at all: then our own way out was open."""
    succeeded_at = models.DateTimeField(null=True)
    resumed_at = models.DateTimeField(null=True)
    """When its owner lifted the last quarantine: failures count from then."""

    def __str__(self) -> str:
        return f"endpoint {self.pk}"
