"""The statement of how notice was kept: rows and figures that people take along, by month or of all time.

Pure of clocks: it has no date of its own, so the same rows in the database give the same bytes.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from django.conf import settings

from . import compliance, tables
from .compliance import Judged, Month
from .models import Maintenance
from .sla.exact import decimal
from .sla.intervals import clip, seconds
from .sla.notice import NO_NOTICE_NEEDED, NOTICE

COLUMNS = (
    "id",
    "name",
    "starts_at",
    "ends_at",
    "length_seconds",
    "components",
    "revisions",
    "announced_at",
    "noticed_at",
    "noticed_by",
    "lead_seconds",
    "needs_notice",
    "had_24_hours",
    "verdict",
    "began_at",
    "ended_at",
    "is_provisional",
    "work_seconds",
    "excluded_seconds",
    "counted_seconds",
    "counted_in_month_seconds",
    "counted_from",
    "counted_until",
    "emergency_reason",
    "emergency_approved_by",
    "emergency_approved_at",
)
"""The table's head. Seconds are exact; `noticed_by` is what the moment of notice was taken from.

JSON has the intervals that count and that are excluded besides, and the seconds by component.
"""


@dataclass(frozen=True)
class Statement:
    """`month` "": all time. `months` newest first, `rows` by their start."""

    month: str
    months: list[Month]
    found: list[Judged]

    @property
    def is_wanting(self) -> bool:
        return any(each.wanting for each in self.months)

    def rows(self) -> Iterator[dict[str, Any]]:
        return (row_of(each, self.month) for each in self.found)


def statement(month: str = "") -> Statement:
    """Of a month such as "2026-11", or of all time. Raises ValueError where that is no month."""
    if month:
        figures, found = compliance.of_month(month)
        return Statement(month, [figures], found)
    found = compliance.judge(Maintenance.objects.all())
    return Statement("", compliance.months(found), found)


def row_of(each: Judged, month: str = "") -> dict[str, Any]:
    """One maintenance as the statement has it; times in UTC."""
    planned, judgement, last = each.planned, each.judgement, each.planned.last
    counted = judgement.counted
    here = clip(counted, compliance.period_of(month)) if month else counted
    return {
        "id": each.maintenance.pk,
        "name": each.maintenance.name,
        "starts_at": last.start,
        "ends_at": last.end,
        "length_seconds": decimal(seconds([last.interval])),
        "components": list(planned.services),
        "revisions": len(planned.announcements),
        "announced_at": each.announced_at,
        "noticed_at": judgement.noticed_at,
        "noticed_by": judgement.basis or "",
        "lead_seconds": int(judgement.lead.total_seconds()) if judgement.lead is not None else None,
        "needs_notice": judgement.needs_notice,
        "had_24_hours": judgement.had_notice,
        "verdict": judgement.verdict,
        "began_at": planned.began_at,
        "ended_at": planned.ended_at,
        "is_provisional": judgement.is_provisional,
        "work_seconds": decimal(seconds(judgement.work)),
        "excluded_seconds": decimal(seconds(judgement.excluded)),
        "counted_seconds": decimal(seconds(counted)),
        "counted_in_month_seconds": decimal(seconds(here)),
        "counted_from": counted[0].start if counted else None,
        "counted_until": counted[-1].end if counted else None,
        **emergency_of(each.maintenance),
        "counted": [list(span) for span in counted],
        "excluded": [list(span) for span in judgement.excluded],
        "counted_seconds_by_component": {
            service: decimal(seconds(judgement.by_service[service])) for service in planned.services
        },
    }


def emergency_of(maintenance: Maintenance) -> dict[str, Any]:
    """What was recorded of a window without notice: why it was not possible, and who agreed."""
    found = getattr(maintenance, "emergency", None)
    return {
        "emergency_reason": found.reason if found else "",
        "emergency_approved_by": str(found.approved_by or "") if found else "",
        "emergency_approved_at": found.approved_at if found else None,
    }


def month_row(month: Month) -> dict[str, Any]:
    return {
        "month": month.key,
        "maintenances": month.windows,
        "needed_notice": month.needed,
        "had_notice": month.kept,
        "lacked_notice": month.wanting,
        "pending_notice": month.pending,
        "counted_seconds": decimal(month.counted_seconds),
    }


# --- As a file ------------------------------------------------------------------------------------


def as_csv(found: Statement) -> Iterator[str]:
    """The maintenances alone."""
    return tables.as_csv(COLUMNS, found.rows())


def as_json(found: Statement) -> Iterator[str]:
    """The figures by month and the maintenances, with what they were judged by."""
    head = {
        "month": found.month or None,
        "time_zone": settings.PAGE_TIME_ZONE,
        "notice_seconds": int(NOTICE.total_seconds()),
        "needed_above_seconds": int(NO_NOTICE_NEEDED.total_seconds()),
        "months": [month_row(each) for each in found.months],
    }
    text = json.dumps(head, indent=2)
    yield f'{text[:-2]},\n  "maintenances": '
    yield from tables.as_json(found.rows())
    yield "}\n"


def as_text(found: Statement) -> Iterator[str]:
    """For a terminal: a line a month, then a line a maintenance; minutes with two decimals, cut off."""
    yield f"Notice of planned maintenance; months in {settings.PAGE_TIME_ZONE}\n\n"
    yield "month    maintenances  needed 24 h  had it  lacked it  to come  minutes that count\n"
    for month in found.months:
        counted = minutes(month.counted_seconds)
        figures = f"{month.windows:12}  {month.needed:11}  {month.kept:6}  {month.wanting:9}  {month.pending:7}"
        yield f"{month.key}  {figures}  {counted:>18}\n"
    yield "\nstart (UTC)       maintenance   notice ahead  verdict             minutes that count  title\n"
    for each in found.found:
        yield line_of(each)


def line_of(each: Judged) -> str:
    judgement = each.judgement
    counted = minutes(seconds(judgement.counted))
    start = each.planned.last.start.astimezone(UTC)
    lead = hours(judgement.lead.total_seconds()) if judgement.lead is not None else "none"
    name = each.maintenance.name
    return f"{start:%Y-%m-%d %H:%M}  {each.maintenance.pk}  {lead:>12}  {judgement.verdict:18}  {counted:>18}  {name}\n"


def minutes(count: Any) -> str:
    """Whole minutes and hundredths, cut off: "428.63"."""
    hundredths = int(count * 100 / 60)
    return f"{hundredths // 100:,}.{hundredths % 100:02}"


def hours(count: float) -> str:
    """ "25 h 50 min", "-0 h 12 min"; whole minutes, cut off."""
    whole = abs(int(count)) // 60
    return f"{'-' if count < 0 else ''}{whole // 60:,} h {whole % 60:02} min"


FORMATS = {"csv": (as_csv, tables.CSV), "json": (as_json, tables.JSON), "text": (as_text, "text/plain; charset=utf-8")}
