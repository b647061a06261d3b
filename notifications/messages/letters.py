"""Letters: what somebody is told of the report they sent. Words of ours and of staff, none of whoever sent it.

The same for a client and for whoever is none: nobody learns from a letter who has a contract (docs/security.md).
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from django.conf import settings
from django.utils.translation import gettext as _

from notifications.models import OutboxEvent
from statuspage.publishing.times import zone_of
from statuspage.text import clean_line

from .times import in_both


@dataclass(frozen=True)
class LetterStory:
    """What a letter says: a paragraph each."""

    subject: str
    paragraphs: tuple[str, ...]
    quoted: str = ""
    """Staff's words, as they are."""


def letter_story(event: OutboxEvent, zone: str) -> LetterStory:
    """In the language that is active."""
    site, number = clean_line(settings.SITE_NAME), str(event.payload["number"])
    at = in_both(datetime.fromisoformat(event.payload["reported_at"]).astimezone(UTC), zone_of(zone))
    return STORIES[event.kind]({"site": site, "number": number, "at": at}, str(event.payload["reason"]))


def received(words: dict[str, str], reason: str) -> LetterStory:
    return LetterStory(
        subject=_("Your report %(number)s") % words,
        paragraphs=(
            _("%(site)s has the failure report that was sent with this address at %(at)s.") % words,
            _("Its number is %(number)s. Please name it when you write or call about this failure.") % words,
            _("This is an automatic acknowledgement. Our staff read the report and answer it themselves."),
            _("If it was not you who reported a failure, please tell our support."),
        ),
    )


def declined(words: dict[str, str], reason: str) -> LetterStory:
    return LetterStory(
        subject=_("Your report %(number)s was declined") % words,
        paragraphs=(_("Our staff have read the report %(number)s of %(at)s, and declined it. Their reason:") % words,),
        quoted=reason,
    )


STORIES = {"report_received": received, "report_declined": declined}
