"""Drafts: a filled form of the console that waits for a publisher."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from .base import ID_LENGTH


class Draft(models.Model):
    """What an author wrote: the form's input, field by field, as it was typed."""

    class Kind(models.TextChoices):
        INCIDENT = "incident", _("incident")
        UPDATE = "update", _("update of an incident")
        MAINTENANCE = "maintenance", _("maintenance")

    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices)
    subject = models.CharField(_("incident"), max_length=ID_LENGTH, blank=True)
    """The incident that an update is of."""
    payload = models.JSONField(_("input"))
    note = models.TextField(_("note to the publisher"), blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("author"), null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(_("written at"))
    key = models.CharField(max_length=255, null=True, blank=True, unique=True, editable=False)
    """The form it came from: pressing twice keeps one."""

    class Meta:
        verbose_name = _("draft")
        verbose_name_plural = _("drafts")
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=["incident", "update", "maintenance"]), name="draft_kind_known"
            )
        ]

    def __str__(self) -> str:
        return " ".join(self.payload.get("name") or self.payload.get("body") or [""])[:80] or f"{self.kind} {self.pk}"
