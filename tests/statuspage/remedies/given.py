"""Months that are closed, with what their figures are worth."""

from datetime import UTC, datetime

from statuspage.models import Contract, FrozenStatement
from statuspage.sla.stated import bounds


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def closed(contract: Contract, key: str, days: int, number: int = 1, frozen_at: str = "", **facts) -> FrozenStatement:
    """The statement of a period as it was frozen, an hour after its end unless the test says otherwise."""
    version = contract.versions.first()
    from zoneinfo import ZoneInfo

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
