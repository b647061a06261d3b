"""Subscribers: people, with the language and the time zone they read in."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Subscriber(models.Model):
    """A person. Carries no address: those stand in Subscription alone."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    language = models.CharField(_("language"), max_length=16, default="en")
    time_zone = models.CharField(_("time zone"), max_length=64, default="Etc/UTC")
    client_reference = models.CharField(
        _("client"), max_length=255, blank=True, help_text=_("The client whose contact this is, as staff name it.")
    )
    created_at = models.DateTimeField(_("created at"), default=timezone.now)

    class Meta:
        verbose_name = _("subscriber")
        verbose_name_plural = _("subscribers")
        indexes = [
            # Evidence: was this client told?
            models.Index(fields=["client_reference"], condition=~Q(client_reference=""), name="subscriber_by_client"),
        ]

    def __str__(self) -> str:
        return str(self.id)
