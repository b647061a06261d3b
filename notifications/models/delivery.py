"""The ledger: one Delivery is one promise to one subscription, an Attempt one call to keep it."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from notifications.states import UNRESTING, Channel, State

from .outbox import OutboxEvent
from .subscription import Subscription


class Delivery(models.Model):
    """One promise to one subscription. Its state is changed by `fanout`, `delivery` and `receipts` alone.

    Names no address: it points to the subscription, whose HMAC outlives the address.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    event = models.ForeignKey(OutboxEvent, on_delete=models.PROTECT, related_name="deliveries", db_index=False)
    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="deliveries", db_index=False)
    channel = models.CharField(max_length=8)
    state = models.CharField(max_length=12, default=State.QUEUED)
    priority = models.PositiveSmallIntegerField()
    not_before = models.DateTimeField()
    not_after = models.DateTimeField()
    next_attempt_at = models.DateTimeField()
    """Of a text that was accepted: when its receipt is asked for, should none come."""
    attempts = models.PositiveSmallIntegerField(default=0)
    """Calls that count against the limit: one the provider refused for haste does not."""
    ambiguous = models.PositiveSmallIntegerField(default=0)
    """Calls that ended without an answer: each may have been one more copy at the recipient's."""
    ask_first = models.BooleanField(default=False)
    """The last call may have arrived: the provider is asked before the next one."""
    fence = models.PositiveIntegerField(default=0)
    """Raised by every claim. Whoever holds an older one may no longer write the outcome."""
    lease_expires_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(null=True)
    """The group is open: from here on a call may have been made under this lease."""
    provider = models.CharField(max_length=16, blank=True)
    provider_reference = models.CharField(max_length=128, blank=True)
    last_code = models.CharField(max_length=64, blank=True)
    blame = models.CharField(max_length=8, blank=True)
    """Whose fault the last refusal was, in the words of channels.base.Blame."""
    superseded_by = models.ForeignKey(
        OutboxEvent, null=True, on_delete=models.PROTECT, related_name="superseded", db_index=False
    )
    created_at = models.DateTimeField(default=timezone.now)
    accepted_at = models.DateTimeField(null=True)
    """When the provider took it: what the notice of a maintenance counts from."""
    final_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints = [
            # The guarantee. Also finds the deliveries of an event.
            models.UniqueConstraint(fields=["event", "subscription"], name="delivery_once"),
            models.CheckConstraint(condition=Q(state__in=[each.value for each in State]), name="delivery_state_known"),
            models.CheckConstraint(
                condition=Q(channel__in=[each.value for each in Channel]), name="delivery_channel_known"
            ),
            models.CheckConstraint(
                condition=Q(state=State.SENDING, lease_expires_at__isnull=False)
                | (~Q(state=State.SENDING) & Q(lease_expires_at__isnull=True)),
                name="delivery_lease_while_sending",
            ),
            models.CheckConstraint(
                condition=Q(state__in=sorted(UNRESTING), final_at__isnull=True)
                | (~Q(state__in=sorted(UNRESTING)) & Q(final_at__isnull=False)),
                name="delivery_final_when_resting",
            ),
        ]
        indexes = [
            # The claim: a channel's queue, urgent first, newest event first, the untried before the tried.
            models.Index(
                fields=["channel", "priority", "-event", "next_attempt_at"],
                condition=Q(state=State.QUEUED),
                name="delivery_queue",
            ),
            # The sweep: leases. Not by lease_expires_at, so that renewing one touches no index.
            models.Index(fields=["event"], condition=Q(state=State.SENDING), name="delivery_leased"),
            # The premise: is there a newer word for this subscription? And "was this client told?".
            models.Index(fields=["subscription", "event"], name="delivery_by_subscription"),
            # Staff: what wants a decision of theirs.
            models.Index(
                fields=["final_at"], condition=Q(state__in=[State.FAILED, State.UNKNOWN]), name="delivery_dead_letters"
            ),
            # Bounces: how many mails were returned for our sake lately? Almost none ever are.
            models.Index(
                fields=["final_at"],
                condition=Q(channel=Channel.EMAIL, state=State.UNDELIVERED, blame="sender"),
                name="delivery_returned",
            ),
            # Overdue receipts. Texts only: nothing more is said of a mail.
            models.Index(
                fields=["next_attempt_at"],
                condition=Q(channel=Channel.SMS, state=State.ACCEPTED),
                name="delivery_receipt_overdue",
            ),
            # Reconciliation: is this provider's message already accounted for? Texts only: mails are never looked up.
            models.Index(
                fields=["provider_reference"],
                condition=Q(channel=Channel.SMS) & ~Q(provider_reference=""),
                name="delivery_by_reference",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.id}: {self.state}"


class Attempt(models.Model):
    """One call to a provider. Append-only: an open one gets its outcome, nothing else changes.

    `number` is the fence of the claim it was made under, so it may skip.
    """

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="tries", db_index=False)
    number = models.PositiveIntegerField()
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=12, blank=True)
    code = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["delivery", "number"], name="attempt_once"),
        ]

    def __str__(self) -> str:
        return f"{self.delivery_id} attempt {self.number}: {self.outcome or 'open'}"
