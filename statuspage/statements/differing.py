"""Where the record says something else by now than the version that was frozen last. Reads only."""

import logging
from dataclasses import dataclass
from datetime import datetime

from statuspage.models import Contract, FrozenStatement

from .differences import Difference, differences, is_correction
from .printed import compute

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Differing:
    """What differs, and the seconds of downtime that the record as it stands comes to, exact."""

    facts: tuple[Difference, ...]
    counted_seconds: str

    @property
    def corrections_alone(self) -> bool:
        """Whether the next version takes all of it, as by itself."""
        return all(is_correction(each) for each in self.facts)


def differing(contract: Contract, held: FrozenStatement, now: datetime) -> Differing | None:
    """None: nothing differs, or the record can't be computed any more, which is no reason not to show what was frozen.

    That is so where a contract was withdrawn, or stored in a way that its arithmetic refuses.
    """
    try:
        found = compute(contract, held.period, now)
    except (ValueError, LookupError, ArithmeticError):
        logger.warning("statement %s of %s cannot be computed now", held.period, contract.pk, exc_info=True)
        return None
    facts = tuple(differences(held.inputs, found.inputs))
    return Differing(facts, found.figures["counted_seconds"]) if facts else None
