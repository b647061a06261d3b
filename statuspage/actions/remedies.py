"""Remedies: a client's claim to service credits, and what was decided of it. Nothing here is published.

Credits are days of service at the end of the term, never money. What is granted follows the arithmetic; a
person decides, and says why.
"""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from statuspage import audit, selectors
from statuspage.contracted import terms_of
from statuspage.models import Contract, CreditClaim, Decision, Publication
from statuspage.remedies.claims import GROUND, Judgement, judge
from statuspage.remedies.terms import version_in
from statuspage.roles import Ability
from statuspage.sla.periods import MONTH
from statuspage.text import clean_line, clean_text

from .agreed import REASON_MAX
from .base import FormUsed, StaleEdit, claim_version, moment, require_length


@transaction.atomic
def record_claim(
    *,
    contract: Contract,
    month: str,
    received_at: datetime,
    actor: audit.Actor,
    words: str = "",
    key: str | None = None,
    now: datetime | None = None,
) -> CreditClaim:
    """Record that a client claimed the credits of a month. The same `key` again records none.

    Whatever its merit: a claim that came too late is recorded too, and refused. Raises ValidationError where the
    contract was not in force in the month or knows no credits, and for a claim that has not come yet.
    """
    actor.require(Ability.SERVICE_LEVELS)
    Publication.objects.lock()
    now = now or selectors.database_now()
    words, received_at = said(words, "words"), moment(received_at, "received_at")
    if earlier := of_press(key, contract, month, received_at, words):
        return earlier
    require_credits(contract, month)
    if received_at > now:
        raise ValidationError({"received_at": _("This moment has not come yet.")})
    claim = CreditClaim.objects.create(
        contract=contract,
        month=month,
        received_at=received_at,
        words=words,
        author=actor.user,
        created_at=now,
        key=key or None,
    )
    after = {"contract": contract.pk, "month": month, "received_at": received_at.isoformat()}
    note_act(actor, "record_claim", "claim", claim.pk, now, after=after)
    return claim


def of_press(key: str | None, contract: Contract, month: str, received_at: datetime, words: str) -> CreditClaim | None:
    """What an earlier press of the same button recorded. Raises FormUsed where that was another claim."""
    found = CreditClaim.objects.filter(key=key).first() if key else None
    facts = (contract.pk, month, received_at, words)
    if found and (found.contract_id, found.month, found.received_at, found.words) != facts:
        raise FormUsed(_("This form was sent before, with other words. Nothing new was recorded."))
    return found


def require_credits(contract: Contract, month: str) -> None:
    """Raises ValidationError where the contract owes no credits for that month, whatever its figure."""
    if not MONTH.fullmatch(month):
        said = _("%(value)s is not a month. Example: 2026-04")
        raise ValidationError({"month": said % {"value": clean_line(month)[:64] or "—"}})
    version = version_in(contract, month)
    if version is None:
        raise ValidationError({"month": _("The contract was not in force in %(month)s.") % {"month": month}})
    if not terms_of(version.type).bands:
        raise ValidationError({"contract": _("This contract knows no service credits.")})


def said(text: str, field: str) -> str:
    cleaned = clean_text(text)
    require_length(cleaned, REASON_MAX, field)
    return cleaned


def reason(text: str) -> str:
    """Why: asked of every decision."""
    if not (cleaned := said(text, "note")):
        raise ValidationError({"note": _("Say why.")})
    return cleaned


# --- Decisions ----------------------------------------------------------------------------------


@transaction.atomic
def decide_claim(
    *,
    claim: CreditClaim,
    grants: bool,
    note: str,
    actor: audit.Actor,
    expected_version: int | None = None,
    now: datetime | None = None,
) -> CreditClaim:
    """Grant the days that the contract allows now, or refuse the claim; with who and why. It is decided once.

    Raises ValidationError where it is to be granted and may not be, StaleEdit where somebody decided it before.
    """
    actor.require(Ability.SERVICE_LEVELS)
    Publication.objects.lock()
    now = now or selectors.database_now()
    claim.refresh_from_db()
    if claim.decision:
        raise StaleEdit(_("This was decided in the meantime."))
    found = judge(claim)
    if grants and not found.may_be_granted:
        raise ValidationError({"grants": GROUND[found.ground]})
    decision = Decision.GRANTED if grants else Decision.REFUSED
    facts = {"decision": decision.value, "note": reason(note), "days": found.days if grants else 0}
    by = {"decided_at": now, "decided_by": actor.user}
    claim_version(claim, expected_version, facts | by | evidence(found))
    note_act(actor, "decide_claim", "claim", claim.pk, now, after=facts)
    return claim


def evidence(found: Judgement) -> dict[str, Any]:
    """What the decision rests on, as columns of the claim."""
    return {
        "accepted": found.may_be_granted,
        "asked": found.asked,
        "last_day": found.last_day,
        "statement_number": found.statement.number if found.statement else None,
    }


def note_act(actor: audit.Actor, act: str, kind: str, pk: str, now: datetime, **facts: Any) -> None:
    audit.record(actor=actor, action=act, kind=kind, object_id=pk, at=now, **facts)
