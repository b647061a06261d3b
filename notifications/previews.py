"""Previews: how an update will read as a text message, shown to staff before they publish it. Reads only."""

from django.conf import settings

from statuspage.events import Event
from statuspage.ports import Text

from . import audience, choices, outbox
from .messages import text_of
from .messages.gsm import Encoding, encoding, segments
from .models import OutboxEvent
from .notices import first_notice
from .states import Channel

NO_ID_YET = "x" * 12
"""For an incident that is not stored yet: its link will be as long."""


def texts(event: Event) -> list[Text]:
    """One for each language that somebody is to be texted in; none where nobody is."""
    row = outbox.row_of(event, first_notice(event))
    languages = sorted(languages_of(row))
    row.subject_id = row.subject_id or NO_ID_YET
    return [text_in(language, row) for language in languages]


def languages_of(row: OutboxEvent) -> set[str]:
    """As messages choose them: a reader's own where the site speaks it."""
    people = audience.of(row).filter(channel=Channel.SMS).exclude(audience.is_suppressed(row))
    return {choices.known_language(code) for code in people.values_list("subscriber__language", flat=True).distinct()}


def text_in(language: str, row: OutboxEvent) -> Text:
    """The words as they go out, with the page's own zone."""
    words = text_of(row, language, settings.PAGE_TIME_ZONE)
    return Text(
        language=str(dict(settings.LANGUAGES).get(language, language)),
        words=words,
        segments=segments(words),
        is_wide=encoding(words) == Encoding.UCS_2,
    )
