"""What a type of contract promises, and what was agreed, in words for staff."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from statuspage import contracted
from statuspage.contracted import per_cent
from statuspage.labels import CAUSE, REPORT_CHANNEL, SEVERITY
from statuspage.models import ContractType, ContractVersion, ServiceKind
from statuspage.publishing.times import duration
from statuspage.sla.clocks import Targets
from statuspage.sla.contracts import NEVER_COUNTED, Contract, Redundancy, RefundRule
from statuspage.vocabulary import Severity

Line = tuple[str, str]
"""What it is about, and what it says."""

PRESET: dict[str, Promise] = {"enterprise": _("Enterprise"), "platform": _("Messaging platform")}
CONNECTION: dict[str, Promise] = {
    Redundancy.SINGLE.value: _("Single gateway"),
    Redundancy.REDUNDANT.value: _("Redundant gateways"),
}


def type_name(row: ContractType) -> str:
    return str(PRESET.get(row.preset, row.name))


def joined(texts: Iterable[Any]) -> str:
    return _now(", ").join(str(each) for each in texts)


# --- A type -----------------------------------------------------------------------------------


def promises(terms: Contract) -> list[Line]:
    """Everything that contracts of these terms promise, line by line."""
    return [*availability(terms), *credits(terms), *clocks(terms), *refunds(terms)]


def availability(terms: Contract) -> Iterator[Line]:
    said = (
        _now("%(share)s %% of each calendar year") if terms.is_yearly else _now("%(share)s %% of each calendar month")
    )
    for redundancy, share in terms.targets.items():
        label = CONNECTION[redundancy.value] if redundancy else _now("Availability")
        yield str(label), said % {"share": per_cent(share)}
    if excluded := terms.not_counted - NEVER_COUNTED:
        yield _now("Not counted"), joined(CAUSE[each] for each in sorted(excluded))


def credits(terms: Contract) -> Iterator[Line]:
    """A line a band: below which availability so many days."""
    below = max(terms.targets.values())
    for band in terms.bands:
        said = ngettext("%(days)d day of credit", "%(days)d days of credit", band.days) % {"days": band.days}
        yield _now("Below %(share)s %%") % {"share": per_cent(below)}, said
        below = band.at_least
    if terms.bands:
        said = ngettext("within %(days)d day", "within %(days)d days", terms.claim_days)
        yield _now("Claimed"), said % {"days": terms.claim_days}
        said = ngettext("%(days)d day of credit", "%(days)d days of credit", terms.most_days)
        yield _now("A month at the most"), said % {"days": terms.most_days}


def clocks(terms: Contract) -> Iterator[Line]:
    for severity in Severity:
        if limits := terms.severities.get(severity):
            yield str(SEVERITY[severity]), clock(limits)


def clock(limits: Targets) -> str:
    words = {name: duration(span) for name, span in vars(limits).items() if span}
    if limits.progress is None:
        return _now("response in %(response)s, fixed in %(fix)s") % words
    return _now("response in %(response)s, fixed in %(fix)s, a report every %(progress)s") % words


def refunds(terms: Contract) -> Iterator[Line]:
    for rule in terms.refunds:
        yield _now("Refund"), refund(rule)


def refund(rule: RefundRule) -> str:
    words: dict[str, Any] = {"more": rule.more_than, "severity": SEVERITY[rule.severity]}
    words["span"] = duration(timedelta(days=rule.dates))
    if rule.share is None:
        return _now("failures of %(severity)s within %(span)s: more than %(more)d") % words
    words["share"] = per_cent(rule.share)
    said = _now(
        "failures of %(severity)s within %(span)s, each with %(share)s %% of the messages or more: more than %(more)d"
    )
    return said % words


# --- A version --------------------------------------------------------------------------------


def agreed(version: ContractVersion) -> list[Line]:
    """What a version says, line by line; a part that is not agreed has no line."""
    lines: list[tuple[Any, Any]] = [
        (_now("Type"), type_name(version.type)),
        (_now("From"), version.starts_on),
        (_now("Until"), version.ends_on),
        (_now("Time zone"), version.time_zone),
        (_now("Connection"), CONNECTION.get(version.redundancy)),
        *services(version),
        (_now("Failures are reported by"), joined(REPORT_CHANNEL[each] for each in version.report_channels)),
        (_now("Contacts"), joined(contact_text(each) for each in version.contacts.all())),
        (_now("Subscription a month"), money(version)),
    ]
    return [(str(label), str(value)) for label, value in lines if value]


def services(version: ContractVersion) -> Iterator[Line]:
    for each in version.services.prefetch_related("components__group"):
        label = each.name if each.kind == ServiceKind.SERVICE else capfirst(each.get_kind_display())
        yield str(label), joined(component.full_name for component in each.components.all())


def contact_text(contact: Any) -> str:
    """As it is typed into the form."""
    return "; ".join(each for each in (contact.name, contact.email, contact.phone) if each)


def money(version: ContractVersion) -> str:
    return f"{version.subscription_amount} {version.subscription_currency}".strip()


def differences(before: list[Line], after: list[Line]) -> list[tuple[str, str, str]]:
    """Label, before and after of each line that is not the same; "" where there is none."""
    old, new = dict(before), dict(after)
    return [(label, old.get(label, ""), new.get(label, "")) for label in old | new if old.get(label) != new.get(label)]


def of_type(row: ContractType) -> list[Line]:
    return promises(contracted.terms_of(row))


def of_version(version: ContractVersion) -> list[Line]:
    """What its type promises to a client who is connected like this."""
    terms, way = contracted.terms_of(version.type), contracted.connection(version.redundancy)
    return promises(replace(terms, targets={way: terms.targets[way]}))
