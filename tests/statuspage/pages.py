"""The published pages as a browser reads them, rendered from facts alone; and a page on which much happens."""

import re
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser

from statuspage.publishing import html
from statuspage.publishing.snapshot import Component, Month, Snapshot

from .factories import (
    a_component,
    a_group,
    a_maintenance,
    a_month,
    a_snapshot,
    ago,
    ahead,
    an_incident,
    an_outage,
    an_update,
    id_of,
)

FIRST_FLIGHT = 14_336
"""What TCP sends before the first answer: ten segments."""


class Page(HTMLParser):
    """A page as a browser reads it: elements, text, the inlined style and script."""

    VOID = frozenset({"meta", "link", "img", "br", "hr", "input", "path", "use"})

    BLOCKS = frozenset({"p", "li", "dt", "dd", "div", "ul", "ol", "h1", "h2", "h3", "main", "nav", "article"})

    def __init__(self, body):
        super().__init__()
        self.elements, self.text, self.open, self.raw = [], "", [], {"style": "", "script": ""}
        self.feed(body.decode() if isinstance(body, bytes) else body)
        self.close()

    def handle_starttag(self, tag, attributes):
        if tag in self.BLOCKS:
            self.text += " "
        self.elements.append((tag, dict(attributes)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in self.VOID:
            assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] in self.raw:
            self.raw[self.open[-1]] += data
        else:
            self.text += data

    def words(self):
        return " ".join(self.text.split())

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]

    def headings(self):
        return [int(tag[1]) for tag, _ in self.elements if re.fullmatch("h[1-6]", tag)]


def front(**facts):
    return Page(html.front(a_snapshot(**facts)))


def of(entry, **facts):
    document, *_in_other_languages = html.entry_page(a_snapshot(**facts), entry)
    return Page(document.render())


def month(*entries, earlier=None, later=None, key="2026-11"):
    document, *_in_other_languages = html.month_page(
        a_snapshot(), Month(key=key, entries=entries, earlier=earlier, later=later)
    )
    return Page(document.render())


def busy_snapshot(count: int = 30) -> Snapshot:
    """A page with `count` components in five groups, troubled days, an incident and a maintenance."""
    members = [[a_busy_component(group, place) for place in range(count // 5)] for group in range(5)]
    components = [each for group in members for each in group]
    down = replace(components[0], status="partial_outage")
    incident = an_incident(
        components=(down,),
        next_update_by=ahead(minutes=28),
        updates=tuple(an_update(body="A queue is **saturated**. " * 8, at=ago(minutes=n)) for n in range(1, 9)),
    )
    past = (an_incident(f"Past {n}", status="resolved", started_at=ago(days=n)) for n in range(1, 12))
    return a_snapshot(
        components=(down, *components[1:]),
        groups=tuple(a_group(f"Group {group}", each, position=group) for group, each in enumerate(members)),
        incidents=(incident, *past),
        maintenances=(a_maintenance(components=(components[3],)),),
        months=tuple(a_month(f"{year}-{number:02}") for year in (2026, 2025) for number in range(11, 0, -1)),
    )


def a_busy_component(group: int, place: int) -> Component:
    """One of a group's, down every week for hours."""
    statuses = ["partial_outage", "major_outage", "degraded_performance"] * 3
    ends = [ago(days=7 * week + place + group) for week in range(1, 10)]
    outages = [
        an_outage(end - timedelta(hours=week), end, status)
        for week, (end, status) in enumerate(zip(ends, statuses, strict=True), 1)
    ]
    description = f"What component {place} of group {group} does for its users"
    facts = {"group_id": id_of(f"Group {group}"), "position": place, "description": description}
    return a_component(f"Component {group}.{place}", outages=outages, **facts)
