"""Planned maintenance: a window, the components in it, and every revision of the window."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from statuspage.labels import IMPACT, MAINTENANCE_STATUS, choices
from statuspage.vocabulary import ACTIVE_MAINTENANCE, OPEN_MAINTENANCE, Impact, MaintenanceStatus

from .base import Told, only, public_id
from .component import Component
from .incident import PublishedUpdate
from .series import MaintenanceSeries


class Maintenance(models.Model):
    """A planned maintenance. Its window is the newest MaintenanceWindow's, kept here too."""

    id = public_id()
    name = models.CharField(_("title"), max_length=255)
    status = models.CharField(
        _("status"),
        max_length=16,
        choices=choices(MAINTENANCE_STATUS),
        default=MaintenanceStatus.SCHEDULED,
    )
    impact = models.CharField(_("impact"), max_length=16, choices=choices(IMPACT), default=Impact.MAINTENANCE)
    components = models.ManyToManyField(Component, through="MaintenanceComponent", related_name="maintenances")
    scheduled_for = models.DateTimeField(_("starts"))
    scheduled_until = models.DateTimeField(_("ends"))
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    window_revision = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(_("created at"))
    updated_at = models.DateTimeField(_("updated at"))
    announced_at = models.DateTimeField(_("announced at"))
    started_at = models.DateTimeField(_("work began"), null=True, blank=True)
    monitoring_at = models.DateTimeField(_("verifying since"), null=True, blank=True)
    resolved_at = models.DateTimeField(_("ended"), null=True, blank=True)
    began_by_itself = models.BooleanField(default=False, db_default=False, editable=False)
    ended_by_itself = models.BooleanField(default=False, db_default=False, editable=False)
    """Whether the program took the step, when the time had come: then its moment is when that was found."""
    shortlink = models.URLField(blank=True, editable=False)
    auto_start = models.BooleanField(_("starts by itself"), default=True)
    auto_complete = models.BooleanField(_("completes by itself"), default=True)
    tells_start = models.BooleanField(_("tells when it starts by itself"), default=True)
    tells_end = models.BooleanField(_("tells when it completes by itself"), default=True)
    reminders = models.JSONField(_("reminders"), null=True, blank=True)
    """Minutes before the start at which a notice is told again, a list, empty for none; None: as
    `notifications.notices` has it."""
    delay_told_for = models.PositiveIntegerField(default=0, editable=False)
    overrun_told_for = models.PositiveIntegerField(default=0, editable=False)
    """The window's revision of which its late start, its overrun, was told; 0: none."""
    shows_notice = models.BooleanField(_("show on the page how the notice was kept"), default=False)
    series = models.ForeignKey(
        MaintenanceSeries, null=True, blank=True, on_delete=models.PROTECT, related_name="occurrences"
    )
    occurs_at = models.DateTimeField(null=True, blank=True, editable=False)
    """When its series has it begin: it stays where it is when the window is moved."""
    version = models.PositiveIntegerField(default=1, editable=False)
    revision = models.PositiveBigIntegerField(default=0, editable=False)
    withdrawn_at = models.DateTimeField(null=True, blank=True, editable=False)
    """Since when it is no longer told of; it can be brought back."""
    metadata = models.JSONField(null=True, blank=True, editable=False)
    """What a client of the API keeps with it: an object of objects."""

    objects = Told()
    everything = models.Manager["Maintenance"]()

    class Meta:
        verbose_name = _("maintenance")
        verbose_name_plural = _("maintenances")
        ordering = ["-scheduled_for"]
        indexes = [
            models.Index(fields=["revision"], name="maintenance_revision"),
            models.Index(fields=["-scheduled_for"], name="maintenance_newest"),
            models.Index(fields=["-updated_at", "-id"], name="maintenance_last_word"),
            models.Index(
                fields=["scheduled_for"],
                condition=Q(status__in=sorted(OPEN_MAINTENANCE)),
                name="maintenance_due",
            ),
        ]
        constraints = [
            only("status", MaintenanceStatus, "maintenance_status_known"),
            only("impact", Impact, "maintenance_impact_known"),
            models.CheckConstraint(
                condition=Q(scheduled_until__gt=F("scheduled_for")),
                name="maintenance_window_has_length",
            ),
            models.UniqueConstraint(fields=["series", "occurs_at"], name="maintenance_occurs_once"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_active(self) -> bool:
        return self.status in ACTIVE_MAINTENANCE

    @property
    def is_open(self) -> bool:
        return self.status in OPEN_MAINTENANCE

    @property
    def begun_at(self) -> datetime | None:
        """Since when the work goes on, as readers are told: what began by itself began when it was announced to."""
        if self.started_at and self.began_by_itself:
            return min(self.started_at, self.scheduled_for)
        return self.started_at

    @property
    def ended_at(self) -> datetime | None:
        """Since when it is over, as readers are told: what ended by itself ended when it was announced to."""
        if self.resolved_at and self.ended_by_itself:
            return min(self.resolved_at, self.scheduled_until)
        return self.resolved_at


class MaintenanceComponent(models.Model):
    """A component that a maintenance works on."""

    maintenance = models.ForeignKey(Maintenance, on_delete=models.CASCADE, related_name="claims")
    component = models.ForeignKey(Component, on_delete=models.CASCADE, related_name="maintenance_claims")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["maintenance", "component"], name="maintenance_component_once")]

    def __str__(self) -> str:
        return f"{self.maintenance_id}: {self.component_id}"


class MaintenanceWindow(models.Model):
    """One revision of a window, as it was announced. Never changed, never deleted."""

    maintenance = models.ForeignKey(Maintenance, on_delete=models.CASCADE, related_name="windows")
    number = models.PositiveIntegerField(_("revision"))
    scheduled_for = models.DateTimeField(_("starts"))
    scheduled_until = models.DateTimeField(_("ends"))
    wall_for = models.CharField(max_length=16, blank=True, editable=False)
    wall_until = models.CharField(max_length=16, blank=True, editable=False)
    """What clocks in the maintenance's zone were to show then: a country may change its rules afterwards (fault 53)."""
    published_at = models.DateTimeField(_("published at"))
    reason = models.TextField(_("reason"), blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        verbose_name = _("window revision")
        verbose_name_plural = _("window revisions")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["maintenance", "number"], name="maintenance_window_once"),
            models.CheckConstraint(
                condition=Q(scheduled_until__gt=F("scheduled_for")),
                name="maintenance_window_row_has_length",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.maintenance_id} revision {self.number}"


class MaintenanceUpdate(PublishedUpdate):
    """One published update of a maintenance."""

    maintenance = models.ForeignKey(Maintenance, on_delete=models.CASCADE, related_name="updates")
    status = models.CharField(_("status"), max_length=16, choices=choices(MAINTENANCE_STATUS))

    class Meta:
        verbose_name = _("maintenance update")
        verbose_name_plural = _("maintenance updates")
        ordering = ["-display_at", "-created_at"]
        constraints = [only("status", MaintenanceStatus, "maintenance_update_status_known")]

    def __str__(self) -> str:
        return f"{self.status}: {self.body[:60]}"


class EmergencyApproval(models.Model):
    """That notice of a window was not reasonably possible: asked for by one person, approved by another.

    The enterprise contract asks for notice "where reasonably possible". Counts only where it
    was approved before the start, by a service-level officer (docs/service-levels.md, approved emergency).
    """

    maintenance = models.OneToOneField(Maintenance, on_delete=models.CASCADE, related_name="emergency")
    reason = models.TextField(_("reason"))
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("asked for by")
    )
    requested_at = models.DateTimeField(_("asked for at"))
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("approved by")
    )
    approved_at = models.DateTimeField(_("approved at"), null=True)

    class Meta:
        verbose_name = _("emergency approval")
        verbose_name_plural = _("emergency approvals")
        constraints = [
            models.CheckConstraint(condition=~Q(requested_by=F("approved_by")), name="emergency_has_two_people")
        ]

    def __str__(self) -> str:
        return f"{self.maintenance_id}: {self.reason[:60]}"
