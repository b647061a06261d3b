"""The outbox: what is to be told, written in the transaction that published it."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from .subscription import Subscription


class Audience(models.TextChoices):
    """Whom an outbox row is for; `notifications.audience` says it as a queryset."""

    MEMBERS = "members"  # confirmed subscriptions that match what was published
    MEMBERS_AND_TOLD = "members_and_told"  # a moved window: also whoever was told the old one
    TOLD = "told"  # a cancellation: only whoever was told of the window at all
    INVITED = "invited"  # of the members those who want invitations; the others have it from another window's message
    INVITED_AND_TOLD = "invited_and_told"  # of those who were told, likewise
    MISSED = "missed"  # whoever a notice did not reach in time, which this message stands in for
    WEBHOOKS = "webhooks"  # as members, by webhook alone: receivers want each component's change by itself
    ONE = "one"  # a link that one person asked for


class OutboxEvent(models.Model):
    """One thing to tell. Its payload is frozen: what was published is what is sent.

    One update may have several rows of different kinds: a scheduled maintenance has its
    notice, its advance notice and its reminder, each due at a time of its own.
    """

    kind = models.CharField(max_length=32)
    subject_kind = models.CharField(max_length=16)
    subject_id = models.CharField(max_length=40)
    update_id = models.CharField(max_length=40)
    severity = models.PositiveSmallIntegerField(null=True)
    payload = models.JSONField()
    component_ids = models.JSONField(default=list)
    window_revision = models.PositiveIntegerField(null=True)
    audience = models.CharField(max_length=16, choices=Audience.choices, default=Audience.MEMBERS)
    single_subscription = models.ForeignKey(Subscription, null=True, on_delete=models.PROTECT, related_name="+")
    priority = models.PositiveSmallIntegerField()
    published_at = models.DateTimeField()
    """Fixes the membership: whoever had confirmed by then. A reminder is published when due."""
    due_at = models.DateTimeField()
    """When the fan-out may begin: after staff's time to take it back, or a set time before a window."""
    expires_at = models.DateTimeField()
    """From here on it informs nobody; becomes `not_after` of its deliveries."""
    created_at = models.DateTimeField(default=timezone.now)
    fan_out_cursor = models.UUIDField(null=True)
    """The last subscription that was looked at; a fan-out that was killed goes on behind it."""
    fanned_out_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    """When the last of its deliveries came to rest; empty again when staff try one again."""
    voided_at = models.DateTimeField(null=True)
    void_reason = models.CharField(max_length=32, blank=True)
    voided_by = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="+")
    stood_in_by = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="stands_in_for")
    """What tells whoever this did not reach in time how things stand (notifications.lateness)."""
    references_forgotten_at = models.DateTimeField(null=True)
    """When the providers' own ids of its messages were forgotten (notifications.retention)."""

    class Meta:
        constraints = [
            # An event that is recorded twice is told once.
            models.UniqueConstraint(fields=["update_id", "kind"], name="outbox_once"),
            models.CheckConstraint(
                condition=Q(single_subscription__isnull=True) ^ Q(audience=Audience.ONE), name="outbox_one_has_somebody"
            ),
        ]
        indexes = [
            # The relay: what is due and not yet fanned out.
            models.Index(
                fields=["due_at"], condition=Q(fanned_out_at__isnull=True, voided_at__isnull=True), name="outbox_due"
            ),
            # The sweep: what may still have deliveries that do not rest.
            models.Index(fields=["id"], condition=Q(settled_at__isnull=True), name="outbox_unsettled"),
            # Supersession, and who was told of a subject before.
            models.Index(fields=["subject_id"], name="outbox_by_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_id}"

    def earlier_about_the_same(self) -> models.QuerySet["OutboxEvent"]:
        """What was published about the subject before this; a notice for later counts from when it comes."""
        before = Q(published_at__lt=self.published_at) | Q(published_at=self.published_at, pk__lt=self.pk)
        return OutboxEvent.objects.filter(before, subject_id=self.subject_id)
