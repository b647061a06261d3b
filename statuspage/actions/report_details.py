"""What a client's report says, checked; and what it still lacks to be properly reported."""

import secrets
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.utils.translation import gettext as _

from statuspage import selectors
from statuspage.models import ClientReport, Contract, ContractVersion
from statuspage.text import clean_line, clean_text
from statuspage.vocabulary import ReportChannel

from .base import NAME_MAX, moment, one_of, require_length

WHAT_MAX = 2_000
"""Characters, as readers' reports have."""
MOST_MESSAGES = 10**15
LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Nothing that is misheard on the phone or misread: 30 of them, eight in a number, so that none can be guessed."""


@dataclass(frozen=True, kw_only=True)
class Said:
    """A report in the client's words; empty is what nobody said yet. `since` is an instant.

    `affected_messages` of `total_messages` were hit, of this client and while the failure went on.
    """

    channel: str
    service: str = ""
    what: str = ""
    since: datetime | None = None
    affected_messages: int | None = None
    total_messages: int | None = None
    contact_name: str = ""
    contact_email: str = ""

    def columns(self, reported_at: datetime) -> dict[str, Any]:
        """The same, cleaned. Raises ValidationError naming the field."""
        affected, total = (
            count(self.affected_messages, "affected_messages"),
            count(self.total_messages, "total_messages"),
        )
        if affected is not None and total is not None and affected > total:
            raise ValidationError({"affected_messages": _("No more messages can be affected than were sent.")})
        what = clean_text(self.what)
        require_length(what, WHAT_MAX, "what")
        return {
            "channel": one_of(ReportChannel, self.channel, "channel").value,
            "service": clean_line(self.service)[:NAME_MAX],
            "what": what,
            "since": began(self.since, reported_at),
            "affected_messages": affected,
            "total_messages": total,
            "contact_name": clean_line(self.contact_name)[:NAME_MAX],
            "contact_email": mailbox(self.contact_email),
        }


def said_of(report: ClientReport) -> Said:
    """What a report says as it is stored."""
    return Said(**{each.name: getattr(report, each.name) for each in fields(Said)})


def count(value: int | None, field: str) -> int | None:
    if value is not None and not 0 <= value <= MOST_MESSAGES:
        raise ValidationError({field: _("Give a number of messages.")})
    return value


def began(since: datetime | None, reported_at: datetime) -> datetime | None:
    if since is None:
        return None
    start = moment(since, "since")
    if start > reported_at:
        raise ValidationError({"since": _("It cannot have begun after it was reported.")})
    return start


def mailbox(text: str) -> str:
    """An e-mail address as typed, or nothing."""
    address = clean_line(text)
    if not address:
        return ""
    try:
        EmailValidator()(address)
    except ValidationError:
        raise ValidationError({"contact_email": _("Give an e-mail address, such as name@example.com.")}) from None
    require_length(address, 254, "contact_email")
    return address


# --- Whether it is complete -------------------------------------------------------------------


def version_at(contract: Contract | None, reported_at: datetime) -> ContractVersion | None:
    """What was agreed when it was reported. Raises ValidationError where no contract was in force."""
    if contract is None:
        return None
    version = selectors.contract_at(contract, reported_at)
    if version is None:
        raise ValidationError({"contract": _("%(name)s was not in force at that time.") % {"name": contract}})
    return version


def require_service(service: str, version: ContractVersion | None) -> None:
    """A service is one of the contract's."""
    if service and version and not version.services.filter(name=service).exists():
        raise ValidationError({"service": _("%(name)s is no service of this contract.") % {"name": service}})


def lacking(report: ClientReport, version: ContractVersion | None) -> list[str]:
    """Which facts stand between this report and being properly reported: names of its fields.

    Message counts are not asked for: while it fails nobody knows them, and they matter for a refund alone.
    """
    missing = [
        name
        for name in ("contract", "service", "what", "since")
        if not getattr(report, f"{name}_id" if name == "contract" else name)
    ]
    if version and report.channel not in version.report_channels:
        missing.append("channel")
    return missing


def new_number() -> str:
    """An acknowledgement number such as 7K2M-9QXR."""
    drawn = [secrets.choice(LETTERS) for _each in range(8)]
    return "".join([*drawn[:4], "-", *drawn[4:]])
