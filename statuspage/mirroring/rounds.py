"""One round: claim the mirrors that are due, ask their pages at the same time, let the actions take the answers.

A page is asked once a round, however many components follow it. The network is met in threads that know no database.
"""

from collections.abc import Collection
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter

from django.conf import settings

from statuspage import selectors
from statuspage.actions import mirrors
from statuspage.models import ComponentMirror

from .asking import NoAnswer, ask
from .reading import Nonsense, Page, read

Heard = Page | None
"""None: nothing changed since the last answer."""


def ask_due(now: datetime | None = None) -> int:
    """Ask every page whose turn it is; how many mirrors were looked after.

    Any number of copies may run: each mirror is claimed by one of them.
    """
    claimed = mirrors.claim_due(now or selectors.database_now(), timedelta(seconds=settings.MIRROR_SECONDS))
    if not claimed:
        return 0
    pages = [list(rows) for _, rows in groupby(sorted(claimed, key=attrgetter("page_url")), attrgetter("page_url"))]
    allowed = settings.MIRROR_ALLOWED_HOSTS
    with ThreadPoolExecutor(max_workers=len(pages), thread_name_prefix="provider") as pool:
        asked = {pool.submit(hear, rows[0].page_url, tag_of(rows), allowed): rows for rows in pages}
        for future in as_completed(asked):
            settle(asked[future], future, now)
    return len(claimed)


def tag_of(rows: list[ComponentMirror]) -> str:
    """The entity tag that all of them have: with another one, somebody would miss what the others know."""
    tags = {each.etag for each in rows}
    return tags.pop() if len(tags) == 1 else ""


def hear(page: str, tag: str, allowed: Collection[str]) -> tuple[Heard, str]:
    """What the page says, with its entity tag. Raises NoAnswer, Nonsense."""
    answer = ask(page, tag=tag, allowed=allowed)
    return (read(answer.body) if answer.body is not None else None), answer.tag


def settle(rows: list[ComponentMirror], future: "Future[tuple[Heard, str]]", now: datetime | None) -> None:
    """What came of it, for each mirror of the page."""
    try:
        page, tag = future.result()
    except (NoAnswer, Nonsense) as trouble:
        for mirror in rows:
            mirrors.note_trouble(mirror, str(trouble), now=now)
        return
    for mirror in rows:
        take(mirror, page, tag, now)


def take(mirror: ComponentMirror, page: Heard, tag: str, now: datetime | None) -> None:
    if page is None:
        mirrors.take_silence(mirror, now=now)
        return
    status = page.status_of(mirror.remote_id)
    if status is None:
        mirrors.note_trouble(mirror, "the component is no longer on that page", now=now)
        return
    mirrors.take_word(mirror, mirrors.Word(status, page.incidents_of(mirror.remote_id), tag), now=now)
