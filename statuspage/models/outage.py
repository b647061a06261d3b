"""Outages: which component was not operational, from when to when, for what cause."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from statuspage.labels import CAUSE, COMPONENT_STATUS, choices
from statuspage.vocabulary import Cause, ComponentStatus

from .base import only
from .component import Component


class Outage(models.Model):
    """A half-open interval [started_at, ended_at) in which a component had one status.

    Opened and closed by component changes. A correction by staff is a new row that
    replaces the old one (`replaces`, `reason`, `author`); the old row stays as evidence
    with `is_current` false. Times under maintenance are rows too, with that cause.
    """

    component = models.ForeignKey(Component, on_delete=models.CASCADE, related_name="outages")
    status = models.CharField(_("status"), max_length=24, choices=choices(COMPONENT_STATUS))
    cause = models.CharField(_("cause"), max_length=16, choices=choices(CAUSE), default=Cause.OWN)
    started_at = models.DateTimeField(_("started at"))
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    incident = models.ForeignKey(
        "statuspage.Incident",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="outages",
    )
    maintenance = models.ForeignKey(
        "statuspage.Maintenance",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="outages",
    )
    is_current = models.BooleanField(default=True, editable=False)
    replaces = models.OneToOneField(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="replaced_by",
        editable=False,
    )
    reason = models.TextField(_("reason of the correction"), blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(_("recorded at"))

    class Meta:
        verbose_name = _("outage")
        verbose_name_plural = _("outages")
        ordering = ["-started_at"]
        indexes = [
            models.Index(fields=["component", "started_at"], name="outage_by_component"),
            # What the bars are drawn from: a publication must not read the outages of all years.
            models.Index(fields=["ended_at"], condition=Q(is_current=True), name="outage_by_end"),
        ]
        constraints = [
            only("status", ComponentStatus, "outage_status_known"),
            only("cause", Cause, "outage_cause_known"),
            models.CheckConstraint(condition=~Q(status=ComponentStatus.OPERATIONAL), name="outage_not_operational"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gt=F("started_at")),
                name="outage_has_length",
            ),
            models.UniqueConstraint(
                fields=["component"],
                condition=Q(ended_at__isnull=True, is_current=True),
                name="outage_one_open_a_component",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.component}: {self.get_status_display()}, {self.started_at:%Y-%m-%d %H:%M} UTC"
