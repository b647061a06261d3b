"""Clients' reports as staff take, complete and judge them. Nothing here is published; `report_claims` takes the page's.

Contact data and a client's words stay out of the audit log, which is never forgotten.
"""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from statuspage import audit, events
from statuspage.models import ClientReport, Contract

from .base import FormUsed, claim_version, moment
from .report_details import Said, lacking, new_number, require_service, version_at
from .report_letters import acknowledge, letter
from .report_work import begin, facts_of, note, reasoned
from .same_failure import leave, members_of, regroup


@transaction.atomic
def take_report(
    *,
    said: Said,
    actor: audit.Actor,
    contract: Contract | None = None,
    reported_at: datetime | None = None,
    tell: bool = False,
    key: str | None = None,
    now: datetime | None = None,
) -> ClientReport:
    """Take down what a client reported, by phone or otherwise, now or at a time that has passed.

    It is properly reported from then on if nothing is lacking. `tell`: its number is sent to the contact.
    The same `key` again takes none; FormUsed where the key belongs to other words.
    """
    now = begin(actor, now)
    at = reported(reported_at, now)
    facts = said.columns(at)
    if earlier := of_press(key, contract, facts["what"]):
        return earlier
    version = version_at(contract, at)
    require_service(facts["service"], version)
    report = ClientReport(contract=contract, reported_at=at, number=new_number(), author=actor.user, key=key, **facts)
    report.created_at = report.updated_at = now
    report.completed_at = None if lacking(report, version) else at
    report.save(force_insert=True)
    if tell:
        acknowledge(report, now)
    note(actor, "take_client_report", report, now, after=facts_of(report))
    return report


@transaction.atomic
def complete_report(
    *,
    report: ClientReport,
    said: Said,
    contract: Contract | None,
    actor: audit.Actor,
    at: datetime | None = None,
    expected_version: int | None = None,
    now: datetime | None = None,
) -> ClientReport:
    """Add or correct what a report says. `at`: when the client had said all of it; now, where nobody says.

    What was lacking only because the page did not know whose it is was complete when it came.
    """
    now = begin(actor, now, report)
    before, facts = facts_of(report), said.columns(report.reported_at)
    version = version_at(contract, report.reported_at)
    require_service(facts["service"], version)
    if report.contract_id and contract != report.contract and len(members_of(report)) > 1:
        raise ValidationError({"contract": _("Other reports are of the same failure: part them first.")})
    was_complete = said_all(report, facts)
    changed = ClientReport(pk=report.pk, contract=contract, **facts)
    if lacking(changed, version):
        done = None
    else:
        done = report.completed_at or (report.reported_at if was_complete else completed(at, report, now))
    claim_version(report, expected_version, {**facts, "contract": contract, "completed_at": done, "updated_at": now})
    regroup(members_of(report), now)
    note(actor, "complete_client_report", report, now, before=before, after=facts_of(report))
    report.refresh_from_db()
    return report


def said_all(report: ClientReport, facts: dict[str, Any]) -> bool:
    """Whether the client had said all of this when it reported: staff only found out whose it is, and which service."""
    same = all(getattr(report, name) == facts[name] for name in ("what", "since", "channel"))
    return same and report.contract_id is None and report.author_id is None and bool(report.what and report.since)


@transaction.atomic
def decline_report(
    *,
    report: ClientReport,
    reason: str,
    actor: audit.Actor,
    tell: bool = False,
    expected_version: int | None = None,
    now: datetime | None = None,
) -> ClientReport:
    """Decline a report with the reason: it counts for nothing, and stays as evidence. Twice changes nothing.

    `tell`: the contact is sent the reason.
    """
    now = begin(actor, now, report)
    why = reasoned(reason, True)
    if report.declined_at:
        return report
    leave(report, now)
    claim_version(report, expected_version, {"declined_at": now, "declined_reason": why, "updated_at": now})
    is_told = tell and events.write(letter(report, "report_declined", now, reason=why))
    note(actor, "decline_client_report", report, now, after={"number": report.number, "reason": why, "told": is_told})
    return report


@transaction.atomic
def accept_report(
    *, report: ClientReport, actor: audit.Actor, expected_version: int | None = None, now: datetime | None = None
) -> ClientReport:
    """Take a report up again that was declined."""
    now = begin(actor, now, report)
    if report.declined_at is None:
        return report
    before = {"number": report.number, "reason": report.declined_reason}
    claim_version(report, expected_version, {"declined_at": None, "declined_reason": "", "updated_at": now})
    note(actor, "accept_client_report", report, now, before=before, after={"number": report.number})
    return report


# --- Checks -----------------------------------------------------------------------------------


def of_press(key: str | None, contract: Contract | None, what: str) -> ClientReport | None:
    """What an earlier press of the same button took down."""
    found = ClientReport.objects.filter(key=key).first() if key else None
    if found and (found.contract != contract or found.what != what):
        raise FormUsed(_("This form was sent before, with other words. Nothing new was recorded."))
    return found


def reported(at: datetime | None, now: datetime) -> datetime:
    then = moment(at, "reported_at") if at else now
    if then > now:
        raise ValidationError({"reported_at": _("This lies in the future.")})
    return then


def completed(at: datetime | None, report: ClientReport, now: datetime) -> datetime:
    then = moment(at, "completed_at") if at else now
    if not report.reported_at <= then <= now:
        raise ValidationError({"completed_at": _("Give a time between the report and now.")})
    return then
