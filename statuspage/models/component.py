"""Components and their groups: the parts of the service that readers know by name."""

from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from statuspage.labels import COMPONENT_STATUS, choices
from statuspage.text import grouped_name
from statuspage.vocabulary import ComponentStatus

from .base import only, public_id


class ComponentGroup(models.Model):
    """A heading over components. Its status is its worst component's, never stored."""

    id = public_id()
    name = models.CharField(_("name"), max_length=255)
    description = models.TextField(_("description"), blank=True)
    position = models.PositiveIntegerField(_("position"), default=1)
    created_at = models.DateTimeField(_("created at"))
    updated_at = models.DateTimeField(_("updated at"))

    class Meta:
        verbose_name = _("component group")
        verbose_name_plural = _("component groups")
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name


class Components(models.QuerySet["Component"]):
    """Those that are there, and those that only history speaks of."""

    def listed(self) -> Self:
        """On the page and in the forms: not archived."""
        return self.filter(archived_at=None)


class Component(models.Model):
    """One part of the service. `status` is the last word that was published about it.

    Every writer of `status` goes through `actions.components.set_statuses`, which keeps
    the outages true. One that is no longer there is archived, not deleted: outages,
    contracts and what was said of it refer to it.
    """

    id = public_id()
    name = models.CharField(_("name"), max_length=255)
    description = models.TextField(_("description"), blank=True)
    group = models.ForeignKey(
        ComponentGroup,
        verbose_name=_("group"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="components",
    )
    status = models.CharField(
        _("status"),
        max_length=24,
        choices=choices(COMPONENT_STATUS),
        default=ComponentStatus.OPERATIONAL,
    )
    is_third_party = models.BooleanField(_("third party"), default=False, help_text=_("Run by somebody else."))
    position = models.PositiveIntegerField(_("position"), default=1)
    showcase = models.BooleanField(_("show the last 90 days"), default=True)
    only_show_if_degraded = models.BooleanField(_("show only when degraded"), default=False)
    mail_version = models.PositiveIntegerField(default=1, editable=False)
    """Raised to make its address for mail another one (`mail_addresses`)."""
    start_date = models.DateField(_("in service since"), null=True, blank=True)
    archived_at = models.DateTimeField(_("archived at"), null=True, blank=True, editable=False)
    """Since when it is in no list, and nothing new can be said of it."""
    created_at = models.DateTimeField(_("created at"))
    updated_at = models.DateTimeField(_("updated at"))

    objects = Components.as_manager()

    class Meta:
        verbose_name = _("component")
        verbose_name_plural = _("components")
        ordering = ["position", "name"]
        constraints = [only("status", ComponentStatus, "component_status_known")]

    def __str__(self) -> str:
        return self.full_name

    @property
    def full_name(self) -> str:
        """As updates name it: behind its group."""
        return grouped_name(self.group.name if self.group else "", self.name)
