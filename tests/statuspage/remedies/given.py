"""Months that are closed, with what their figures are worth, and failures that a client reported."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from statuspage.models import ClientReport, Contract, FrozenStatement
from statuspage.models.base import new_id
from statuspage.sla.stated import bounds


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def closed(contract: Contract, key: str, days: int, number: int = 1, frozen_at: str = "", **facts) -> FrozenStatement:
    """The statement of a period as it was frozen, an hour after its end unless the test says otherwise."""
    version = contract.versions.first()
    period = bounds(key, [(version.valid_from, ZoneInfo(version.time_zone))])
    published = at(frozen_at) if frozen_at else period.end
    columns = {
        "starts_at": period.start,
        "ends_at": period.end,
        "digest": "0" * 64,
        "inputs": {},
        "figures": {},
        "total_seconds": 2_592_000,
        "counted_seconds": 0,
        "is_met": not days,
        "credit_days": days,
        "reason": "A late report." if number > 1 else "",
        "frozen_at": published,
        "checked_at": published,
    }
    return FrozenStatement.objects.create(contract=contract, period=key, number=number, **columns | facts)


def failed(contract: Contract, *days: float, severity: int = 1, start: str = "2026-03-01T09:00", **facts) -> list[str]:
    """Failures that the client properly reported so many days after `start`, and that we caused; their ids."""
    first = at(start)
    rows = []
    for day in days:
        said = first + timedelta(days=day)
        pk = facts.pop("pk", None) or new_id()
        columns = {"service": "Gateway A", "what": "Nothing is sent.", "since": said, "channel": "phone"}
        columns |= {"reported_at": said, "completed_at": said, "created_at": said, "updated_at": said}
        columns |= {"severity": severity, "provider_caused": True, "number": pk[:9]}
        rows.append(ClientReport(pk=pk, contract=contract, **columns | facts))
    ClientReport.objects.bulk_create(rows)
    return [each.pk for each in rows]
