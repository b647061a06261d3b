"""Words that staff wrote ahead, for when there are four minutes."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from .base import public_id
from .component import Component


class Template(models.Model):
    """What a form starts with: title, text and components of an incident or of a maintenance. Data, never compiled."""

    class Kind(models.TextChoices):
        INCIDENT = "incident", _("incident")
        MAINTENANCE = "maintenance", _("maintenance")

    id = public_id()
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices)
    name = models.CharField(_("name"), max_length=255)
    """What staff choose it by; readers never see it."""
    title = models.CharField(_("title"), max_length=255)
    body = models.TextField(_("text"))
    components = models.ManyToManyField(Component, blank=True, related_name="+")
    update_status = models.CharField(_("status"), max_length=16, blank=True)
    """The status an incident starts with; empty: the form's own."""
    minutes = models.PositiveIntegerField(_("lasts (minutes)"), null=True, blank=True)
    """How long such work takes; for maintenance."""
    notify = models.BooleanField(_("tell subscribers"), default=True)
    created_at = models.DateTimeField(_("created at"))
    updated_at = models.DateTimeField(_("updated at"))
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("template")
        verbose_name_plural = _("templates")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=["incident", "maintenance"]), name="template_kind_known"
            ),
            models.UniqueConstraint(fields=["kind", "name"], name="template_once"),
        ]

    def __str__(self) -> str:
        return self.name
