"""Contract types: the two that are shipped, stored when the first client has them, and staff's own with other figures.

A type is never changed, since contracts were signed on its figures: other figures are another type.
"""

from datetime import datetime, timedelta
from fractions import Fraction

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from statuspage import audit, contracted, selectors
from statuspage.models import ContractType, Publication
from statuspage.roles import Ability
from statuspage.sla.contracts import CONTRACTS, NEVER_COUNTED, Contract
from statuspage.vocabulary import Cause, Severity

from .base import title, zone_name

EXCLUDABLE = frozenset({Cause.THIRD_PARTY, Cause.BEYOND_CONTROL})
"""Causes that a contract may or may not count; planned maintenance and the client's own never are."""


@transaction.atomic
def create_contract_type(
    *,
    name: str,
    terms: Contract,
    time_zone: str,
    actor: audit.Actor,
    key: str | None = None,
    now: datetime | None = None,
) -> ContractType:
    """Keep a type of contract with figures of its own; `terms.name` does not matter. The same `key` again adds none."""
    actor.require(Ability.SERVICE_LEVELS)
    Publication.objects.lock()
    if earlier := ContractType.objects.filter(key=key).first() if key else None:
        return earlier
    name = free_name(name)
    require_usable(terms)
    return keep(name, terms, actor, now or selectors.database_now(), time_zone=zone_name(time_zone), key=key)


def stored_type(name: str, actor: audit.Actor, now: datetime) -> ContractType:
    """The type of this id, or the row of this preset; call inside an action. A preset whose figures changed in a
    release is another row: contracts keep the figures they were signed on.
    """
    if name not in CONTRACTS:
        found = ContractType.objects.filter(pk=name, preset="").first()
        if found is None:
            raise ValidationError({"type": _("There is no contract type %(name)s.") % {"name": name[:64]}})
        return found
    for row in ContractType.objects.filter(preset=name):
        if contracted.terms_of(row) == CONTRACTS[name]:
            return row
    return keep(name, CONTRACTS[name], actor, now, preset=name)


def keep(name: str, terms: Contract, actor: audit.Actor, now: datetime, **columns: object) -> ContractType:
    row = ContractType(name=name, created_at=now, **contracted.columns_of(terms), **columns)
    row.save(force_insert=True)
    after = {"name": name, **contracted.columns_of(terms)}
    audit.record(
        actor=actor, action="create_contract_type", kind="contract_type", object_id=row.pk, at=now, after=after
    )
    return row


# --- What figures can be ----------------------------------------------------------------------


def free_name(value: str) -> str:
    name = title(value)
    if name in CONTRACTS or ContractType.objects.filter(name=name).exists():
        raise ValidationError({"name": _("There is a contract type %(name)s already.") % {"name": name}})
    return name


def require_usable(terms: Contract) -> None:
    """Refuse figures that no contract can mean, by field and value."""
    for share in terms.targets.values():
        require_share(share, "targets")
    if not terms.targets or (None in terms.targets and len(terms.targets) > 1):
        raise ValidationError({"targets": _("Give one target, or one for each way of connecting.")})
    if odd := terms.not_counted - EXCLUDABLE - NEVER_COUNTED:
        raise ValidationError({"not_counted": _("%(value)s is always counted.") % {"value": min(odd)}})
    require_credits(terms)
    require_clocks(terms)
    require_refunds(terms)


def require_share(share: Fraction, field: str) -> None:
    if not 0 < share <= 1:
        said = _("%(value)s %% is no share: more than 0, at most 100.")
        raise ValidationError({field: said % {"value": contracted.per_cent(share)}})


def require_credits(terms: Contract) -> None:
    """Bands from the target down to 0, each below the one before; by months, since credits are claimed by months."""
    if not terms.bands:
        return
    if terms.is_yearly:
        raise ValidationError({"bands": _("Credits go by calendar months: a yearly target has none.")})
    edges = [max(terms.targets.values()), *(band.at_least for band in terms.bands)]
    for better, worse in zip(edges, edges[1:], strict=False):
        if worse >= better:
            words = {"worse": contracted.per_cent(worse), "better": contracted.per_cent(better)}
            raise ValidationError({"bands": _("A band from %(worse)s %% does not lie below %(better)s %%.") % words})
    if edges[-1] != 0:
        said = _("The last band begins at 0 %%, not at %(value)s %%: a worse month would earn nothing.")
        raise ValidationError({"bands": said % {"value": contracted.per_cent(edges[-1])}})
    if any(band.days < 1 for band in terms.bands):
        raise ValidationError({"bands": _("A band earns one day at least.")})
    for field in ("claim_days", "most_days"):
        if getattr(terms, field) < 1:
            raise ValidationError({field: _("With credits this is one day at least.")})


def require_clocks(terms: Contract) -> None:
    """All severities or none."""
    if not terms.severities:
        return
    if set(terms.severities) != set(Severity):
        raise ValidationError({"severities": _("Give the limits of every severity, or of none.")})
    for severity, limits in terms.severities.items():
        if any(span is not None and span <= timedelta() for span in vars(limits).values()):
            said = _("A limit of severity %(name)s is not longer than nothing.")
            raise ValidationError({"severities": said % {"name": severity.name}})


def require_refunds(terms: Contract) -> None:
    """One rule a severity."""
    named = [rule.severity for rule in terms.refunds]
    if len(set(named)) < len(named):
        raise ValidationError({"refunds": _("Give one rule for each severity.")})
    for rule in terms.refunds:
        if rule.dates < 1:
            raise ValidationError({"refunds": _("Failures are counted within one day at least.")})
        if rule.share is not None:
            require_share(rule.share, "refunds")
