"""A word to readers: what every update of an incident or a maintenance is made of."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypedDict, TypeVar

from django.utils.translation import gettext as _

from statuspage import audit, selectors
from statuspage.events import Further
from statuspage.models import IncidentUpdate, MaintenanceUpdate
from statuspage.models.base import new_id
from statuspage.roles import Ability

from .base import FormUsed, body_text

U = TypeVar("U", IncidentUpdate, MaintenanceUpdate)


class Together(TypedDict, total=False):
    """How one message tells of several windows: as in `events.MaintenanceEvent`."""

    further: tuple[Further, ...]
    told_with: str


@dataclass(frozen=True, kw_only=True)
class Word:
    """What is said, by whom, when, whether people are told, and the key of the press that said it."""

    body: str
    actor: audit.Actor
    at: datetime
    notify: bool = True
    key: str | None = None
    id: str = field(default_factory=new_id)
    """The update's; given where readers know it by one already."""
    together: Together = field(default_factory=Together)

    def earlier(self, model: type[U], **facts: Any) -> U | None:
        """What an earlier press of the same button made; ask under the writers' lock.

        Raises FormUsed where the key belongs to other words or another subject: a form
        that was sent, gone back to and changed must not look published.
        """
        found = model._default_manager.filter(idempotency_key=self.key).first() if self.key else None
        if found and any(getattr(found, name) != value for name, value in {"body": self.body, **facts}.items()):
            raise FormUsed(_("This form was published before, with other words. Nothing new was published."))
        return found

    def columns(self, affected: Sequence[dict[str, str]]) -> dict[str, Any]:
        """The columns that all updates share."""
        return {
            "id": self.id,
            "body": self.body,
            "affected_components": list(affected) or None,
            "deliver_notifications": self.notify,
            "created_at": self.at,
            "updated_at": self.at,
            "display_at": self.at,
            "author": self.actor.user,
            "idempotency_key": self.key,
        }


def spoken(
    *,
    body: str,
    actor: audit.Actor,
    notify: bool,
    key: str | None,
    now: datetime | None,
    together: Together | None = None,
) -> Word:
    """The checked word of somebody who may publish, at the time of the clock that all machines share."""
    actor.require(Ability.PUBLISH)
    at = now or selectors.database_now()
    return Word(body=body_text(body), actor=actor, at=at, notify=notify, key=key, together=together or Together())
