"""Suppressions: addresses that get nothing, whoever subscribes them."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Suppression(models.Model):
    """One address that is not to be used, kept as its HMAC (notifications.pseudonyms).

    STOP is lifted by the person's START alone; quarantine by time or by staff; an
    erasure by nobody but the person subscribing again.
    """

    class Reason(models.TextChoices):
        STOP = "stop", _("replied STOP")
        QUARANTINE = "quarantine", _("cannot be reached")
        ERASED = "erased", _("erased on request")

    address_key = models.CharField(max_length=64)
    reason = models.CharField(_("reason"), max_length=12, choices=Reason.choices)
    code = models.CharField(_("code"), max_length=64, blank=True)
    since = models.DateTimeField(_("since"), default=timezone.now)

    class Meta:
        verbose_name = _("suppression")
        verbose_name_plural = _("suppressions")
        constraints = [
            models.UniqueConstraint(fields=["address_key", "reason"], name="suppression_once"),
            models.CheckConstraint(
                condition=Q(reason__in=["stop", "quarantine", "erased"]), name="suppression_reason_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reason} since {self.since:%Y-%m-%d}"
