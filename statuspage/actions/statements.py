"""Statements of service levels: frozen after their period, frozen again where the record was put right; their links."""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from statuspage import audit, selectors
from statuspage.models import Contract, FrozenStatement, Publication, StatementLink, StatementSweep
from statuspage.roles import Ability
from statuspage.statements import due
from statuspage.statements.canonical import digest
from statuspage.statements.carried import carried
from statuspage.statements.differences import Correction, correction_of, differences, is_correction
from statuspage.statements.figures import Computed, computed
from statuspage.statements.gather import Gathered, gather
from statuspage.statements.printed import compute
from statuspage.text import clean_text

from .base import StaleEdit, require_length

logger = logging.getLogger(__name__)

EVERY = timedelta(minutes=1)
"""How often the record is looked at: a statement may be a minute late."""
MOST = 200
"""Statements a sweep: other work of the sweep waits for it. What a change touches beyond that is next."""
REASON_MAX = 2_000


def freeze_due(now: datetime | None = None) -> int:
    """Freeze what is over, and again what has other facts by now; how many were made.

    Any number of copies may run: the first one takes the turn, and what two compute all the same is stored once.
    """
    now = now or selectors.database_now()
    since = take_turn(now)
    if since is None:
        return 0
    made = sum(attempt(freeze, each, now) for each in due.to_freeze(now, MOST))
    held, is_all = due.to_check(since, now, MOST)
    made += sum(look(each, now) for each in held)
    if is_all:
        StatementSweep.objects.filter(seen_at__lt=now).update(seen_at=now)
    return made


def attempt(step: Callable[[due.Due, datetime], int], asked: due.Due, now: datetime) -> int:
    """A period that cannot be computed stops neither another one nor the sweep; it is tried again."""
    try:
        return step(asked, now)
    except Exception:
        logger.exception("statements of %s could not be frozen", asked.key)
        return 0


def look(asked: due.Due, now: datetime) -> int:
    """Check, and note it whatever came of it: what has no facts by now, or impossible ones, keeps no other waiting."""
    made = attempt(check, asked, now)
    rows = due.newest().filter(period=asked.key, contract__in=asked.contracts)
    rows.filter(checked_at__lt=now).update(checked_at=now)
    return made


def take_turn(now: datetime) -> datetime | None:
    """Since when changes are to be looked at; None: somebody did a moment ago."""
    held = StatementSweep.objects.first()
    if held is None:
        with transaction.atomic():
            Publication.objects.lock()
            if not StatementSweep.objects.exists():
                StatementSweep.objects.create(seen_at=now, taken_at=now)
                return now
        return None
    if now - held.taken_at < EVERY:
        return None
    rows = StatementSweep.objects.filter(pk=held.pk, taken_at=held.taken_at)
    return held.seen_at if rows.update(taken_at=now) else None


# --- Freezing -----------------------------------------------------------------------------------------


def freeze(asked: due.Due, now: datetime) -> int:
    """The first versions of one period; how many were made."""
    found = gather(rows(asked), asked.key, now)
    return sum(store_first(each, now) is not None for each in computed(found.values()))


def check(asked: due.Due, now: datetime) -> int:
    """The next versions of a period, where a row was put right since it was frozen; how many were made."""
    found = gather(rows(asked), asked.key, now)
    held = {each.contract_id: each for each in due.newest().filter(period=asked.key, contract__in=asked.contracts)}
    kept = {pk: carried(each, held[pk].inputs, held[pk].figures) for pk, each in found.items() if pk in held}
    changed = [each for pk, each in kept.items() if is_corrected(each, held[pk])]
    return sum(store_next(each, held[each.gathered.contract.pk], now) is not None for each in computed(changed))


def rows(asked: due.Due) -> Iterable[Contract]:
    return Contract.objects.filter(pk__in=asked.contracts).select_related("client")


def is_corrected(found: Gathered, held: FrozenStatement) -> bool:
    """Whether a row was put right. What else differs is carried over, or for staff to freeze."""
    inputs, known = digest(found.inputs)
    return known != held.digest and any(is_correction(each) for each in differences(held.inputs, inputs))


@transaction.atomic
def store_first(found: Computed, now: datetime) -> FrozenStatement | None:
    """None: there is one."""
    Publication.objects.lock()
    contract, key = found.gathered.contract, found.gathered.inputs.period_key
    if FrozenStatement.objects.filter(contract=contract, period=key).exists():
        return None
    return store(found, 1, audit.SYSTEM, now)


@transaction.atomic
def store_next(
    found: Computed,
    held: FrozenStatement,
    now: datetime,
    *,
    actor: audit.Actor = audit.SYSTEM,
    reason: str = "",
) -> FrozenStatement | None:
    """The version after `held`; None: somebody made it meanwhile. Without a reason it is the correction's own."""
    Publication.objects.lock()
    newer = FrozenStatement.objects.filter(contract=held.contract_id, period=held.period, number__gt=held.number)
    if newer.exists():
        return None
    given = correction_of(held.contract_id, differences(held.inputs, found.inputs))
    said = Correction(reason, actor.user) if reason else given
    return store(found, held.number + 1, actor, now, said)


def store(
    found: Computed, number: int, actor: audit.Actor, now: datetime, said: Correction | None = None
) -> FrozenStatement:
    statement, inputs = found.statement, found.gathered.inputs
    author = said.author if said else None
    row = FrozenStatement.objects.create(
        contract=found.gathered.contract,
        period=inputs.period_key,
        starts_at=inputs.period.start,
        ends_at=inputs.period.end,
        number=number,
        digest=found.digest,
        inputs=found.inputs,
        figures=found.figures,
        total_seconds=found.figures["total_seconds"],
        counted_seconds=found.figures["counted_seconds"],
        is_met=statement.is_met,
        credit_days=statement.credit_days,
        reason=said.reason if said else "",
        author=author,
        author_name=author.get_username() if author else "",
        frozen_at=now,
        checked_at=now,
    )
    note("freeze_statement", row.contract_id, actor, now, facts_of(row))
    return row


def facts_of(row: FrozenStatement) -> dict[str, Any]:
    return {
        "statement": row.pk,
        "period": row.period,
        "number": row.number,
        "digest": row.digest,
        "counted_seconds": str(row.counted_seconds),
        "reason": row.reason,
    }


def note(act: str, contract: str, actor: audit.Actor, now: datetime, after: dict[str, Any]) -> None:
    audit.record(actor=actor, action=act, kind="contract", object_id=contract, at=now, after=after)


# --- By staff -----------------------------------------------------------------------------------------


def make_version(
    *,
    contract: Contract,
    key: str,
    number: int,
    actor: audit.Actor,
    reason: str = "",
    as_it_stands: bool = False,
    now: datetime | None = None,
) -> FrozenStatement:
    """The version after `number`, where a row was put right since; without a reason, the correction's.

    `as_it_stands`: with what is no correction too, notice by today's ledger and today's third parties, which takes a
    reason. Raises ValidationError where nothing has changed, StaleEdit where there is a newer version.
    """
    actor.require(Ability.SERVICE_LEVELS)
    now, why = now or selectors.database_now(), clean_text(reason)
    require_length(why, REASON_MAX, "reason")
    if as_it_stands and not why:
        raise ValidationError({"reason": _("Say why.")})
    held = contract.statements.filter(period=key, number=number).first()
    if held is None or contract.statements.filter(period=key, number__gt=number).exists():
        raise newer_one()
    found = compute(contract, key, now, keeping=None if as_it_stands else held)
    if found.digest == held.digest:
        words = _("No row was put right since this version was frozen: there is nothing to make anew.")
        raise ValidationError({NON_FIELD_ERRORS: words})
    made = store_next(found, held, now, actor=actor, reason=why)
    if made is None:
        raise newer_one()
    return made


def newer_one() -> StaleEdit:
    return StaleEdit(_("There is a newer version of this statement by now. Nothing was made."))


@transaction.atomic
def open_links(*, contract: Contract, actor: audit.Actor, now: datetime | None = None) -> StatementLink:
    """Let whoever has a link read this contract's statements; links that were withdrawn stay so."""
    actor.require(Ability.SERVICE_LEVELS)
    Publication.objects.lock()
    now = now or selectors.database_now()
    row, is_new = StatementLink.objects.get_or_create(contract=contract, defaults={"changed_at": now})
    if is_new or not row.is_open:
        StatementLink.objects.filter(pk=row.pk).update(is_open=True, changed_at=now)
        row.refresh_from_db()
        note("open_statement_links", contract.pk, actor, now, {"version": row.version})
    return row


@transaction.atomic
def revoke_links(*, contract: Contract, actor: audit.Actor, now: datetime | None = None) -> None:
    """No link that was made so far works any more."""
    actor.require(Ability.SERVICE_LEVELS)
    Publication.objects.lock()
    now = now or selectors.database_now()
    row = StatementLink.objects.filter(contract=contract, is_open=True).first()
    if row is None:
        return
    StatementLink.objects.filter(pk=row.pk).update(version=row.version + 1, is_open=False, changed_at=now)
    note("revoke_statement_links", contract.pk, actor, now, {"version": row.version})
