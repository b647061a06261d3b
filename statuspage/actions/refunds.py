"""Refunds: what people decide of those that a client's reports come to. Nothing here is published."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from statuspage import audit, selectors
from statuspage.models import Contract, Publication, RefundDecision
from statuspage.remedies.refunds import Proposal, proposals
from statuspage.roles import Ability

from .base import StaleEdit
from .remedies import note_act, reason


@transaction.atomic
def decide_refund(
    *,
    contract: Contract,
    rule: str,
    deciding: str,
    grants: bool,
    note: str,
    actor: audit.Actor,
    now: datetime | None = None,
) -> RefundDecision:
    """Grant the refund that the client's reports come to with the report `deciding`, or decline it; with who and why.

    Granted, it names the month's subscription and uses its reports up. Decided the same way before, nothing happens.
    Raises StaleEdit where it was decided otherwise, or the reports come to something else by now.
    """
    actor.require(Ability.SERVICE_LEVELS)
    Publication.objects.lock()
    now = now or selectors.database_now()
    held = contract.refund_decisions.filter(rule=rule, deciding=deciding).first()
    if held and held.granted == grants:
        return held
    if held:
        raise StaleEdit(_("This was decided in the meantime."))
    of = (rule, deciding)
    found = next((each for each in proposals(contract) if (each.refund.rule, each.refund.deciding) == of), None)
    if found is None:
        raise StaleEdit(_("The client's reports come to something else by now. Nothing was decided."))
    by = {"granted": grants, "decided_at": now, "decided_by": actor.user, "note": reason(note)}
    row = RefundDecision.objects.create(contract=contract, **columns(found), **by)
    after = {"contract": contract.pk, "granted": grants, "note": row.note, **columns(found)}
    note_act(actor, "decide_refund", "refund", deciding, now, after=after)
    return row


def columns(found: Proposal) -> dict[str, Any]:
    """What a decision keeps of what it was about; the amount is the month's subscription, where it is stored."""
    return {
        "month": found.refund.month,
        "rule": found.refund.rule,
        "reports": list(found.refund.reports),
        "deciding": found.refund.deciding,
        "review": found.is_doubtful,
        "amount": found.version.subscription_amount,
        "currency": found.version.subscription_currency,
    }
