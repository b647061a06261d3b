"""A list of subscribers as CSV, as Statuspage takes it: a person a line, the kind first, then the address.

    email,anna@example.com,yes,API                  yes: confirmed; no: not, and nothing is sent
    sms,0612345678,NL
    webhook,https://hooks.example.com/status,ops@example.com,API,Web

What follows the address is known by its kind: two letters are a text's country, a mail address answers for a webhook,
"yes" and "no" are whether somebody confirmed, everything else is a component or a group, by its name or id. A first
line that names columns is passed over. Pure; errors are `Unusable` and name line and column.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from statuspage.ports import IncomingSubscriber

from .fields import Unusable, shown

KINDS = {"email", "sms", "webhook"}
COUNTRY = re.compile(r"[A-Za-z]{2}")
CONFIRMED = {"yes": "active", "no": "unconfirmed"}


def subscribers(lines: Iterable[str], known: Mapping[str, str]) -> Iterator[IncomingSubscriber]:
    """Everybody in the list. `known`: name or id of a component or group -> its id."""
    rows = csv.reader(lines, strict=True)
    try:
        for number, row in enumerate(rows, start=1):
            cells = [cell.strip() for cell in row]
            if any(cells) and not (number == 1 and cells[0].lower() not in KINDS and "@" not in "".join(cells)):
                yield subscriber(cells, f"line {rows.line_num}", known)
    except csv.Error as error:
        raise Unusable(f"line {rows.line_num}: not CSV: {error}") from None


def subscriber(cells: list[str], place: str, known: Mapping[str, str]) -> IncomingSubscriber:
    """One line's."""
    kind = cells[0].lower()
    if kind not in KINDS:
        raise Unusable(f"{place}: column 1: {shown(cells[0])} is none of {', '.join(sorted(KINDS))}")
    if len(cells) < 2 or not cells[1]:
        raise Unusable(f"{place}: column 2: there is no address")
    found, chosen = IncomingSubscriber(kind, cells[1]), []
    for number, cell in enumerate(cells[2:], start=3):
        if cell in known:
            chosen.append(known[cell])
        elif cell.lower() in CONFIRMED:
            found = replace(found, state=CONFIRMED[cell.lower()])
        elif kind == "sms" and COUNTRY.fullmatch(cell):
            found = replace(found, country=cell)
        elif kind == "webhook" and "@" in cell:
            found = replace(found, owner=cell)
        elif cell:
            raise Unusable(f"{place}: column {number}: {shown(cell)} is no component or group")
    return replace(found, component_ids=tuple(chosen) or None)
