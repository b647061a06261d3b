"""Failures as readers report them: what fails for them, since when, or that a known incident is theirs."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .base import public_id
from .component import Component
from .incident import Incident


class FailureReport(models.Model):
    """One report. With `incident` and no words: "this is it", said of what the page shows.

    Names nobody: who sent it is known by the HMAC of a network, for limits.
    """

    id = public_id()
    incident = models.ForeignKey(
        Incident, null=True, on_delete=models.CASCADE, related_name="failure_reports", verbose_name=_("incident")
    )
    component = models.ForeignKey(
        Component, null=True, on_delete=models.SET_NULL, related_name="failure_reports", verbose_name=_("component")
    )
    what = models.TextField(_("what fails"), blank=True)
    since = models.DateTimeField(_("since"), null=True)
    network_key = models.CharField(max_length=64, blank=True, editable=False)
    created_at = models.DateTimeField(_("reported at"), default=timezone.now)

    class Meta:
        verbose_name = _("failure report")
        verbose_name_plural = _("failure reports")
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["-created_at"], name="failure_report_newest")]
        constraints = [
            models.CheckConstraint(
                condition=Q(incident__isnull=False) | ~Q(what=""), name="failure_report_says_something"
            )
        ]

    def __str__(self) -> str:
        return f"{self.id} {self.created_at:%Y-%m-%d %H:%M}"
