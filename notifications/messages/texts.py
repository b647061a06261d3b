"""Text messages: status, a title as long as fits, one time with its zone, and the link.

At most two segments. The link and the status are never cut; the title is, then the site's
name goes, then the time.
"""

from django.conf import settings

from statuspage.text import clean_line

from .gsm import Encoding, encoding, fitted, plain
from .story import Story


def update_text(story: Story) -> str:
    """One published event."""
    site, word = plain(site_name()), plain(story.word)
    when = f" {plain(story.short_when)}" if story.short_when else ""
    shapes = [
        (f"{site}: {word}: ", f".{when} {story.link}"),
        (f"{word}: ", f".{when} {story.link}"),
        (f"{word}: ", f". {story.link}"),
    ]
    return best(shapes, story.title.rstrip(".")) or f"{word} {story.link}"


def link_text(words: str, link: str) -> str:
    """A link that somebody asked for. Where it is long the site's name goes, then the words; it never does."""
    sentence = plain(words)
    return fitted("", site_name(), f": {sentence} {link}") or fitted("", sentence, f" {link}") or link


def best(shapes: list[tuple[str, str]], title: str) -> str | None:
    """The first shape in which a fair part of the title has room, or any of it in the last."""
    for before, after in shapes:
        text = fitted(before, title, after)
        if text and (len(text) - len(before) - len(after) >= min(len(plain(title)), FAIR_TITLE[encoding(text)])):
            return text
    before, after = shapes[-1]
    return fitted(before, title, after)


FAIR_TITLE = {Encoding.GSM_7: 30, Encoding.UCS_2: 18}
"""Characters of a title that say which incident it is; below that, something else must go first."""


def site_name() -> str:
    return clean_line(settings.SITE_NAME)
