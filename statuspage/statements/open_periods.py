"""Which periods of a contract go on at a moment: what a statement of is provisional."""

from datetime import datetime
from zoneinfo import ZoneInfo

from statuspage.models import Contract

from .gather import stretches_of


def open_keys(contract: Contract, now: datetime) -> list[str]:
    """The month that goes on, and the year where years are promised; none where nothing is in force."""
    for stretch in stretches_of([contract.pk]).get(contract.pk, []):
        if stretch.interval.start <= now < stretch.interval.end:
            local = now.astimezone(ZoneInfo(stretch.zone))
            return [f"{local:%Y-%m}", *([f"{local:%Y}"] if stretch.terms.is_yearly else [])]
    return []
