"""Where contracts stand, kept for the console's list: made anew by the sweep when what they hang on has changed."""

from datetime import datetime, timedelta

from django.db import transaction

from statuspage import selectors, standings
from statuspage.models import Contract, ContractStanding

BATCH = 50
"""Contracts computed in one pass: memory stays flat."""
MOST = 200
"""Made in one round, those with the oldest figures first: the sweep has other things to do."""
OLD = timedelta(hours=1)
"""So old, a figure is made anew though nothing happened: the pace it is judged by changes with time."""
RUNNING = timedelta(minutes=5)
"""The same while an interruption goes on."""


def refresh(now: datetime | None = None) -> int:
    """Bring the rows up to date; how many were made. Any number of copies may run: they store the same."""
    now = now or selectors.database_now()
    contracts = {each.pk: each for each in Contract.objects.all()}
    bases = standings.bases(contracts.values(), now)
    ContractStanding.objects.exclude(contract__in=bases).delete()
    held = ContractStanding.objects.in_bulk()
    stale = [pk for pk, basis in bases.items() if is_stale(held.get(pk), basis, now)]
    stale.sort(key=lambda pk: (pk in held, held[pk].computed_at if pk in held else now))
    for first in range(0, len(stale[:MOST]), BATCH):
        some = [contracts[pk] for pk in stale[first : first + BATCH]]
        store(standings.standings(some, bases, now))
    return len(stale[:MOST])


def is_stale(row: ContractStanding | None, basis: str, now: datetime) -> bool:
    if row is None or row.basis != basis:
        return True
    return now - row.computed_at >= (RUNNING if row.is_interrupted else OLD)


def store(rows: list[ContractStanding]) -> None:
    """Each anew, in place of what was there."""
    names = [each.name for each in ContractStanding._meta.concrete_fields if not each.primary_key]
    with transaction.atomic():
        ContractStanding.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["contract"], update_fields=names
        )
