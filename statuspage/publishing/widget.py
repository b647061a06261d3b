"""The page's status on other people's sites: a widget that a script shows, and a page for a frame.

`/embed/status.js` is the same for everybody and asks `/embed/status.json`, which has what is wrong in every language.
`/embed` is the one page that may be framed (`public.answers`).
"""

from collections.abc import Iterator
from functools import partial
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from statuspage.status import RANK
from statuspage.vocabulary import ComponentStatus, Impact

from . import api_v2, languages
from .assets import favicon, minified_script, source
from .documents import JAVASCRIPT, JSON, Document, register_hot
from .html import rendered, shared, site_title, spoken
from .languages import Language
from .sentences import TONE, as_html, as_text, headline, tone
from .snapshot import Entry, Snapshot

Data = dict[str, Any]

PATH = "/embed"
WELL = {ComponentStatus.OPERATIONAL, ComponentStatus.UNDER_MAINTENANCE}
"""Of these nothing is wrong."""
INCIDENT, MAINTENANCE = "incident", "maintenance"


@register_hot
def documents(snapshot: Snapshot) -> Iterator[Document]:
    """The script, what it asks for, and the framed page in every language."""
    facts = str(snapshot.revision)
    yield Document(f"{PATH}/status.js", JAVASCRIPT, script, key="settings alone")
    yield Document(f"{PATH}/status.json", JSON, lambda: api_v2.encoded(news(snapshot)), key=facts)
    for language in languages.published():
        yield spoken(language, PATH, partial(framed, snapshot), facts)


def script() -> bytes:
    return minified_script(source("widget.js")).encode()


# --- What is wrong -------------------------------------------------------------------------------


def news(snapshot: Snapshot) -> Data:
    """What the widget shows. `kind` is empty where nothing is wrong; a widget that was closed comes back with another
    `key`: another incident, or worse."""
    kind, entry = wrong(snapshot)
    looks, status = snapshot.embed, tone(snapshot)
    is_work = kind == MAINTENANCE
    return {
        "kind": kind,
        "key": f"{entry.id if entry else kind} {status}",
        "title": entry.name if entry else "",
        "lang": next(languages.published()).code,
        "updated_at": api_v2.time(snapshot.page.updated_at),
        "position": looks.position,
        "background": looks.maintenance_background_color if is_work else looks.incident_background_color,
        "ink": looks.maintenance_text_color if is_work else looks.incident_text_color,
        "said": {each.code: words(snapshot, entry, each) for each in languages.published()},
    }


def wrong(snapshot: Snapshot) -> tuple[str, Entry | None]:
    """What is shown of all that is wrong: the gravest open incident, else work that is under way."""
    incidents, running = snapshot.open_incidents, snapshot.active_maintenances
    if incidents:
        return INCIDENT, max(incidents, key=lambda each: (RANK[TONE[Impact(each.impact)]], each.created_at))
    status = tone(snapshot)
    if status not in WELL:
        return INCIDENT, None
    if running or status == ComponentStatus.UNDER_MAINTENANCE:
        return MAINTENANCE, running[0] if running else None
    return "", None


def words(snapshot: Snapshot, entry: Entry | None, language: Language) -> Data:
    """The widget's words in one language, and where its link leads."""
    with translation.override(language.code):
        return {
            "lang": language.code,
            "dir": "rtl" if translation.get_language_bidi() else "ltr",
            "label": site_title(snapshot.page),
            "headline": as_text(headline(snapshot)),
            "details": _("Details"),
            "close": _("Close"),
            "url": snapshot.page.url + (f"{language.prefix}{entry.path}" if entry else language.home),
        }


# --- The framed page -----------------------------------------------------------------------------


def framed(snapshot: Snapshot) -> bytes:
    """The headline, and what is happening by name."""
    sentence, status = headline(snapshot), tone(snapshot)
    context = {
        **shared(PATH, site_title(snapshot.page), as_text(sentence)),
        "tone": status,
        "favicon": favicon(status),
        "headline": as_html(sentence),
        "headline_text": as_text(sentence),
        "entries": [*snapshot.open_incidents, *snapshot.active_maintenances],
    }
    return rendered("embed.html", snapshot.page, context)
