"""The link by which a client reads its statement: signed, without an end, void when the contract's links are withdrawn.

It names the contract, the period, one version where asked, and the version of the contract's links. Nothing of it is
stored, so that a copy of the database has no links in it.
"""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core import signing

from statuspage.models import Contract, StatementLink

SALT = "statuspage.statements.link"


@dataclass(frozen=True)
class Link:
    """What a link opens; `number` None: whatever is the newest."""

    contract: Contract
    key: str
    number: int | None


def address(link: StatementLink, key: str, number: int | None = None) -> str:
    token = signing.dumps([link.contract_id, key, number, link.version], salt=SALT)
    return f"{settings.SITE_URL}/statements/{token}"


def opened(token: str) -> Link | None:
    """None where it was not made here, or was withdrawn."""
    try:
        contract, key, number, version = signing.loads(token, salt=SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    held = StatementLink.objects.select_related("contract__client").filter(contract=contract)
    row = held.filter(version=version, is_open=True).first()
    return Link(row.contract, key, number) if row else None


def file_name(figures: dict[str, Any], kind: str) -> str:
    """ "statement-2026-04.pdf": no name of a client in it, since names may be anything."""
    return f"statement-{figures['period']['key']}.{kind}"
