"""Which statement somebody asked for: a frozen version as it was frozen, else the record as it stands.

Reads only. For the command, the console and the client's link.
"""

from collections.abc import Sequence
from datetime import datetime

from statuspage.models import Contract, FrozenStatement
from statuspage.sla.stated import is_year

from .carried import carried
from .figures import Computed, computed
from .gather import gather
from .render import Printed
from .shapes import Frozen


class Unknown(ValueError):
    """There is no such statement; the text names the field and says why, for operators."""


def printed(contract: Contract, key: str, now: datetime, *, number: int | None = None) -> Printed:
    """The newest frozen version, or the one of that number; where none is frozen, what the record says now."""
    held = versions(contract, key)
    if number is not None and not any(each.number == number for each in held):
        raise Unknown(f"number: {number} is not frozen")
    if not held:
        return of_record(contract, key, now)
    chosen = next((each for each in held if each.number == number), held[-1])
    return Printed(chosen.figures, chosen.inputs, frozen(chosen, held))


def of_record(contract: Contract, key: str, now: datetime, *, as_of: datetime | None = None) -> Printed:
    """What the record says, whatever was frozen. Raises Unknown where nothing is promised in this period."""
    found = compute(contract, key, now, as_of=as_of)
    return Printed(found.figures, found.inputs, Frozen(history=history(versions(contract, key))))


def compute(
    contract: Contract,
    key: str,
    now: datetime,
    *,
    as_of: datetime | None = None,
    keeping: FrozenStatement | None = None,
) -> Computed:
    """By the record as it stands; `keeping`: but for what a version after this one carries over."""
    try:
        found = gather([contract], key, now, as_of=as_of)
    except (ValueError, OverflowError) as error:
        raise Unknown(f"period: {error}") from None
    if not found:
        raise Unknown(not_promised(contract, key))
    inputs = found[contract.pk].inputs
    if inputs.period.start >= min(now, as_of or now):
        raise Unknown(f"period: {key} has not begun")
    if keeping is not None:
        found = {pk: carried(each, keeping.inputs, keeping.figures) for pk, each in found.items()}
    return computed(found.values())[0]


def not_promised(contract: Contract, key: str) -> str:
    if is_year(key):
        return f"period: {contract.name} promises nothing for the year {key}"
    return f"period: {contract.name} is not in force in {key}"


def versions(contract: Contract, key: str) -> list[FrozenStatement]:
    """All that was frozen of a period, the first one first."""
    return list(contract.statements.filter(period=key).order_by("number"))


def frozen(chosen: FrozenStatement, held: Sequence[FrozenStatement]) -> Frozen:
    """Only what was there when this one was: a later correction does not change what was printed before."""
    earlier = [each for each in held if each.number <= chosen.number]
    return Frozen(chosen.number, chosen.frozen_at, history(earlier))


def history(held: Sequence[FrozenStatement]) -> tuple[tuple[int, datetime, str, str, str], ...]:
    return tuple((each.number, each.frozen_at, each.author_name, each.reason, each.digest) for each in held)
