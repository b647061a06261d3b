"""Claims to service credits, judged by the month's frozen statements and by what was granted already."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from zoneinfo import ZoneInfo

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from statuspage.contracted import terms_of
from statuspage.models import Contract, CreditClaim, FrozenStatement
from statuspage.sla import credits
from statuspage.sla.contracts import Contract as Terms
from statuspage.sla.periods import month

from .terms import closing_zone, days_granted, version_in


class Ground(StrEnum):
    """Why a claim may be granted, or may not."""

    DUE = "due"
    TOO_EARLY = "too_early"
    TOO_LATE = "too_late"
    NOT_CLOSED = "not_closed"
    NOTHING_DUE = "nothing_due"
    GRANTED_BEFORE = "granted_before"
    CAP_REACHED = "cap_reached"


GROUND: dict[str, Promise] = {
    Ground.DUE: _("The contract grants it."),
    Ground.TOO_EARLY: _("It came before the month had ended."),
    Ground.TOO_LATE: _("It came after the last day."),
    Ground.NOT_CLOSED: _("The month is not closed yet: its figure is not final."),
    Ground.NOTHING_DUE: _("The month's figure is worth no credit."),
    Ground.GRANTED_BEFORE: _("All that the month's figure is worth was granted before."),
    Ground.CAP_REACHED: _("The client has as many days of this month as one month can have."),
}


@dataclass(frozen=True)
class Judgement:
    """What the contract says of a claim. `days` may be granted; they are 0 on every ground but DUE.

    `worth`: the days of credit that the month's figure comes to, None while the month is not closed; `granted`: those
    granted of it before; `of_client`: those granted to the client for that calendar month under all its contracts,
    which have the cap in common.
    """

    ground: Ground
    last_day: date
    days: int
    worth: int | None
    granted: int
    of_client: int
    statement: FrozenStatement | None
    terms: Terms

    @property
    def may_be_granted(self) -> bool:
        return self.ground == Ground.DUE

    @property
    def asked(self) -> int | None:
        return None if self.worth is None else max(0, self.worth - self.granted)

    @property
    def is_capped(self) -> bool:
        return self.may_be_granted and self.days < (self.asked or 0)


def judge(claim: CreditClaim) -> Judgement:
    """What the contract says now. Raises ValueError where it was not in force in the month."""
    version = version_in(claim.contract, claim.month)
    if version is None:
        raise ValueError(f"contract {claim.contract_id} was not in force in {claim.month}")
    held = statements_of(claim.contract, claim.month)
    others = CreditClaim.objects.filter(month=claim.month).exclude(pk=claim.pk)
    granted = days_granted(others.filter(contract=claim.contract))
    of_client = days_granted(others.filter(contract__client=claim.contract.client_id))
    zone = closing_zone(claim.contract, claim.month, held[-1].ends_at if held else None)
    return judged(claim, terms_of(version.type), zone, held, granted, of_client)


def statements_of(contract: Contract, key: str) -> list[FrozenStatement]:
    """All frozen statements of a month, the oldest first, without their details."""
    rows = FrozenStatement.objects.filter(contract=contract, period=key).defer("inputs", "figures")
    return list(rows.order_by("number"))


def judged(
    claim: CreditClaim, terms: Terms, zone: ZoneInfo, held: list[FrozenStatement], granted: int, of_client: int
) -> Judgement:
    """One claim by the arithmetic: `held` are the month's statements, `granted` and `of_client` days granted before.

    `zone`: by whose midnight the month ends.
    """
    worth = held[-1].credit_days if held else None
    asked = max(0, (worth or 0) - granted)
    due = credits.still_due([of_client], asked, terms)
    figures = [credits.Figure(each.credit_days, each.frozen_at) for each in held]
    found = credits.claim(claim.month, zone, [due], claim.received_at, terms, figures)
    is_early = claim.received_at < month(claim.month, zone).end
    ground = ground_of(found.accepted, is_early, worth, asked, due)
    days = found.days if ground == Ground.DUE else 0
    return Judgement(ground, found.last_day, days, worth, granted, of_client, held[-1] if held else None, terms)


def ground_of(is_in_time: bool, is_early: bool, worth: int | None, asked: int, due: int) -> Ground:
    """The first that stands in the way; else that it is due."""
    if not is_in_time:
        return Ground.TOO_EARLY if is_early else Ground.TOO_LATE
    if worth is None:
        return Ground.NOT_CLOSED
    if not asked:
        return Ground.GRANTED_BEFORE if worth else Ground.NOTHING_DUE
    return Ground.DUE if due else Ground.CAP_REACHED
