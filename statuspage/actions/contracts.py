"""Contracts: what is agreed with a client from when until when. Nothing here is published."""

from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from statuspage import audit, selectors
from statuspage.models import Client, Contract, ContractVersion, Publication
from statuspage.roles import Ability

from .agreed import Agreed
from .base import NAME_MAX, FormUsed, body_text, claim_version, title
from .clients import create_client, reference_taken
from .versions import Press, append, end_at, facts_of, in_force, term_of, withdraw


@transaction.atomic
def create_contract(
    *,
    client: Client,
    name: str,
    starts_on: date,
    agreed: Agreed,
    actor: audit.Actor,
    ends_on: date | None = None,
    key: str | None = None,
    now: datetime | None = None,
) -> Contract:
    """Record a contract from `starts_on` on; `ends_on` is the first day without it. The same `key` again records none.

    Raises FormUsed where the key belongs to another contract.
    """
    actor.require(Ability.SERVICE_LEVELS)
    Publication.objects.lock()
    press, name = Press(actor=actor, now=now or selectors.database_now(), key=key), title(name)
    if earlier := of_press(key, name=name):
        return earlier.contract
    if Contract.objects.filter(name=name).exists():
        raise ValidationError({"name": _("There is a contract %(name)s already.") % {"name": name}})
    term = term_of(starts_on, ends_on, agreed.time_zone)
    contract = Contract.objects.create(client=client, name=name, created_at=press.now, updated_at=press.now)
    version = append(contract, term, agreed, press)
    note("create_contract", contract, press, after={"name": name, "client": client.pk, **facts_of(version)})
    return contract


@transaction.atomic
def sign_contract(*, client_name: str, client_reference: str, actor: audit.Actor, **facts: Any) -> Contract:
    """Record a contract with the client of that reference, who is added where there is none yet.

    `facts` are those of `create_contract`.
    """
    actor.require(Ability.SERVICE_LEVELS)
    Publication.objects.lock()
    name, reference = title(client_name, "client_name"), title(client_reference, "client_reference")
    client = Client.objects.filter(reference=reference).first()
    if client and client.name != name:
        raise ValidationError({"client_reference": reference_taken(client)})
    client = client or create_client(name=name, reference=reference, actor=actor, now=facts.get("now"))
    return create_contract(client=client, actor=actor, **facts)


@transaction.atomic
def change_contract(
    *,
    contract: Contract,
    starts_on: date,
    agreed: Agreed,
    actor: audit.Actor,
    ends_on: date | None = None,
    expected_version: int | None = None,
    key: str | None = None,
    now: datetime | None = None,
) -> ContractVersion:
    """Record what is agreed from a date on, until the next recorded change or the end of the term.

    Raises StaleEdit where somebody changed the contract since `expected_version`.
    """
    actor.require(Ability.SERVICE_LEVELS)
    Publication.objects.lock()
    if earlier := of_press(key, pk=contract.pk):
        return earlier
    press = Press(actor=actor, now=now or selectors.database_now(), key=key)
    term = term_of(starts_on, ends_on, agreed.time_zone)
    _require_held(contract, "starts_on")
    claim_version(contract, expected_version, {"updated_at": press.now})
    held = selectors.contract_at(contract, term.valid_from)
    version = append(contract, term, agreed, press)
    note("change_contract", contract, press, before=held and facts_of(held), after=facts_of(version))
    return version


@transaction.atomic
def end_contract(
    *,
    contract: Contract,
    ends_on: date,
    actor: audit.Actor,
    expected_version: int | None = None,
    now: datetime | None = None,
) -> Contract:
    """End a contract: `ends_on` is the first day without it. Changes recorded for later are withdrawn."""
    actor.require(Ability.SERVICE_LEVELS)
    Publication.objects.lock()
    press = Press(actor=actor, now=now or selectors.database_now())
    _require_held(contract, "ends_on")
    claim_version(contract, expected_version, {"updated_at": press.now})
    end_at(in_force(contract), ends_on, press.now)
    note("end_contract", contract, press, after={"ends_on": str(ends_on)})
    return contract


@transaction.atomic
def void_contract(
    *,
    contract: Contract,
    reason: str,
    actor: audit.Actor,
    expected_version: int | None = None,
    now: datetime | None = None,
) -> Contract:
    """Take a contract back that was recorded by mistake: no version of it ever held, and its name is free again.

    Only while nothing rests on it: what a client was told or granted is evidence. Its versions stay, withdrawn.
    """
    actor.require(Ability.SERVICE_LEVELS)
    Publication.objects.lock()
    press, why = Press(actor=actor, now=now or selectors.database_now()), body_text(reason, "reason")
    _require_held(contract, "reason")
    if any(
        rows.exists() for rows in (contract.statements, contract.reports, contract.claims, contract.refund_decisions)
    ):
        said = _("Statements, reports, claims or refunds rest on this contract: end it instead.")
        raise ValidationError({"reason": said})
    name = contract.name
    freed = f"{name[: NAME_MAX - len(contract.pk) - 3]} ({contract.pk})"
    claim_version(contract, expected_version, {"updated_at": press.now, "name": freed})
    for version in in_force(contract):
        withdraw(version, press.now)
    note("void_contract", contract, press, before={"name": name}, after={"reason": why})
    return contract


def _require_held(contract: Contract, field: str) -> None:
    if not in_force(contract):
        said = _("This contract was recorded by mistake: nothing of it was ever in force.")
        raise ValidationError({field: said})


def of_press(key: str | None, **facts: str) -> ContractVersion | None:
    """What an earlier press of the same button recorded. Raises FormUsed where that was of another contract."""
    found = ContractVersion.objects.select_related("contract").filter(key=key).first() if key else None
    if found and any(getattr(found.contract, name) != value for name, value in facts.items()):
        raise FormUsed(_("This form was sent before, with other words. Nothing new was recorded."))
    return found


def note(act: str, contract: Contract, press: Press, **facts: Any) -> None:
    audit.record(actor=press.actor, action=act, kind="contract", object_id=contract.pk, at=press.now, **facts)
