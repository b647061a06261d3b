"""What all sending processes must know of a provider: where it stops us, and how fast we may go."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Breaker(models.Model):
    """A provider refuses us, not a recipient: nothing goes into `scope` before `retry_at`.

    `scope` is a channel ("email"), or a part of one: a mail domain, a country's prefix.
    """

    scope = models.CharField(_("scope"), max_length=255, unique=True)
    code = models.CharField(_("code"), max_length=64, blank=True)
    reason = models.CharField(_("reason"), max_length=255)
    opened_at = models.DateTimeField(_("since"))
    retry_at = models.DateTimeField(_("tried again at"))
    receipt_at = models.DateTimeField(null=True)
    """When a receipt last told of it. Then a message that is taken proves nothing, only one that is delivered."""

    class Meta:
        verbose_name = _("provider trouble")
        verbose_name_plural = _("provider troubles")

    def __str__(self) -> str:
        return f"{self.scope}: {self.reason}"


class Suspicion(models.Model):
    """One recipient in `scope` was refused in words that may be about us, or about that recipient alone."""

    scope = models.CharField(max_length=255, unique=True)
    recipient = models.UUIDField()
    """The subscription that was refused."""
    since = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.scope} since {self.since:%Y-%m-%d %H:%M}"


class Pace(models.Model):
    """When the next message of a channel may go, shared by all processes that send there."""

    channel = models.CharField(max_length=8, unique=True)
    free_at = models.DateTimeField()
    refused_at = models.DateTimeField(null=True)
    """When the provider last said "too many"."""
    refusals = models.PositiveSmallIntegerField(default=0)
    """How often it said so in a row: each time the pause is longer."""

    def __str__(self) -> str:
        return f"{self.channel} free at {self.free_at}"
