"""How the widget looks on other people's pages."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from statuspage import audit, selectors
from statuspage.models import EmbedConfig
from statuspage.roles import Ability

from .base import action, bump

SHORT = 4
"""Characters of a colour that has one digit for each part, `#` included."""


@action
def set_embed_config(*, actor: audit.Actor, now: datetime | None = None, **changes: str) -> EmbedConfig:
    """Change some of `EmbedConfig.FIELDS`; a colour is taken as `#DE350B`, `de350b` or `#D30`."""
    actor.require(Ability.OWN)
    now = now or selectors.database_now()
    config = selectors.embed_config()
    before = facts_of(config)
    for field, value in changes.items():
        if field not in EmbedConfig.FIELDS:
            raise ValidationError({field: _("%(value)s is not known here.") % {"value": field}})
        setattr(config, field, value if field == "position" else whole(value))
    config.full_clean(exclude=["id"])
    config.save()
    bump(now)
    audit.record(
        actor=actor, action="set_embed_config", kind="page", object_id=selectors.page_id(), at=now,
        before=before, after=facts_of(config),
    )  # fmt: skip
    return config


def facts_of(config: EmbedConfig) -> dict[str, str]:
    return {name: str(getattr(config, name)) for name in EmbedConfig.FIELDS}


def whole(color: str) -> str:
    """A colour with six digits; what is none is left for the model to refuse."""
    written = "#" + color.strip().removeprefix("#").upper()
    return "#" + "".join(digit * 2 for digit in written[1:]) if len(written) == SHORT else written
