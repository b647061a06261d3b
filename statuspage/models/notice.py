"""What the page says of how the notice of a window was kept."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from .maintenance import Maintenance


class NoticeSummary(models.Model):
    """How many had the notice of one revision of a window, and when the last of them; counts alone.

    Taken when staff wish to show it, when work begins and when it ends, and only where the
    evidence is complete. What is published is this row, so a later receipt changes no page by itself.
    """

    maintenance = models.OneToOneField(Maintenance, on_delete=models.CASCADE, related_name="notice_summary")
    window_revision = models.PositiveIntegerField()
    told = models.PositiveIntegerField()
    last_told_at = models.DateTimeField()
    taken_at = models.DateTimeField()

    class Meta:
        verbose_name = _("summary of notice")
        verbose_name_plural = _("summaries of notice")

    def __str__(self) -> str:
        return f"{self.maintenance_id} revision {self.window_revision}: {self.told}"
