"""Incidents: something unplanned that readers feel, told in updates."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from statuspage.labels import CAUSE, COMPONENT_STATUS, IMPACT, INCIDENT_STATUS, SEVERITY, choices
from statuspage.vocabulary import OPEN_INCIDENT, Cause, ComponentStatus, Impact, IncidentStatus

from .base import Told, only, public_id
from .component import Component


class PublishedUpdate(models.Model):
    """One thing that was said, as it was said. Shared by incidents and maintenances."""

    id = public_id()
    body = models.TextField(_("text"), blank=True)
    affected_components = models.JSONField(
        _("affected components"),
        null=True,
        blank=True,
        help_text=_("code, name, old_status and new_status of each, as published"),
    )
    deliver_notifications = models.BooleanField(_("tell subscribers"), default=True)
    created_at = models.DateTimeField(_("created at"))
    updated_at = models.DateTimeField(_("updated at"))
    display_at = models.DateTimeField(_("shown as of"))
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("author"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    idempotency_key = models.CharField(max_length=255, null=True, blank=True, unique=True, editable=False)
    """A second press of the same button finds the first one's row. NULL: not asked for."""

    class Meta:
        abstract = True


class Incident(models.Model):
    """An incident; its status follows its newest update, so readers never derive it."""

    id = public_id()
    name = models.CharField(_("title"), max_length=255)
    status = models.CharField(_("status"), max_length=16, choices=choices(INCIDENT_STATUS))
    impact = models.CharField(_("impact"), max_length=16, choices=choices(IMPACT), default=Impact.NONE)
    impact_is_chosen = models.BooleanField(
        default=False,
        editable=False,
        help_text=_("Staff chose the impact; else it follows the components."),
    )
    severity = models.PositiveSmallIntegerField(_("severity"), null=True, blank=True, choices=choices(SEVERITY))
    cause = models.CharField(_("cause"), max_length=16, choices=choices(CAUSE), default=Cause.OWN)
    components = models.ManyToManyField(Component, through="IncidentComponent", related_name="incidents")
    next_update_by = models.DateTimeField(_("next update by"), null=True, blank=True)
    created_at = models.DateTimeField(_("created at"))
    updated_at = models.DateTimeField(_("updated at"))
    started_at = models.DateTimeField(_("started at"))
    monitoring_at = models.DateTimeField(_("monitoring since"), null=True, blank=True)
    resolved_at = models.DateTimeField(_("resolved at"), null=True, blank=True)
    shortlink = models.URLField(
        blank=True,
        editable=False,
        help_text=_("Only where imported; else the incident's own address."),
    )
    version = models.PositiveIntegerField(default=1, editable=False)
    """Raised by every edit; a form that was opened on an older one is refused."""
    revision = models.PositiveBigIntegerField(default=0, editable=False)
    """The publication's revision in which the incident last changed."""
    withdrawn_at = models.DateTimeField(null=True, blank=True, editable=False)
    """Since when it is no longer told of; it can be brought back."""
    is_backfilled = models.BooleanField(default=False, db_default=False, editable=False)
    """Recorded afterwards: it told nobody and touched no component."""
    postmortem_draft = models.TextField(blank=True, default="", db_default="", editable=False)
    postmortem_draft_at = models.DateTimeField(null=True, blank=True, editable=False)
    """A postmortem that is not published, and when it was last written."""
    metadata = models.JSONField(null=True, blank=True, editable=False)
    """What a client of the API keeps with it: an object of objects."""

    objects = Told()
    everything = models.Manager["Incident"]()

    class Meta:
        verbose_name = _("incident")
        verbose_name_plural = _("incidents")
        ordering = ["-created_at"]
        indexes = [
            models.Index(fields=["revision"], name="incident_revision"),
            models.Index(fields=["started_at"], name="incident_started"),
            models.Index(fields=["-created_at"], name="incident_newest"),
            models.Index(fields=["-updated_at", "-id"], name="incident_last_word"),
            models.Index(
                fields=["status"],
                condition=Q(status__in=sorted(OPEN_INCIDENT)),
                name="incident_open",
            ),
        ]
        constraints = [
            only("status", IncidentStatus, "incident_status_known"),
            only("impact", Impact, "incident_impact_known"),
            only("cause", Cause, "incident_cause_known"),
            models.CheckConstraint(
                condition=Q(severity__isnull=True) | Q(severity__in=[1, 2, 3]),
                name="incident_severity_known",
            ),
            models.CheckConstraint(
                condition=Q(status__in=sorted(OPEN_INCIDENT)) | Q(resolved_at__isnull=False),
                name="incident_resolved_has_time",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_open(self) -> bool:
        return self.status in OPEN_INCIDENT


class IncidentComponent(models.Model):
    """A component an incident touched, and what the incident last said of it."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="claims")
    component = models.ForeignKey(Component, on_delete=models.CASCADE, related_name="claims")
    status = models.CharField(max_length=24, choices=choices(COMPONENT_STATUS))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["incident", "component"], name="incident_component_once"),
            only("status", ComponentStatus, "incident_component_status_known"),
        ]

    def __str__(self) -> str:
        return f"{self.component_id}: {self.status}"


class IncidentUpdate(PublishedUpdate):
    """One published update of an incident."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="updates")
    status = models.CharField(_("status"), max_length=16, choices=choices(INCIDENT_STATUS))
    next_update_by = models.DateTimeField(_("next update by"), null=True, blank=True)

    class Meta:
        verbose_name = _("incident update")
        verbose_name_plural = _("incident updates")
        ordering = ["-display_at", "-created_at"]
        constraints = [
            only("status", IncidentStatus, "incident_update_status_known"),
            models.CheckConstraint(condition=Q(updated_at__gte=F("created_at")), name="incident_update_order"),
        ]

    def __str__(self) -> str:
        return f"{self.status}: {self.body[:60]}"
