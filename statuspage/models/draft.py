"""Drafts: a filled form of the console that waits for a publisher."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Draft(models.Model):
    """What an author wrote: the form's input, field by field, as it was typed."""

    class Kind(models.TextChoices):
        INCIDENT = "incident", _("incident")
        MAINTENANCE = "maintenance", _("maintenance")

    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices)
    payload = models.JSONField(_("input"))
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("author"), null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(_("created at"))

    class Meta:
        verbose_name = _("draft")
        verbose_name_plural = _("drafts")
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=["incident", "maintenance"]), name="draft_kind_known")
        ]

    def __str__(self) -> str:
        return str(self.payload.get("name", [""])[0]) or f"{self.kind} {self.pk}"
