"""What happens to a client's report, step by step: recorded by people, or with what people publish.

Clocks are derived from these rows alone (`statuspage/reported.py`); no timer writes one.
"""

from collections.abc import Iterable
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from statuspage import audit
from statuspage.models import ClientReport, Incident, IncidentUpdate, ReportStep
from statuspage.sla.clocks import Step
from statuspage.text import clean_text
from statuspage.vocabulary import IncidentStatus

from .base import FormUsed, moment, one_of, require_length
from .report_work import begin, note
from .same_failure import SAME_WITHIN, first_of, members_of, regroup, take_back
from .words import Word

WORDS_MAX = 5_000
BY_HAND = (
    Step.RESPONSE,
    Step.WAITING_FOR_CLIENT,
    Step.CLIENT_ANSWERED,
    Step.PROGRESS_REPORT,
    Step.WORKAROUND_ACCEPTED,
    Step.RESOLVED,
)
"""In the order in which they usually come. An automatic acknowledgement is nothing that people record."""
PERSON = "console"
"""What comes by another door may be a program's word, and only a person's is a response."""


@transaction.atomic
def record_step(
    *,
    report: ClientReport,
    step: str,
    actor: audit.Actor,
    words: str = "",
    at: datetime | None = None,
    key: str | None = None,
    now: datetime | None = None,
) -> ReportStep:
    """Record what happened to a report, now or at a time that has passed. The same `key` again records nothing.

    A progress report where no response is yet is recorded as the response. Raises ValidationError for what cannot have
    happened, FormUsed where the key belongs to another step.
    """
    now = begin(actor, now)
    kind, said = by_hand(step), clean_text(words)
    require_length(said, WORDS_MAX, "words")
    if earlier := of_press(key, report, kind, said):
        return earlier
    report.refresh_from_db()
    first = first_of(report)
    kind = told_as(kind, first)
    row = ReportStep(report=first, step=kind, words=said, at=past(at, first, now), recorded_at=now)
    require_possible(row, first)
    row.author, row.idempotency_key = actor.user, key
    row.save(force_insert=True)
    if kind == Step.RESOLVED:
        regroup(members_of(first), now)
    note(actor, "record_report_step", first, now, after={"step": kind.value, "at": row.at.isoformat()})
    return row


@transaction.atomic
def take_back_step(*, step: ReportStep, reason: str, actor: audit.Actor, now: datetime | None = None) -> ReportStep:
    """A step that was recorded by mistake counts no longer; it stays as evidence with the reason."""
    now = begin(actor, now)
    step.refresh_from_db()
    why = clean_text(reason)
    if not why:
        raise ValidationError({"reason": _("Say why it does not count.")})
    require_length(why, WORDS_MAX, "reason")
    if step.update_id or step.step == Step.AUTO_ACKNOWLEDGEMENT:
        raise ValidationError({"reason": _("What was published or sent did happen: it cannot be taken back.")})
    if step.taken_back_at:
        return step
    step.taken_back_at, step.taken_back_reason = now, why
    require_in_turn([each for each in log_of(first_of(step.report)) if each.pk != step.pk])
    step.save(update_fields=["taken_back_at", "taken_back_reason"])
    regroup(members_of(step.report), now)
    note(actor, "take_back_report_step", step.report, now, before={"step": step.step}, after={"reason": why})
    return step


def of_press(key: str | None, report: ClientReport, step: Step, words: str) -> ReportStep | None:
    """What an earlier press of the same button recorded."""
    found = ReportStep.objects.select_related("report").filter(idempotency_key=key).first() if key else None
    steps = {step, Step.RESPONSE} if step == Step.PROGRESS_REPORT else {step}
    if found and (found.step not in steps or found.words != words or found.report not in members_of(report)):
        raise FormUsed(_("This form was sent before, with other words. Nothing new was recorded."))
    return found


# --- What can have happened -------------------------------------------------------------------


def by_hand(step: str) -> Step:
    kind = one_of(Step, step, "step")
    if kind not in BY_HAND:
        raise ValidationError({"step": _("%(value)s is not known here.") % {"value": kind.value}})
    return kind


def past(at: datetime | None, first: ClientReport, now: datetime) -> datetime:
    """When it happened: between the report and now."""
    then = moment(at, "at") if at else now
    if then > now:
        raise ValidationError({"at": _("This lies in the future.")})
    if then < first.reported_at:
        raise ValidationError({"at": _("This is before the failure was reported.")})
    return then


def require_possible(row: ReportStep, first: ClientReport) -> None:
    """Nothing happens to what is over, but for the client's answer; and nobody answers without being asked."""
    if first.declined_at:
        raise ValidationError({"step": _("This report was declined.")})
    is_over = first.resolved_at is not None and (row.step == Step.RESOLVED or row.at > first.resolved_at)
    if is_over and row.step != Step.CLIENT_ANSWERED:
        raise ValidationError({"step": _("This failure is resolved. If it is back, take the resolution back first.")})
    require_in_turn([*log_of(first), row])


def require_in_turn(steps: Iterable[ReportStep]) -> None:
    """Waiting and answers alternate; else no pause could be told from the next."""
    is_waiting = False
    for each in sorted(steps, key=lambda step: step.at):
        if each.step not in {Step.WAITING_FOR_CLIENT, Step.CLIENT_ANSWERED}:
            continue
        asks = each.step == Step.WAITING_FOR_CLIENT
        if asks and is_waiting:
            raise ValidationError({"step": _("The client is waited for already.")})
        if not asks and not is_waiting:
            raise ValidationError({"step": _("The client was not waited for then.")})
        is_waiting = asks


def log_of(first: ClientReport) -> list[ReportStep]:
    """What stands of the whole failure."""
    members = [each.pk for each in members_of(first)]
    return list(ReportStep.objects.filter(report__in=members, taken_back_at=None).order_by("at", "pk"))


def told_as(kind: Step, first: ClientReport) -> Step:
    """A person's first word to the client is the response, whatever else it reports."""
    if kind != Step.PROGRESS_REPORT or any(each.step == Step.RESPONSE for each in log_of(first)):
        return kind
    return Step.RESPONSE


# --- What people publish ----------------------------------------------------------------------


def follow_update(update: IncidentUpdate, word: Word) -> None:
    """Record what an incident's update is to the failures that clients reported as this incident.

    A person's first word is the response, each further one a progress report, by whatever door the last is the
    resolution. An incident that is opened again within a day had not been resolved.
    """
    for first in failures_of(update.incident):
        if update.incident.is_open and first.resolved_at:
            reopen(first, word.at)
        if first.resolved_at is None and (kind := step_of(update, first, word)):
            store(first, kind, update, word)


def failures_of(incident: Incident) -> list[ClientReport]:
    """Each failure that this incident is, by the report that stands for it."""
    reports = incident.client_reports.filter(declined_at=None).select_related("failure").order_by("reported_at", "pk")
    return list({first.pk: first for first in map(first_of, reports)}.values())


def step_of(update: IncidentUpdate, first: ClientReport, word: Word) -> Step | None:
    if update.status == IncidentStatus.RESOLVED:
        return Step.RESOLVED
    if update.status == IncidentStatus.POSTMORTEM or word.actor.source != PERSON:
        return None
    return told_as(Step.PROGRESS_REPORT, first)


def store(first: ClientReport, kind: Step, update: IncidentUpdate, word: Word) -> None:
    facts = {"report": first, "step": kind, "at": word.at, "recorded_at": word.at, "author": word.actor.user}
    ReportStep.objects.create(update=update, **facts)
    if kind == Step.RESOLVED:
        regroup(members_of(first), word.at)


def reopen(first: ClientReport, at: datetime) -> None:
    if first.resolved_at and at - first.resolved_at <= SAME_WITHIN:
        members = members_of(first)
        take_back([each.pk for each in members], at, at, _("The incident was opened again."))
        regroup(members, at)
        first.refresh_from_db()
