"""Everything a statement prints, as plain data in no language: what is frozen, and what every format is made of.

Instants are ISO 8601 in UTC, seconds exact decimal strings, words the vocabulary's. `FORM` is this shape's version.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from statuspage.contract_notice import ForContract, Heard
from statuspage.sla.accounts import Line, Piece
from statuspage.sla.exact import decimal, percentage
from statuspage.sla.intervals import Interval, Span, clip, seconds, union
from statuspage.sla.judgement import Judgement
from statuspage.sla.periods import midnight, months_of
from statuspage.sla.stated import Service, Stretch, bounds, stamp, stretch_data
from statuspage.sla.statement import PLACES, Statement, parts
from statuspage.sla.statement import statement as judge

from .canonical import digest
from .evidence import Evidence, evidence_of
from .gather import Gathered, zones_of

FORM = 1
Figures = dict[str, Any]


@dataclass(frozen=True)
class Computed:
    """A statement with what it is printed from."""

    gathered: Gathered
    statement: Statement
    figures: Figures
    inputs: dict[str, Any]
    digest: str


def computed(found: Iterable[Gathered]) -> list[Computed]:
    """The statements of all that was gathered, with their evidence; a few queries for any number of them."""
    held = list(found)
    evidence = evidence_of(held)
    return [one(each, evidence) for each in held]


def one(gathered: Gathered, evidence: Evidence) -> Computed:
    statement = judge(gathered.inputs)
    inputs, figure = digest(gathered.inputs)
    return Computed(gathered, statement, figures(gathered, statement, evidence) | {"digest": figure}, inputs, figure)


def figures(gathered: Gathered, found: Statement, evidence: Evidence) -> Figures:
    inputs, contract = gathered.inputs, gathered.contract
    return {
        "form": FORM,
        "contract": {"id": contract.pk, "name": contract.name},
        "client": {"name": contract.client.name, "reference": contract.client.reference},
        "period": {
            "key": inputs.period_key,
            "starts_at": stamp(inputs.period.start),
            "ends_at": stamp(inputs.period.end),
            "time_zone": inputs.stretches[-1].zone,
            "as_of": inputs.as_of and stamp(inputs.as_of),
            "is_provisional": found.is_provisional,
        },
        **sums(found),
        "versions": [version(each, evidence, each in found.stretches) for each in inputs.stretches],
        "lines": [line(each, gathered, evidence) for each in found.lines],
        "windows": [window(each, gathered.works[each.id], evidence) for each in found.windows],
        "months": months(gathered, found),
        "days": days(found, inputs.stretches[-1].zone),
    }


def sums(found: Statement) -> Figures:
    share = found.share
    return {
        "total_seconds": exact(found.total_seconds),
        "counted_seconds": exact(found.counted_seconds),
        "fraction": f"{share.numerator}/{share.denominator}",
        "availability": percentage(share, PLACES),
        "target": exact(found.target * 100),
        "is_promised": found.is_promised,
        "is_met": found.is_met,
        "bands": [{"at_least": exact(each.at_least * 100), "days": each.days} for each in found.bands],
        "credit_days": found.credit_days,
        "allowed_seconds": exact(found.allowed_seconds),
        "left_seconds": exact(found.left_seconds),
        "excluded_in_windows_seconds": exact(found.excluded_in_windows),
    }


def exact(value: Fraction) -> str:
    """A decimal string where there is one, else the fraction: a weighted target may have no end."""
    try:
        return decimal(value)
    except ValueError:
        return f"{value.numerator}/{value.denominator}"


def version(stretch: Stretch, evidence: Evidence, is_judged: bool) -> Figures:
    services = [service_data(each, evidence) for each in stretch.services]
    return stretch_data(stretch) | {"services": services, "is_judged": is_judged}


def service_data(service: Service, evidence: Evidence) -> Figures:
    named = [{"id": each, "name": evidence.components.get(each, each)} for each in service.components]
    return {"key": service.key, "name": service.name, "components": named}


# --- Intervals ----------------------------------------------------------------------------------------


def line(of: Line, gathered: Gathered, evidence: Evidence) -> Figures:
    return {
        "number": of.number,
        "version": of.version,
        "service": of.service.name,
        "component": evidence.components.get(of.component, of.component),
        "kind": "maintenance" if of.is_work else "outage",
        "id": of.source,
        "cause": str(of.cause.value),
        "starts_at": stamp(of.interval.start),
        "ends_at": stamp(of.interval.end),
        "is_open": of.is_open,
        "seconds": exact(seconds((of.interval,))),
        "counted_seconds": exact(of.counted_seconds),
        "pieces": [piece(each) for each in of.pieces],
        "evidence": evidence.of_work(gathered.works[of.source]) if of.is_work else evidence.of_outage(of, gathered),
    }


def piece(of: Piece) -> Figures:
    return {
        "starts_at": stamp(of.interval.start),
        "ends_at": stamp(of.interval.end),
        "seconds": exact(of.seconds),
        "counts": of.counts,
        "rule": str(of.rule.value),
        "window": of.window,
        "lines": list(of.lines),
    }


# --- Notice -------------------------------------------------------------------------------------------


def window(judged: Judgement, work: ForContract, evidence: Evidence) -> Figures:
    """One maintenance: how it was announced, who had it when, and what that is worth."""
    planned = work.planned
    return {
        "id": judged.id,
        "name": work.maintenance.name,
        "components": [evidence.components.get(each, each) for each in planned.services],
        "starts_at": stamp(planned.last.start),
        "ends_at": stamp(planned.last.end),
        "began_at": planned.began_at and stamp(planned.began_at),
        "ended_at": planned.ended_at and stamp(planned.ended_at),
        "verdict": str(judged.verdict.value),
        "is_cancelled": planned.is_cancelled,
        "noticed_at": judged.noticed_at and stamp(judged.noticed_at),
        "lead_seconds": None if judged.lead is None else exact(lead(judged.lead)),
        "revisions": [revision(each) for each in work.heard],
        "emergency": evidence.emergency(work.maintenance),
    }


def lead(span: timedelta) -> Fraction:
    return Fraction(span // timedelta(microseconds=1), 1_000_000)


def revision(heard: Heard) -> Figures:
    told = heard.announcement
    return {
        "number": heard.number,
        "starts_at": stamp(told.start),
        "ends_at": stamp(told.end),
        "published_at": stamp(heard.published_at),
        "noticed_at": told.noticed_at and stamp(told.noticed_at),
        "basis": str(told.basis.value),
        "by_publication_alone": heard.is_by_publication,
        "contacts": [contact(each) for each in heard.contacts],
    }


def contact(told: Any) -> Figures:
    """One of the contract's contacts and what the ledger has of this notice to them."""
    return {
        "name": told.name,
        "address": told.address,
        "recipient": told.recipient,
        "channel": told.channel,
        "standing": told.standing,
        "state": told.state,
        "code": told.code,
        "told_at": told.told_at and stamp(told.told_at),
        "was_subscribed": told.was_subscribed,
    }


# --- Over the period ----------------------------------------------------------------------------------


def months(gathered: Gathered, found: Statement) -> list[Figures]:
    """Of a year: its months, which add up to it."""
    inputs = gathered.inputs
    if not inputs.is_year:
        return []
    zones = gathered.zones or zones_of(inputs.stretches)
    keys = [(key, bounds(key, zones)) for key in months_of(int(inputs.period_key))]
    return [
        {
            "key": each.key,
            "total_seconds": exact(each.total_seconds),
            "counted_seconds": exact(each.counted_seconds),
            "availability": percentage(1 - each.counted_seconds / each.total_seconds, PLACES),
        }
        for each in parts(found, keys)
    ]


def days(found: Statement, zone: str) -> list[Figures]:
    """What counted and what was excluded on each day of the contract's zone, where anything was."""
    excluded = union(piece.interval for each in found.lines for piece in each.pieces if not piece.counts)
    everything = union([*found.counted, *excluded])
    return [one_day(key, whole, found, excluded) for key, whole in daily(everything, ZoneInfo(zone))]


def daily(spans: Span, zone: ZoneInfo) -> Iterator[tuple[str, Interval]]:
    """The days on which anything happened, each once."""
    last = None
    for start, end in spans:
        day = start.astimezone(zone).date()
        while midnight(day, zone) < end:
            if day != last:
                following = day + timedelta(days=1)
                yield day.isoformat(), Interval(midnight(day, zone), midnight(following, zone))
            last, day = day, day + timedelta(days=1)


def one_day(key: str, whole: Interval, found: Statement, excluded: Span) -> Figures:
    counted = clip(found.counted, whole)
    return {
        "day": key,
        "counted_seconds": exact(seconds(counted)),
        "excluded_seconds": exact(seconds(clip(excluded, whole)) - overlap(clip(excluded, whole), counted)),
    }


def overlap(first: Span, second: Span) -> Fraction:
    return seconds(part for each in first for part in clip(second, each))
