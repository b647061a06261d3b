"""Alarms that staff hear by a way of their own choice: the choice, and one row an alarm and listener."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class StaffRoute(models.Model):
    """By what somebody of staff hears alarms of clocks. Who has none leaves it to the site's routes."""

    class Way(models.TextChoices):
        EMAIL = "email", _("E-mail")
        SMS = "sms", _("Text message")
        WEBHOOK = "webhook", _("A web address")

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, primary_key=True, on_delete=models.CASCADE, related_name="alarm_route"
    )
    way = models.CharField(max_length=8, choices=Way.choices)
    address = models.CharField(max_length=1_000)
    changed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("alarm of mine")
        verbose_name_plural = _("My alarms")

    def __str__(self) -> str:
        return f"{self.user_id}: {self.way}"


class StaffAlarm(models.Model):
    """One alarm to one listener: somebody of staff, or the site's routes where `user` is None.

    Written with what it is about, in one transaction, and told afterwards: once, whoever sweeps.
    """

    key = models.CharField(max_length=300)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+")
    words = models.TextField()
    advice = models.TextField(blank=True)
    path = models.CharField(max_length=255)
    since = models.DateTimeField()
    recorded_at = models.DateTimeField()
    tries = models.PositiveIntegerField(default=0)
    told_at = models.DateTimeField(null=True)
    next_at = models.DateTimeField(null=True)
    """When it is to be told, or tried again; moving it on is the right to. None: told, or given up."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key", "user"], name="staff_alarm_once"),
            models.UniqueConstraint(fields=["key"], condition=models.Q(user=None), name="staff_alarm_once_by_site"),
        ]
        indexes = [
            # What the sweep asks for every few seconds.
            models.Index(fields=["next_at"], condition=models.Q(next_at__isnull=False), name="staff_alarm_due"),
            models.Index(fields=["recorded_at"], name="staff_alarm_by_age"),
        ]

    def __str__(self) -> str:
        return self.key
