"""Mirrors: components whose status is what another Statuspage says."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from statuspage.vocabulary import ComponentStatus

from .component import Component


class ComponentMirror(models.Model):
    """Which page a third party's component follows, and how asking it goes.

    A page that does not answer, or speaks nonsense, leaves the component as it is: `trouble` says why, `answered_at`
    when it last answered.
    """

    component = models.OneToOneField(Component, on_delete=models.CASCADE, related_name="mirror")
    page_url = models.URLField(_("address of the page"), max_length=500)
    page_name = models.CharField(max_length=255)
    remote_id = models.CharField(max_length=100, blank=True)
    """Their component's id; empty: the whole page."""
    remote_name = models.CharField(max_length=600, blank=True)
    said = models.CharField(max_length=24, blank=True)
    """What the page said last of the component: a ComponentStatus."""
    etag = models.CharField(max_length=255, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    """When it was asked last. Whoever asks claims the row by this: of several workers one asks."""
    answered_at = models.DateTimeField(null=True, blank=True)
    trouble = models.CharField(max_length=255, blank=True)
    trouble_since = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["page_name", "remote_name"]
        indexes = [models.Index(fields=["checked_at"], name="mirror_due")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(said="") | models.Q(said__in=[each.value for each in ComponentStatus]),
                name="mirror_said_known",
            )
        ]

    def __str__(self) -> str:
        return f"{self.component_id}: {self.page_name} {self.remote_name}"
