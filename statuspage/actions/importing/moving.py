"""Everything that a Statuspage's Manage API gives to whoever has its key: history, templates, subscribers.

What was taken is taken for good: history first and in one transaction, then templates, then subscribers in batches.
Whoever is interrupted starts again, and finds what was answered and what was stored.
"""

from collections.abc import Iterator

from statuspage import audit
from statuspage.importing import managed, parse
from statuspage.importing.by_key import Api, Report
from statuspage.importing.fields import Unusable
from statuspage.importing.records import History
from statuspage.ports import IncomingSubscriber

from . import Summary, import_history
from .subscribers import import_subscribers
from .templates import import_templates


def move_in(*, api: Api, actor: audit.Actor, report: Report) -> tuple[History, Summary]:
    """All of it. Raises Unusable; what was taken until then stays, and nobody is told anything."""
    history = history_of(api, report)
    summary = import_history(history=history, actor=actor, report=report)
    templates = [managed.template(each) for each in listed(api, "/incident_templates", report)]
    if new := import_templates(templates=templates, actor=actor):
        report(f"templates: {new:,} new")
    counts = import_subscribers(batches=subscribers(api, report), actor=actor)
    for word, number in sorted((counts or {}).items()):
        report(f"subscribers: {number:,} {word}")
    if counts is None:
        report("subscribers: none taken, since nobody is told anything here")
    api.done()
    return history, summary


def history_of(api: Api, report: Report) -> History:
    """The page's whole history, as another page's documents would tell it."""
    page = api.get()
    if page is None:
        raise Unusable(f"{api.base}: there is no such page, or the key is not for it")
    components = listed(api, "/components", report)
    groups = listed(api, "/component-groups", report)
    entries = listed(api, "/incidents", report, size="limit")
    return parse.history(managed.documents(page, components, groups, entries))


def listed(api: Api, path: str, report: Report, *, size: str = "per_page") -> list[object]:
    """A whole list, with a word of how far it is."""
    found: list[object] = []
    for page in api.entries(path, size=size):
        found += page
        report(f"{path.strip('/')}: {len(found):,} read")
    return found


def subscribers(api: Api, report: Report) -> Iterator[list[IncomingSubscriber]]:
    """By state, a page at a time. Who left comes last: whoever subscribed again has a row by then."""
    for state in managed.STATES:
        pages = api.entries("/subscribers", first=0, size="limit", state=state)
        yield from read(pages, state, report)
    yield from read(api.entries("/subscribers/unsubscribed", maybe_zero=True), managed.UNSUBSCRIBED, report)


def read(pages: Iterator[list[object]], state: str, report: Report) -> Iterator[list[IncomingSubscriber]]:
    count = 0
    for page in pages:
        count += len(page)
        report(f"subscribers, {state}: {count:,} read")
        yield [managed.subscriber(each, state) for each in page]
