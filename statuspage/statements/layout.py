"""A statement as headings, sentences and tables in the reader's language: HTML and PDF are both made of it."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from . import readings
from .figures import Figures
from .intervals import evidence, intervals, versions
from .notices import windows
from .result import facts, over_time, result, standing
from .shapes import Clock, Document, Frozen, Section, Table


def document(figures: Figures, frozen: Frozen) -> Document:
    clock = Clock(ZoneInfo(figures["period"]["time_zone"]))
    sections = [result(figures), *over_time(figures), versions(figures, clock), *intervals(figures, clock)]
    if figures["lines"]:
        sections.append(evidence(figures, clock))
    sections += windows(figures, clock)
    sections += [rules(figures), *corrections(frozen, clock), reproduction(figures)]
    return Document(
        title=_("Statement of availability"),
        standing=standing(figures, frozen, clock),
        is_provisional=figures["period"]["is_provisional"],
        facts=facts(figures, clock),
        sections=sections,
    )


def rules(figures: Figures) -> Section:
    """The readings that were used, each with its words and the contract's clause."""
    kind = figures["versions"][-1]["type"]
    used = dict.fromkeys(piece["rule"] for line in figures["lines"] for piece in line["pieces"])
    rows = [[readings.code(each), readings.words(each), readings.clause(kind, each)] for each in used]
    rows += [[code, str(words), ""] for code, words in general(figures)]
    rows.sort(key=lambda row: row[:2])
    return Section(_("How the contract was read"), table=Table([_("Reading"), _("In words"), _("Clause")], rows))


def general(figures: Figures) -> Iterator[tuple[str, Any]]:
    yield readings.of_total(figures["versions"][-1]["is_yearly"])
    yield readings.OF_COMPARISON
    if Fraction(figures["excluded_in_windows_seconds"]) > 0:
        code, said = readings.OF_WINDOWS
        yield code, said % {"seconds": figures["excluded_in_windows_seconds"]}
    if figures["bands"] and figures["is_promised"]:
        yield readings.OF_CREDIT
    if len(figures["versions"]) > 1:
        yield readings.OF_CHANGE


def corrections(frozen: Frozen, clock: Clock) -> Iterator[Section]:
    """Every number this statement has had."""
    if not frozen.history:
        return
    heads = [_("Version"), _("Frozen at"), _("Author"), _("Reason"), _("Digest")]
    rows = [[str(number), clock.of(at), who, why, figure] for number, at, who, why, figure in frozen.history]
    yield Section(_("Versions of this statement"), table=Table(heads, rows))


def reproduction(figures: Figures) -> Section:
    command = f'manage.py sla_report --contract "{figures["contract"]["name"]}" --period {figures["period"]["key"]}'
    said = [
        _("SHA-256 of the facts this statement was computed from: %(digest)s") % {"digest": figures["digest"]},
        _(
            "The facts are the JSON file's member “inputs”; their digest is that of its text with sorted keys and "
            "without spaces: jq -cjS .inputs FILE | sha256sum"
        ),
        _("The same record gives the same statement: %(command)s") % {"command": command},
    ]
    return Section(_("How to check it"), said)
