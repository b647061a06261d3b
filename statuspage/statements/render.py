"""A statement as a file: JSON, CSV, HTML, PDF. No clock, nothing random: the same statement is the same bytes."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.template.loader import render_to_string
from django.utils import translation

from statuspage import tables

from . import readings
from .figures import Figures
from .layout import document
from .plot import plot
from .shapes import Frozen


@dataclass(frozen=True)
class Printed:
    """What is printed: the figures, the facts they were computed from, and where they stand among their versions."""

    figures: Figures
    inputs: Mapping[str, Any]
    frozen: Frozen


def as_json(printed: Printed) -> bytes:
    """The figures, the versions, and the facts under `inputs`, whose digest it names."""
    data = {
        "statement": printed.figures,
        "number": printed.frozen.number or None,
        "frozen_at": printed.frozen.frozen_at and stamp(printed.frozen.frozen_at),
        "versions": [version(each) for each in printed.frozen.history],
        "inputs": printed.inputs,
    }
    return (json.dumps(data, ensure_ascii=False, indent=2, sort_keys=True) + "\n").encode()


def version(held: tuple[int, datetime, str, str, str]) -> dict[str, Any]:
    number, at, who, why, digest = held
    return {"number": number, "frozen_at": stamp(at), "author": who, "reason": why, "digest": digest}


def stamp(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


# --- CSV ----------------------------------------------------------------------------------------------

COLUMNS = (
    "record",
    "line",
    "version",
    "service",
    "component",
    "kind",
    "id",
    "cause",
    "starts_at",
    "ends_at",
    "seconds",
    "counted_seconds",
    "rule",
    "reading",
    "in_words",
    "overlaps_lines",
    "window",
    "incident",
    "title",
    "began_by",
    "ended_by",
    "correction",
    "provider",
    "value",
)
"""A row a piece of an interval (`interval`), before them the figures (`figure`, with `value`), after them the
announcements of each window (`notice`); what a record has nothing to say about is empty."""


def as_csv(printed: Printed) -> bytes:
    rows = [*figure_rows(printed), *interval_rows(printed.figures), *notice_rows(printed.figures)]
    return "".join(tables.as_csv(COLUMNS, ({**dict.fromkeys(COLUMNS, ""), **each} for each in rows))).encode()


def figure_rows(printed: Printed) -> Iterator[dict[str, Any]]:
    figures, period = printed.figures, printed.figures["period"]
    said = {
        "contract": figures["contract"]["name"],
        "client": figures["client"]["name"],
        "client_reference": figures["client"]["reference"],
        "period": period["key"],
        "time_zone": period["time_zone"],
        "is_provisional": period["is_provisional"],
        "as_of": period["as_of"] or "",
        "number": printed.frozen.number or "",
        **{name: figures[name] for name in SUMS},
        "digest": figures["digest"],
    }
    span = {"starts_at": period["starts_at"], "ends_at": period["ends_at"]}
    for name, value in said.items():
        yield {"record": "figure", "id": name, "value": "" if value is None else value} | span


SUMS = (
    "total_seconds",
    "counted_seconds",
    "fraction",
    "availability",
    "target",
    "is_promised",
    "is_met",
    "credit_days",
    "allowed_seconds",
    "left_seconds",
    "excluded_in_windows_seconds",
)


def interval_rows(figures: Figures) -> Iterator[dict[str, Any]]:
    for line in figures["lines"]:
        for piece in line["pieces"]:
            yield {
                "record": "interval",
                "line": line["number"],
                **{name: line[name] for name in ("version", "service", "component", "kind", "id", "cause")},
                "starts_at": piece["starts_at"],
                "ends_at": piece["ends_at"],
                "seconds": piece["seconds"],
                "counted_seconds": piece["seconds"] if piece["counts"] else "0",
                "rule": piece["rule"],
                "reading": readings.code(piece["rule"]),
                "in_words": readings.words(piece["rule"]),
                "overlaps_lines": [str(each) for each in piece["lines"]],
                "window": piece["window"],
                **proofs(line["evidence"]),
            }


def proofs(held: Figures) -> dict[str, Any]:
    """The evidence of a line in columns."""
    correction, provider = held.get("correction"), held.get("provider")
    return {
        "incident": held.get("incident", ""),
        "title": held["title"],
        "began_by": told(held.get("began")),
        "ended_by": told(held.get("ended")),
        "correction": " ".join((correction["at"], correction["author"], correction["reason"])) if correction else "",
        "provider": " ".join(each for each in provider.values() if each) if provider else "",
    }


def told(update: Figures | None) -> str:
    return f"{update['written_at']} {update['author']}".strip() if update else ""


def notice_rows(figures: Figures) -> Iterator[dict[str, Any]]:
    for window in figures["windows"]:
        for each in window["revisions"]:
            yield {
                "record": "notice",
                "line": each["number"],
                "kind": each["basis"],
                "id": window["id"],
                "title": window["name"],
                "starts_at": each["starts_at"],
                "ends_at": each["ends_at"],
                "began_by": each["published_at"],
                "ended_by": each["noticed_at"] or "",
                "rule": window["verdict"],
            }


# --- For people ---------------------------------------------------------------------------------------


def as_html(printed: Printed) -> bytes:
    """A page that needs nothing else: its style is in it, and it prints."""
    return render_to_string("statements/page.html", context(printed)).encode()


def context(printed: Printed) -> dict[str, Any]:
    return {
        "document": document(printed.figures, printed.frozen),
        "plot": plot(printed.figures),
        "figures": printed.figures,
        "number": printed.frozen.number,
        "style": style(),
    }


def style() -> str:
    return render_to_string("statements/style.css").strip()


def as_pdf(printed: Printed) -> bytes:
    """Set from left to right: in a language that is not, it is English."""
    from . import pdf  # who never prints one need not load what it takes

    with translation.override("en" if translation.get_language_bidi() else translation.get_language()):
        return pdf.pdf(document(printed.figures, printed.frozen), plot(printed.figures), printed.figures)


Format = tuple[Callable[[Printed], bytes], str]
FORMATS: dict[str, Format] = {
    "json": (as_json, tables.JSON),
    "csv": (as_csv, tables.CSV),
    "html": (as_html, "text/html; charset=utf-8"),
    "pdf": (as_pdf, "application/pdf"),
}
