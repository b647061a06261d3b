"""What the page says by itself, where nobody types: stored in DEFAULT_LANGUAGE, read in the reader's.

A body is a text like any other once it is stored: in the ledger, the API and webhooks it
stays as it is. Where it is shown to people it is known again by its words.
"""

from collections.abc import Mapping
from functools import cache

from django.conf import settings
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .vocabulary import IncidentStatus, MaintenanceStatus

STARTED = _("The planned work has begun.")
COMPLETED = _("The planned work is done.")
DELAYED = _("The planned work has not begun yet.")
OVERRAN = _("The planned work takes longer than announced.")
PLANNED = _("Work is planned.")
MOVED = _("The planned work has been moved to other times.")
VERIFYING = _("The planned work is done and is being checked.")
CANCELLED = _("The planned work was cancelled.")
INVESTIGATING = _("This incident is being investigated.")
IDENTIFIED = _("The cause of this incident has been found.")
MONITORING = _("This incident is being watched.")
RESOLVED = _("This incident is over.")
CHANGED = _("The status of components has changed.")
BACKFILLED = _("This incident was recorded afterwards.")
ALERTS_FIRE = _("Our monitoring reports a problem. We are looking into it.")
ALERTS_WORSE = _("Our monitoring reports that the problem has become worse.")
ALERTS_CHANGED = _("Our monitoring reports that the problem has changed.")
ALERTS_BETTER = _("Our monitoring reports that a part of the problem is over.")
ALERTS_OVER = _("Our monitoring reports that the problem is over.")
ALERTS_BACK = _("Our monitoring reports that the problem is back.")
OF_ALERTS = (ALERTS_FIRE, ALERTS_WORSE, ALERTS_CHANGED, ALERTS_BETTER, ALERTS_OVER, ALERTS_BACK)
OWN = (
    STARTED, COMPLETED, DELAYED, OVERRAN, PLANNED, MOVED, VERIFYING, CANCELLED,
    INVESTIGATING, IDENTIFIED, MONITORING, RESOLVED, CHANGED, BACKFILLED, *OF_ALERTS,
)  # fmt: skip

SAYING = {
    IncidentStatus.INVESTIGATING: INVESTIGATING,
    IncidentStatus.IDENTIFIED: IDENTIFIED,
    IncidentStatus.MONITORING: MONITORING,
    IncidentStatus.RESOLVED: RESOLVED,
    MaintenanceStatus.SCHEDULED: PLANNED,
    MaintenanceStatus.IN_PROGRESS: STARTED,
    MaintenanceStatus.VERIFYING: VERIFYING,
    MaintenanceStatus.COMPLETED: COMPLETED,
    MaintenanceStatus.CANCELLED: CANCELLED,
}
"""What is said where a machine publishes a status and no words: no more than the status itself says."""


def as_stored(words: Promise) -> str:
    """The words in DEFAULT_LANGUAGE, whoever is at the console."""
    with translation.override(settings.LANGUAGE_CODE):
        return str(words)


def as_read(body: str) -> str:
    """A stored body in the language that is active: translated where it is the page's own, else as typed."""
    words = known(tuple(code for code, _name in settings.LANGUAGES)).get(body)
    return body if words is None else str(words)


def is_own(body: str) -> bool:
    """Whether the page said this by itself, so that it stands in the reader's language."""
    return body in known(tuple(code for code, _name in settings.LANGUAGES))


@cache
def known(languages: tuple[str, ...]) -> Mapping[str, Promise]:
    """Text in each of these languages -> the words. In each, since DEFAULT_LANGUAGE may have been another."""
    found: dict[str, Promise] = {}
    for code in languages:
        with translation.override(code):
            found |= {str(words): words for words in OWN}
    return found
