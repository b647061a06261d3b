"""Failures that readers report as somebody's clients, by the page: taken, and matched by the e-mail address alone.

Not behind the writers' lock, as all that readers send. Whoever asks learns nothing: an address that is a contact
of a contract and one that is nobody's run the same statements, get the same answer and the same letter
(docs/security.md). A reference alone proves nothing: it stays a claim that staff look at.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from statuspage.models import AuditEntry, ClientReport, ContractContact, ContractCoverage, ContractVersion, Incident
from statuspage.text import clean_line
from statuspage.vocabulary import ReportChannel

from .base import NAME_MAX, claim_version, known_components
from .report_details import Said, lacking, new_number
from .report_letters import acknowledge
from .reports import HOUR, PER_HOUR, PER_NETWORK_HOUR, TooMany

NOBODY = [0]
"""No row has this key: what finds nobody asks as many questions as what finds somebody."""
ADDED = ("claimed_client", "claimed_incident_id", "affected_messages", "total_messages")
"""What a client may not have said at first: columns, empty until somebody says it."""


@dataclass(frozen=True, kw_only=True)
class Claim:
    """What somebody says who names an e-mail address. `network` and `language` are the request's."""

    email: str
    what: str
    since: datetime
    network: str
    language: str
    component: str = ""
    reference: str = ""
    incident: str = ""
    affected_messages: int | None = None
    total_messages: int | None = None


@transaction.atomic
def claim_report(*, claim: Claim, now: datetime) -> ClientReport:
    """Keep it, find out whose it is, and have its number sent. The same words within the hour are one report.

    What the repeat says besides is added to it; what says otherwise is a report of its own. Raises ValidationError
    naming the field, TooMany beyond the limits of readers' reports.
    """
    report = draft(claim, now)
    if known := kept_before(report, now):
        return known
    require_room(report.network_key, now)
    held, is_new = ClientReport.objects.get_or_create(key=report.key, defaults=columns_of(report))
    if is_new:
        acknowledge(held, now, network=claim.network)
    return held


def draft(claim: Claim, now: datetime) -> ClientReport:
    """The checked report, with its contract and service where the address tells them; properly reported if complete."""
    counts = {name: getattr(claim, name) for name in ("affected_messages", "total_messages")}
    said = Said(
        channel=ReportChannel.PAGE, what=claim.what, since=claim.since, contact_email=claim.email, **counts
    ).columns(now)
    for field, why in (
        ("what", _("Say in a sentence what does not work.")),
        ("contact_email", _("Give an e-mail address.")),
    ):
        if not said[field]:
            raise ValidationError({field: why})
    place = known_components([claim.component], "component")[claim.component] if claim.component else None
    report = ClientReport(number=new_number(), component=place, reported_at=now, created_at=now, updated_at=now, **said)
    report.claimed_client, report.language = clean_line(claim.reference)[:NAME_MAX], claim.language
    report.network_key = hashed("network", claim.network)
    report.claimed_incident = Incident.objects.filter(pk=claim.incident).first()
    report.key = key_of(report, now)
    name_client(report, now)
    return report


def key_of(report: ClientReport, now: datetime) -> str:
    """Of all that somebody says, and the hour: presses at one instant are one report."""
    said = [report.network_key, report.contact_email.lower(), report.component_id, report.what, str(ago(report))]
    return hashed("words", repr([*said, *(getattr(report, name) for name in ADDED), f"{now:%Y%m%d%H}"]))


def hashed(kind: str, value: str) -> str:
    return salted_hmac(f"statuspage.reports.{kind}", value, algorithm="sha256").hexdigest()


def columns_of(report: ClientReport) -> dict[str, object]:
    names = [each.attname for each in ClientReport._meta.concrete_fields if each.name not in {"id", "key"}]
    return {name: getattr(report, name) for name in names}


# --- Said before ------------------------------------------------------------------------------


def kept_before(report: ClientReport, now: datetime) -> ClientReport | None:
    """The report of the last hour that this one repeats, with what this one adds; None: it is to be kept itself.

    What staff have worked on is not changed under their hands: what adds to that is a report of its own.
    """
    recent = ClientReport.objects.filter(created_at__gt=now - HOUR, network_key=report.network_key)
    same = recent.filter(contact_email=report.contact_email, what=report.what, component=report.component)
    for held in same.select_for_update().order_by("created_at", "pk"):
        if contradicts(held, report):
            continue
        more = added(held, report)
        if not more:
            return held
        if not AuditEntry.objects.filter(object_kind="client_report", object_id=held.pk).exists():
            claim_version(held, None, {**more, "updated_at": now})
            return held
    return None


def contradicts(held: ClientReport, report: ClientReport) -> bool:
    """Whether they cannot both be true: something is said otherwise, or the counts do not fit together."""
    both = [(getattr(held, name), getattr(report, name)) for name in ADDED]
    affected, total = (first if first is not None else then for first, then in both[-2:])
    is_same_time = held.since == report.since or ago(held) == ago(report)
    is_other = any(first != then for first, then in both if not (is_empty(first) or is_empty(then)))
    return is_other or not is_same_time or (affected is not None and total is not None and affected > total)


def ago(report: ClientReport) -> timedelta | None:
    """As the form asks it: the same choice, pressed again, is another instant."""
    return report.reported_at - report.since if report.since else None


def is_empty(value: object) -> bool:
    return value in (None, "")


def added(held: ClientReport, report: ClientReport) -> dict[str, Any]:
    """Columns that `held` lacks. With the reference it may be known whose it is: complete it was when it came."""
    names = [name for name in ADDED if is_empty(getattr(held, name)) and not is_empty(getattr(report, name))]
    more = {name: getattr(report, name) for name in names}
    if held.contract_id is None and report.contract_id:
        more |= {"contract": report.contract, "service": report.service}
        more["completed_at"] = report.completed_at and held.reported_at
    return more


def require_room(network_key: str, now: datetime) -> None:
    recent = ClientReport.objects.filter(created_at__gt=now - HOUR).exclude(network_key="")
    if recent.filter(network_key=network_key).count() >= PER_NETWORK_HOUR or recent.count() >= PER_HOUR:
        raise TooMany(_("We have your reports, and are looking at them."))


# --- Whose it is ------------------------------------------------------------------------------


def name_client(report: ClientReport, now: datetime) -> None:
    """Contract and service, where exactly one contract in force has this contact and covers the place."""
    versions = versions_with(report.contact_email, report.claimed_client, now)
    coverages = list(
        ContractCoverage.objects.filter(service__version__in=[each.pk for each in versions] or NOBODY)
        .select_related("service")
        .order_by("service__position", "pk")
    )
    if report.component_id:
        coverages = [each for each in coverages if each.component_id == report.component_id]
    contracts = {each.contract_id for each in coverages} or {each.contract_id for each in versions}
    if len(contracts) != 1:
        return
    (version,) = [each for each in versions if each.contract_id in contracts]
    report.contract, report.service = version.contract, service_of(coverages, report)
    report.completed_at = None if lacking(report, version) else report.reported_at


def versions_with(email: str, reference: str, now: datetime) -> list[ContractVersion]:
    """What is in force now with this contact; of the client of that reference, where one is given."""
    in_force = Q(version__withdrawn_at=None, version__valid_from__lte=now)
    rows = ContractContact.objects.filter(in_force, email__iexact=email)
    rows = rows.filter(Q(version__valid_until=None) | Q(version__valid_until__gt=now))
    found: Iterable[ContractContact] = rows.select_related("version__contract__client")
    versions = {each.version_id: each.version for each in found}.values()
    wanted = reference.casefold()
    return [each for each in versions if wanted in {"", each.contract.client.reference.casefold()}]


def service_of(coverages: Sequence[ContractCoverage], report: ClientReport) -> str:
    """The service that covers the place, the first of them; without a place the only one there is."""
    names = list(dict.fromkeys(each.service.name for each in coverages))
    return names[0] if names and (report.component_id or len(names) == 1) else ""
