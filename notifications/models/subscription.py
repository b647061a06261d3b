"""Subscriptions: one channel and one address each, and what is wanted there."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from notifications.states import Channel

from .subscriber import Subscriber


class Subscription(models.Model):
    """What one person wants to be told, and by which way. The only table with addresses.

    An erased subscription keeps its row, so that the ledger stays whole: `address` is
    then empty, and `address_key` is a pseudonym (notifications.pseudonyms).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    subscriber = models.ForeignKey(Subscriber, on_delete=models.PROTECT, related_name="subscriptions")
    channel = models.CharField(_("channel"), max_length=8, choices=[(each.value, each.value) for each in Channel])
    address = models.CharField(_("address"), max_length=1024, blank=True)
    """As used to send: an ASCII mail address, a number in E.164, or an https address. Empty once erased."""
    address_key = models.CharField(max_length=64, editable=False)
    address_version = models.PositiveIntegerField(default=1, editable=False)
    """Raised when links that were sent must no longer work; part of what their token signs."""
    all_components = models.BooleanField(_("everything"), default=True)
    components = models.ManyToManyField("statuspage.Component", blank=True, related_name="+")
    groups = models.ManyToManyField("statuspage.ComponentGroup", blank=True, related_name="+")
    """A group stands for its members at the time of telling: new members join by themselves."""
    wants_incidents = models.BooleanField(_("incidents"), default=True)
    wants_maintenances = models.BooleanField(_("maintenance"), default=True)
    wants_invitations = models.BooleanField(_("calendar invitations"), default=False, db_default=False)
    """By mail alone: what it is told of a window comes as an invitation too (notifications.messages.invitation)."""
    created_at = models.DateTimeField(_("created at"), default=timezone.now)
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True, blank=True)
    unsubscribed_at = models.DateTimeField(_("unsubscribed at"), null=True, blank=True)
    unsubscribe_reason = models.CharField(_("reason"), max_length=16, blank=True)
    consent_wording_version = models.CharField(max_length=16, blank=True, editable=False)
    consent_network_key = models.CharField(max_length=64, blank=True, editable=False)
    """HMAC of the network the consent came from; kept for 90 days (docs/security.md 35)."""

    class Meta:
        verbose_name = _("subscription")
        verbose_name_plural = _("subscriptions")
        constraints = [
            models.UniqueConstraint(fields=["channel", "address_key"], name="subscription_address_once"),
            models.CheckConstraint(
                condition=Q(channel__in=[each.value for each in Channel]), name="subscription_channel_known"
            ),
        ]
        indexes = [
            # A callback or an inbound text knows the address only; the canary is found by its channel.
            models.Index(fields=["address_key"], name="subscription_by_address"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.id}"

    @property
    def is_confirmed(self) -> bool:
        return self.confirmed_at is not None and self.unsubscribed_at is None

    @property
    def is_in_force(self) -> bool:
        """Confirmed, and for more than single incidents."""
        return self.is_confirmed and (self.wants_incidents or self.wants_maintenances)
