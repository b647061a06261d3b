"""Stop telling people of what was published, while nobody was told; or tell them after all."""

from datetime import datetime

from django.db import transaction

from statuspage import audit, ports, selectors
from statuspage.models import IncidentUpdate, MaintenanceUpdate
from statuspage.roles import Ability
from statuspage.vocabulary import OPEN_MAINTENANCE

STOPPED = "stop_telling"
AFTER_ALL = "tell_after_all"


@transaction.atomic
def stop_telling(*, update_id: str, actor: audit.Actor, now: datetime | None = None) -> bool:
    """Take an update's messages back; False where the first are out already.

    The page keeps the update: what is wrong with it is said by another one. Where no other
    can follow, since it ended its maintenance, people may be told of it after all.
    """
    actor.require(Ability.PUBLISH)
    if not ports.recall(update_id):
        return False
    at = now or selectors.database_now()
    audit.record(actor=actor, action=STOPPED, kind="update", object_id=update_id, at=at)
    return True


@transaction.atomic
def tell_after_all(
    *, update: IncidentUpdate | MaintenanceUpdate, actor: audit.Actor, now: datetime | None = None
) -> bool:
    """Tell people of a last word that was stopped, as it reads now; False where it was not, or is no news any more."""
    actor.require(Ability.PUBLISH)
    if not is_last_word(update) or not ports.tell_after_all(update.pk, update.body):
        return False
    at = now or selectors.database_now()
    audit.record(actor=actor, action=AFTER_ALL, kind="update", object_id=update.pk, at=at)
    return True


def is_last_word(update: IncidentUpdate | MaintenanceUpdate) -> bool:
    """Whether it ended its maintenance, so that no other update can follow, and it stays true."""
    return isinstance(update, MaintenanceUpdate) and update.status not in OPEN_MAINTENANCE
