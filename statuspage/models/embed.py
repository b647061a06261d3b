"""How the widget looks on other people's pages: one row, in Statuspage's words."""

from typing import ClassVar

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

COLOR = RegexValidator(r"\A#[0-9A-F]{6}\Z", _("Give a colour, such as #DE350B."))


def color(name: str, default: str) -> models.CharField:
    return models.CharField(name, max_length=7, default=default, validators=[COLOR])


class EmbedConfig(models.Model):
    """In which corner it stands, and its colours. No row: as it comes."""

    class Position(models.TextChoices):
        TOP_LEFT = "top-left", _("top left")
        TOP_RIGHT = "top-right", _("top right")
        BOTTOM_LEFT = "bottom-left", _("bottom left")
        BOTTOM_RIGHT = "bottom-right", _("bottom right")

    FIELDS: ClassVar = (
        "position",
        "incident_background_color",
        "incident_text_color",
        "maintenance_background_color",
        "maintenance_text_color",
    )

    position = models.CharField(_("position"), max_length=12, choices=Position.choices, default=Position.BOTTOM_LEFT)
    incident_background_color = color(_("background of incidents"), "#B3261E")
    incident_text_color = color(_("text of incidents"), "#FFFFFF")
    maintenance_background_color = color(_("background of maintenance"), "#1F4E9E")
    maintenance_text_color = color(_("text of maintenance"), "#FFFFFF")

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="embed_config_single_row")]

    def __str__(self) -> str:
        return self.position
