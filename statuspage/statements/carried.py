"""What a later version takes from the one before it, since a closed period's facts change by corrections alone.

When a window's contacts were told is forgotten with the ledger, and a component's flag or a subscriber's client is set
for days to come: neither is a correction, so the version that a correction makes keeps them as they were frozen.
Pure: no queries.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from statuspage.contract_notice import ForContract, Heard
from statuspage.ports import ContactTold
from statuspage.sla.judgement import Announcement, Basis, Planned
from statuspage.sla.stated import Inputs, times

from .gather import Gathered

Data = Mapping[str, Any]


def carried(found: Gathered, facts: Data, figures: Data) -> Gathered:
    """`found` with the notice and the third parties of a frozen version, given as its facts and its figures."""
    said = {each["id"]: each["announcements"] for each in facts["maintenance"]}
    printed = {each["id"]: each["revisions"] for each in figures["windows"]}
    planned = tuple(with_notice(each, said.get(each.id, ())) for each in found.inputs.works)
    inputs = replace(found.inputs, works=planned, third_party=third_party(found.inputs, facts))
    works = {pk: heard_again(each, said.get(pk, ()), printed.get(pk, ())) for pk, each in found.works.items()}
    return replace(found, inputs=inputs, works=works)


def third_party(inputs: Inputs, facts: Data) -> frozenset[str]:
    """Of what was covered, whatever was said then; a component that a correction brings in is as it is flagged now."""
    known = {pk for version in facts["versions"] for service in version["services"] for pk in service["components"]}
    covered = {pk for stretch in inputs.stretches for service in stretch.services for pk in service.components}
    return (inputs.third_party - known) | (frozenset(facts["third_party"]) & covered)


# --- Notice -------------------------------------------------------------------------------------------


def with_notice(work: Planned, said: Sequence[Data]) -> Planned:
    """Each announcement of the same times as in its place then, with the notice that it had then."""
    kept = tuple(
        noticed(each, said[place]) if is_same(each, place, said) else each
        for place, each in enumerate(work.announcements)
    )
    return replace(work, announcements=kept)


def heard_again(work: ForContract, said: Sequence[Data], printed: Sequence[Data]) -> ForContract:
    """The same of what is printed, with who was told; by revisions, which are the announcements in order."""
    heard = tuple(
        told_again(each, said[place], printed[place : place + 1]) if is_same(each.announcement, place, said) else each
        for place, each in enumerate(work.heard)
    )
    return replace(work, planned=with_notice(work.planned, said), heard=heard)


def is_same(announcement: Announcement, place: int, said: Sequence[Data]) -> bool:
    return place < len(said) and said[place]["interval"] == times(announcement.interval)


def noticed(announcement: Announcement, was: Data) -> Announcement:
    return replace(announcement, noticed_at=instant(was["noticed_at"]), basis=Basis(was["basis"]))


def told_again(heard: Heard, was: Data, printed: Sequence[Data]) -> Heard:
    """A version that did not print this window has nobody to say it of: then as the ledger says now."""
    announcement = noticed(heard.announcement, was)
    if not printed:
        return replace(heard, announcement=announcement)
    contacts = tuple(contact(each) for each in printed[0]["contacts"])
    return replace(heard, announcement=announcement, contacts=contacts)


def contact(printed: Data) -> ContactTold:
    return ContactTold(**{**printed, "told_at": instant(printed["told_at"])})


def instant(stamp: str | None) -> datetime | None:
    return datetime.fromisoformat(stamp) if stamp else None
