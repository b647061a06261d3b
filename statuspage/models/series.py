"""Maintenance that recurs: a rule, and what each of its windows starts with."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from .base import public_id
from .component import Component


class MaintenanceSeries(models.Model):
    """A rule (RFC 5545, RRULE) over wall-clock times in a zone; each occurrence is a Maintenance of its own."""

    id = public_id()
    name = models.CharField(_("title"), max_length=255)
    body = models.TextField(_("text"))
    components = models.ManyToManyField(Component, related_name="maintenance_series")
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    wall_start = models.CharField(_("first start"), max_length=16)
    """What clocks in the zone show when the first window begins: 2026-11-22T02:00."""
    length = models.DurationField(_("length"))
    rule = models.CharField(_("rule"), max_length=255)
    """An RRULE without its name and without DTSTART: FREQ=WEEKLY;BYDAY=SU."""
    announced_until = models.DateTimeField(_("announced until"), null=True, editable=False)
    """Occurrences that begin before this have been announced."""
    notify = models.BooleanField(_("tell subscribers"), default=True)
    reminders = models.JSONField(_("reminders"), null=True, blank=True)
    auto_start = models.BooleanField(_("starts by itself"), default=True)
    auto_complete = models.BooleanField(_("completes by itself"), default=True)
    tells_start = models.BooleanField(_("tells when it starts by itself"), default=True)
    tells_end = models.BooleanField(_("tells when it completes by itself"), default=True)
    created_at = models.DateTimeField(_("created at"))
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    key = models.CharField(max_length=255, null=True, blank=True, unique=True, editable=False)
    """The form it came from: pressing twice makes one."""
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("maintenance series")
        verbose_name_plural = _("maintenance series")
        ordering = ["-created_at"]
        indexes = [
            models.Index(
                fields=["announced_until"], condition=models.Q(ended_at__isnull=True), name="maintenance_series_open"
            )
        ]

    def __str__(self) -> str:
        return self.name
