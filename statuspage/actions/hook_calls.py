"""The last calls of machines, as staff look for them when something did not come through."""

from datetime import datetime, timedelta
from typing import Any

from statuspage import selectors
from statuspage.models import HookCall
from statuspage.text import clean_line

KEPT_FOR = timedelta(days=7)
SAID_MAX = 500


def record(*, source: str, status: int, said: str = "", now: datetime | None = None, **facts: Any) -> HookCall:
    """Keep what one call was and became; outside the transaction of the call, so that a refused one is kept too."""
    return HookCall.objects.create(
        source=source,
        status=status,
        said=clean_line(said)[:SAID_MAX],
        at=now or selectors.database_now(),
        **facts,
    )


def forget_old(now: datetime) -> int:
    """How many calls of over a week ago were forgotten."""
    return HookCall.objects.filter(at__lt=now - KEPT_FOR).delete()[0]
