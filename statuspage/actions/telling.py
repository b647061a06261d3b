"""Stop telling people of what was published, while nobody was told."""

from datetime import datetime

from django.db import transaction

from statuspage import audit, ports, selectors
from statuspage.roles import Ability

STOPPED = "stop_telling"


@transaction.atomic
def stop_telling(*, update_id: str, actor: audit.Actor, now: datetime | None = None) -> bool:
    """Take an update's messages back; False where the first are out already.

    The page keeps the update: what is wrong with it is said by another one.
    """
    actor.require(Ability.PUBLISH)
    if not ports.recall(update_id):
        return False
    at = now or selectors.database_now()
    audit.record(actor=actor, action=STOPPED, kind="update", object_id=update_id, at=at)
    return True
