"""The pages people read: documents of one snapshot, and what every page has around it.

Pure: no query, no clock; `snapshot.as_of` is now. Other packages' pages (subscribe,
manage) extend `public/layout.html` with `layout_context()` and send `csp()`.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from functools import cache, partial
from itertools import groupby
from typing import Any

from django.apps import apps
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from statuspage import own_words
from statuspage.text import clean_line

from . import languages
from .api_v2 import time as api_time
from .assets import csp, favicon, logo, script, style
from .board import STEP, Block, blocks, legend
from .documents import HTML, Document, key_of, register_entry, register_hot, register_month
from .languages import Language
from .past import by_days, recent
from .sentences import as_html, as_text, headline, tone
from .snapshot import DAYS, Entry, Month, MonthCount, Page, Snapshot
from .stories import Story, open_story, planned, told
from .times import Clock, zone_name, zone_of

SUMMARY_MAX = 200
"""Characters of a page's description; what is longer is cut by whoever shows it."""

__all__ = ["csp", "happening", "layout_context", "page_from_settings", "rendered", "shared", "site_title", "spoken"]

Context = dict[str, Any]


# --- Around every page ---------------------------------------------------------------------------


def site_title(page: Page) -> str:
    """ "GitHub Status", and no second "Status" where the name ends with one."""
    if page.name.casefold().endswith("status"):
        return page.name
    return _("%(name)s Status") % {"name": page.name}


def layout_context(page: Page) -> Context:
    """What `public/layout.html` needs, inside a snapshot and outside, in the language that is spoken just now."""
    clock = Clock(zone_of(page.time_zone))
    return {
        "page": page,
        "language": languages.current(),
        "languages": list(languages.published()),
        "updated_at": api_time(page.updated_at),
        "clock": clock,
        "page_zone_name": "" if clock.is_utc else page.time_zone,
        "site_title": site_title(page),
        "favicon": favicon(),
        "logo": logo(),
        "home_url": settings.BRAND["home_url"],
        "support_url": settings.BRAND["support_url"],
        "brand_links": settings.BRAND["links"],
        "brand_footer": settings.BRAND["footer"],
        "tells_people": apps.is_installed("notifications"),
        "style": style(),
        "script": script(),
    }


def page_from_settings() -> Page:
    """What the frame needs to know of the page."""
    return Page(
        id="",
        name=settings.SITE_NAME,
        url=settings.SITE_URL,
        time_zone=settings.PAGE_TIME_ZONE,
        updated_at=timezone.now(),
    )


def rendered(template: str, page: Page, context: Context) -> bytes:
    """A page in the language that is spoken just now."""
    text = render_to_string(f"public/{template}", {**layout_context(page), **context})
    return text.encode("utf-8", "replace")


def shared(path: str, heading: str, summary: str) -> Context:
    """What a page is called where somebody passes it on (Open Graph) or finds it."""
    return {"path": path, "heading": heading, "summary": Truncator(clean_line(summary)).chars(SUMMARY_MAX)}


def newest_word(entry: Entry) -> str:
    """What was said last."""
    return own_words.as_read(entry.updates[0].body) if entry.updates else ""


def past_of(page: Page) -> str:
    return _("Past incidents and maintenance of %(name)s") % {"name": page.name}


# --- Documents --------------------------------------------------------------------------------------


@register_hot
def hot(snapshot: Snapshot) -> Iterator[Document]:
    """In every language `/`, the same for when it is old, the history's first page, and what unknown paths get.

    And what a web server in front says for itself where this program does not answer.
    """
    facts = history_key(snapshot)
    for language in languages.published():
        pieces = cache(partial(lasting, snapshot))  # rendered once for both
        yield spoken(language, "/", lambda pieces=pieces: front(snapshot, pieces))
        yield spoken(language, "/.stale", lambda pieces=pieces: front(snapshot, pieces, is_stale=True))
        yield spoken(language, "/history", lambda: history(snapshot), facts)
        yield spoken(language, "/404", lambda: rendered("not_found.html", snapshot.page, {}), "settings alone")
        yield spoken(language, "/503", lambda: rendered("unavailable.html", snapshot.page, {}), "settings alone")


@register_entry
def entry_page(snapshot: Snapshot, entry: Entry) -> Iterator[Document]:
    """`/incidents/<id>`, for incidents and maintenances alike."""
    for language in languages.published():
        yield spoken(language, entry.path, lambda: entry_bytes(snapshot, entry))


@register_month
def month_page(snapshot: Snapshot, month: Month) -> Iterator[Document]:
    """`/history/<YYYY-MM>`."""
    for language in languages.published():
        yield spoken(language, f"/history/{month.key}", lambda: month_bytes(snapshot, month))


def spoken(language: Language, path: str, render: Callable[[], bytes], key: str | None = None) -> Document:
    """One page in one language."""
    return Document(language.place(path), HTML, language.speaking(render), key)


def front(snapshot: Snapshot, pieces: Callable[[], Context] | None = None, *, is_stale: bool = False) -> bytes:
    """The page's first page. A stale one says nothing relative: it may be read hours later."""
    clock = Clock(zone_of(snapshot.page.time_zone), None if is_stale else snapshot.as_of)
    context = front_context(snapshot) | {"clock": clock, "is_stale": is_stale, "is_live": True}
    return rendered("index.html", snapshot.page, context | (pieces() if pieces else lasting(snapshot)))


def front_context(snapshot: Snapshot) -> Context:
    sentence, worst = headline(snapshot), tone(snapshot)
    return {
        **shared("/", site_title(snapshot.page), as_text(sentence)),
        "as_of": snapshot.as_of,
        "stands_since": snapshot.stands_since,
        "tone": worst,
        "favicon": favicon(worst),
        "headline": as_html(sentence),
        "headline_text": as_text(sentence),
        "happening": happening(snapshot),
        "planned": planned(snapshot.upcoming_maintenances),
    }


def lasting(snapshot: Snapshot) -> Context:
    """The pieces of the first page that say nothing relative: they stay as they are when it is old."""
    clock = Clock(zone_of(snapshot.page.time_zone))
    return {"board": board_of(snapshot, clock), "recent": recent_of(snapshot, clock)}


def board_of(snapshot: Snapshot, clock: Clock) -> str:
    """The components and their days."""
    rows = blocks(snapshot)
    return render_to_string("public/board.html", {"blocks": rows, **board_context(rows, clock, snapshot)})


def recent_of(snapshot: Snapshot, clock: Clock) -> str:
    """The past two weeks."""
    return render_to_string("public/days.html", {"days": recent(snapshot, clock), "language": languages.current()})


def board_context(board: list[Block], clock: Clock, snapshot: Snapshot) -> Context:
    """What the board's foot needs: its axis, its key, its days; and how wide a day is drawn, for the script."""
    return {
        "has_bars": any(row.bars for block in board for row in block.rows),
        "oldest_day": DAYS - 1,
        "key": legend(),
        "today": clock.day_of(snapshot.as_of),
        "step": STEP,
        "zone_name": zone_name(snapshot.as_of.astimezone(clock.zone)),
    }


def happening(snapshot: Snapshot) -> list[Story]:
    """Open incidents, the one with the newest word first, then running maintenances."""
    incidents = [open_story(each, snapshot) for each in snapshot.open_incidents]
    running = [told(each) for each in snapshot.active_maintenances]
    return sorted(incidents, key=last_said_at, reverse=True) + running


def last_said_at(story: Story) -> datetime:
    return story.newest.display_at if story.newest else story.entry.created_at


def entry_bytes(snapshot: Snapshot, entry: Entry) -> bytes:
    clock = Clock(zone_of(snapshot.page.time_zone))
    key = clock.month_of(entry.happened_at)
    story = told(entry)
    context = {
        **shared(entry.path, entry.name, newest_word(entry)),
        "as_of": snapshot.as_of,
        "story": story,
        "month_key": key,
        "month_name": month_name(key),
        "is_live": story.is_open,
        "favicon": favicon(story.tone),
    }
    return rendered("entry.html", snapshot.page, context)


def month_bytes(snapshot: Snapshot, month: Month) -> bytes:
    clock = Clock(zone_of(snapshot.page.time_zone))
    context = {
        **shared(f"/history/{month.key}", month_name(month.key), past_of(snapshot.page)),
        "month_name": month_name(month.key),
        "days": by_days(month.entries, clock),
        "earlier": named_month(month.earlier),
        "later": named_month(month.later),
    }
    return rendered("month.html", snapshot.page, context)


def history(snapshot: Snapshot) -> bytes:
    """The newest month that has begun, as far as the snapshot has it, and all months by year."""
    clock = Clock(zone_of(snapshot.page.time_zone))
    context = shared("/history", _("History"), past_of(snapshot.page))
    context |= history_context(snapshot, clock) if snapshot.months else {}
    return rendered("history.html", snapshot.page, context)


def history_key(snapshot: Snapshot) -> str:
    """What `/history` depends on: with each update all of it would be rendered for nothing."""
    if not snapshot.months:
        return key_of()
    newest, entries = newest_month(snapshot, Clock(zone_of(snapshot.page.time_zone)))
    return key_of(newest.key, snapshot.months, [vars(each) | {"updates": (), "updated_at": None} for each in entries])


def newest_month(snapshot: Snapshot, clock: Clock) -> tuple[MonthCount, list[Entry]]:
    """The newest month that has begun, and what the snapshot has of it."""
    now = clock.month_of(snapshot.as_of)
    newest = next((each for each in snapshot.months if each.key <= now), snapshot.months[0])
    everything: list[Entry] = [*snapshot.incidents, *snapshot.maintenances]
    return newest, [each for each in everything if clock.month_of(each.happened_at) == newest.key]


def history_context(snapshot: Snapshot, clock: Clock) -> Context:
    newest, entries = newest_month(snapshot, clock)
    by_year = groupby(snapshot.months, key=lambda month: month.key[:4])
    return {
        "month_key": newest.key,
        "month_name": month_name(newest.key),
        "days": by_days(entries, clock),
        "has_more": newest.incidents + newest.maintenances > len(entries),
        "years": [(year, [counted_month(each) for each in months]) for year, months in by_year],
    }


def counted_month(month: MonthCount) -> Mapping[str, str]:
    """A month of the index: its name without its year, and what it holds."""
    counts = [
        ngettext("%(count)s incident", "%(count)s incidents", month.incidents) % {"count": month.incidents},
        ngettext("%(count)s maintenance", "%(count)s maintenances", month.maintenances) % {"count": month.maintenances},
    ]
    held = [text for text, count in zip(counts, (month.incidents, month.maintenances), strict=True) if count]
    return {"key": month.key, "name": month_name(month.key, with_year=False), "count": _(", ").join(held)}


def named_month(key: str | None) -> Mapping[str, str] | None:
    return {"key": key, "name": month_name(key)} if key else None


def month_name(key: str, *, with_year: bool = True) -> str:
    """ "November 2026" of "2026-11"."""
    pattern = pgettext("date format", "F Y") if with_year else pgettext("date format", "F")
    return format_date(date.fromisoformat(f"{key}-01"), pattern)
