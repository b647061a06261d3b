"""Addresses that other programs call with payloads of their own, and the last calls of all that call in."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .base import ID_LENGTH, public_id
from .component import Component


class CallSource(models.TextChoices):
    """By what door a machine calls in."""

    ALERTMANAGER = "alertmanager", "Alertmanager"
    HOOK = "hook", _("webhook")
    MAIL = "mail", pgettext_lazy("a machine calls in by", "mail")


class IncomingHook(models.Model):
    """A webhook of any shape: which of its fields say what (`alerting.mapping`)."""

    id = public_id()
    name = models.CharField(max_length=100, unique=True)
    mapping = models.JSONField(default=dict)
    components = models.ManyToManyField(Component, blank=True, related_name="+")
    """What its alerts are about where the payload names none."""
    is_draft_first = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class HookCall(models.Model):
    """One call of a machine and what became of it; kept for a week."""

    source = models.CharField(max_length=16, choices=CallSource.choices)
    hook = models.ForeignKey(IncomingHook, null=True, on_delete=models.CASCADE, related_name="calls")
    component = models.ForeignKey(Component, null=True, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(db_index=True)
    written_at = models.DateTimeField(null=True)
    """When it was sent, by its own word: a mail's Date."""
    caller = models.CharField(max_length=255, blank=True)
    status = models.PositiveSmallIntegerField()
    """Of HTTP, as it was answered."""
    did = models.CharField(max_length=24, blank=True)
    incident = models.CharField(max_length=ID_LENGTH, blank=True)
    said = models.CharField(max_length=500, blank=True)
    """Why it was refused or ignored."""

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.source} {self.status} {self.did}"
