"""Outages: which component was not operational, from when to when, for what cause."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from statuspage.labels import CAUSE, COMPONENT_STATUS, choices
from statuspage.vocabulary import Cause, ComponentStatus

from .base import only
from .client import Client
from .component import Component

INTERRUPTION = Q(interrupts=True) | Q(interrupts=None, status=ComponentStatus.MAJOR_OUTAGE)
"""What contracts take for an interruption: `Outage.is_interruption`, in the database."""


class Outages(models.QuerySet["Outage"]):
    """The versions that count, and which of them contracts are judged by."""

    def current(self) -> Self:
        """Of each outage the version that counts; what was withdrawn counts no more."""
        return self.filter(is_current=True)

    def interruptions(self) -> Self:
        """Those that interrupt the service in the sense of the contracts."""
        return self.filter(INTERRUPTION)

    def met_by(self, client: Client) -> Self:
        """Everybody's, and those of this client alone."""
        return self.filter(Q(client=None) | Q(client=client))


class Outage(models.Model):
    """A half-open interval [started_at, ended_at) in which a component had one status.

    Opened and closed by component changes; or recorded afterwards by whoever decides on
    service levels, with a reason, where the page never showed it. A correction by staff is
    a new row that replaces the old one (`replaces`, `reason`, `author`), and so is a
    withdrawal; the old row stays as evidence with `is_current` false. Times under
    maintenance are rows too, with that cause.
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
    client = models.ForeignKey(
        Client,
        verbose_name=_("client"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="outages",
        help_text=_("Only this client was affected; empty: everybody."),
    )
    """An outage of one client counts in that client's contracts alone, and is not drawn on the page."""
    interrupts = models.BooleanField(_("counts as an interruption"), null=True, blank=True)
    """Marked by staff; null: by its status, a major outage does and nothing else."""
    provider_name = models.CharField(_("provider"), max_length=255, blank=True)
    provider_url = models.URLField(_("address of the provider's incident"), max_length=500, blank=True)
    provider_incident = models.CharField(_("the provider's number of it"), max_length=255, blank=True)
    provider_evidence = models.JSONField(null=True, blank=True, editable=False)
    """What the provider's page said meanwhile, oldest first: `incidents`, each with `id`, `name`, `impact`, `url`,
    `seen_at` and its `updates` (`id`, `status`, `body`, `created_at`, `seen_at`). Null: nothing was seen."""
    is_current = models.BooleanField(default=True, editable=False)
    replaces = models.OneToOneField(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="replaced_by",
        editable=False,
    )
    is_withdrawn = models.BooleanField(default=False, editable=False)
    """This version says that there was no such outage."""
    reason = models.TextField(_("reason of the correction"), blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(_("recorded at"))
    idempotency_key = models.CharField(max_length=255, null=True, blank=True, unique=True, editable=False)
    """Of the form that recorded it afterwards: a second press finds the first one's row."""

    objects = Outages.as_manager()

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
            models.CheckConstraint(
                condition=Q(is_withdrawn=False) | Q(is_current=False), name="outage_withdrawn_counts_no_more"
            ),
            models.UniqueConstraint(
                fields=["component"],
                condition=Q(ended_at__isnull=True, is_current=True),
                name="outage_one_open_a_component",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.component}: {self.get_status_display()}, {self.started_at:%Y-%m-%d %H:%M} UTC"

    @property
    def is_interruption(self) -> bool:
        """Whether contracts take it for an interruption; whether that counts is for its cause to say."""
        return self.status == ComponentStatus.MAJOR_OUTAGE if self.interrupts is None else self.interrupts

    @property
    def was_recorded_later(self) -> bool:
        """Whether the page never showed it."""
        return self.replaces_id is None and bool(self.reason)
