"""What is agreed with a client: services, connection, channels, contacts, subscription; checked as a whole."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import phonenumbers
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.utils.translation import gettext as _
from phonenumbers import PhoneNumberFormat

from statuspage.contracted import GATEWAYS
from statuspage.models import ContractType, ServiceKind
from statuspage.sla.contracts import Redundancy
from statuspage.text import clean_line, clean_text
from statuspage.vocabulary import ReportChannel

from .base import known_components, one_of, title, zone_name

MOST_SERVICES = 100
MOST_CONTACTS = 50
REASON_MAX = 2_000
AMOUNT = re.compile(r"[0-9]{1,12}(\.[0-9]{1,4})?")
CURRENCY = re.compile("[A-Z]{3}")


@dataclass(frozen=True, kw_only=True)
class Service:
    """A service by name with the ids of the components it covers; or one of two gateways."""

    name: str
    components: Sequence[str]
    kind: str = ServiceKind.SERVICE


@dataclass(frozen=True, kw_only=True)
class Contact:
    """Somebody at the client, by e-mail (as typed), by phone (E.164 once checked), or both."""

    name: str = ""
    email: str = ""
    phone: str = ""

    def checked(self) -> "Contact":
        """Raises ValidationError naming what cannot be reached."""
        name, email, phone = clean_line(self.name)[:255], clean_line(self.email), clean_line(self.phone)
        if not email and not phone:
            said = _("%(name)s has neither an e-mail address nor a phone number.")
            raise ValidationError({"contacts": said % {"name": name or "—"}})
        return Contact(name=name, email=email and mailbox(email), phone=phone and number(phone))


@dataclass(frozen=True, kw_only=True)
class Agreed:
    """All that a version of a contract says, but for its dates. `type`: a preset's name or a type's id."""

    type: str
    services: Sequence[Service]
    time_zone: str = "UTC"
    redundancy: str = ""
    report_channels: Sequence[str] = ()
    contacts: Sequence[Contact] = ()
    subscription_amount: str = ""
    subscription_currency: str = ""
    reason: str = ""

    def checked(self, row: ContractType) -> "Agreed":
        """The same, cleaned. Raises ValidationError naming field and value."""
        require_connection(self.redundancy, row)
        return replace(
            self,
            time_zone=zone_name(self.time_zone),
            services=tuple(services(self.services, self.redundancy)),
            report_channels=channels(self.report_channels),
            contacts=tuple(contacts(self.contacts)),
            subscription_amount=amount(self.subscription_amount, self.subscription_currency),
            reason=clean_text(self.reason)[:REASON_MAX],
        )


def require_connection(redundancy: str, row: ContractType) -> None:
    """Whether the type promises something for this way of connecting."""
    if redundancy in row.targets:
        return
    if not redundancy:
        raise ValidationError(
            {"redundancy": _("Say how the client is connected: %(type)s depends on it.") % {"type": row}}
        )
    said = _("%(type)s knows no connection %(value)s.") % {"type": row, "value": clean_line(redundancy)[:64]}
    raise ValidationError({"redundancy": said})


# --- Services ---------------------------------------------------------------------------------


def services(given: Sequence[Service], redundancy: str) -> Iterator[Service]:
    """Each with a name of its own and a component; gateways as the connection has them."""
    if not 1 <= len(given) <= MOST_SERVICES:
        raise ValidationError({"services": _("Name between 1 and %(most)d services.") % {"most": MOST_SERVICES}})
    require_gateways([each.kind for each in given if each.kind in GATEWAYS], redundancy)
    names: set[str] = set()
    for each in given:
        name = service_name(each)
        if name.casefold() in names:
            raise ValidationError({"services": _("The service %(name)s is named twice.") % {"name": name}})
        names.add(name.casefold())
        if not each.components:
            raise ValidationError({"services": _("The service %(name)s covers no component.") % {"name": name}})
        covered = tuple(known_components(list(dict.fromkeys(each.components)), "services", archived=True))
        yield Service(name=name, components=covered, kind=one_of(ServiceKind, each.kind, "services"))


def service_name(service: Service) -> str:
    """The words of the arithmetic for gateways are kept for gateways."""
    name = title(service.name, "services")
    if service.kind not in GATEWAYS and name.casefold() in GATEWAYS.values():
        said = _("%(name)s is the name of a gateway: choose another for the service.")
        raise ValidationError({"services": said % {"name": name}})
    return name


def require_gateways(kinds: Sequence[str], redundancy: str) -> None:
    """Redundant: both gateways. Otherwise at most one, and none where the connection makes no difference."""
    wanted = {
        Redundancy.REDUNDANT: [{ServiceKind.PRIMARY, ServiceKind.SECONDARY}],
        Redundancy.SINGLE: [set(), {ServiceKind.PRIMARY}],
    }.get(redundancy, [set()])  # type: ignore[call-overload]
    if set(kinds) in wanted and len(set(kinds)) == len(kinds):
        return
    said = {
        Redundancy.REDUNDANT: _("A redundant connection has a primary and a secondary gateway, one of each."),
        Redundancy.SINGLE: _("A single connection has no gateway but a primary one."),
    }.get(redundancy, _("This type of contract knows no gateways."))  # type: ignore[call-overload]
    raise ValidationError({"services": said})


# --- Contacts, channels, money ----------------------------------------------------------------


def contacts(given: Sequence[Contact]) -> Iterator[Contact]:
    if len(given) > MOST_CONTACTS:
        raise ValidationError({"contacts": _("Name %(most)d contacts at the most.") % {"most": MOST_CONTACTS}})
    return (each.checked() for each in given)


def mailbox(text: str) -> str:
    try:
        EmailValidator()(text)
    except ValidationError:
        said = _("%(value)s is not an e-mail address.")
        raise ValidationError({"contacts": said % {"value": text[:64]}}) from None
    return text


def number(text: str) -> str:
    """In E.164; only with its country, since a contract may lie anywhere."""
    try:
        found = phonenumbers.parse(text, None)
    except phonenumbers.NumberParseException:
        found = None
    if found is None or not phonenumbers.is_possible_number(found):
        said = _("%(value)s is not a phone number with its country. Example: +31 6 12345678")
        raise ValidationError({"contacts": said % {"value": text[:64]}})
    return phonenumbers.format_number(found, PhoneNumberFormat.E164)


def channels(given: Iterable[str]) -> tuple[str, ...]:
    """In the vocabulary's order, each once."""
    wanted = {one_of(ReportChannel, each, "report_channels") for each in given}
    return tuple(each.value for each in ReportChannel if each in wanted)


def amount(text: str, currency: str) -> str:
    """A decimal string, kept digit by digit; with a currency or not at all."""
    if not text and not currency:
        return ""
    if not AMOUNT.fullmatch(text):
        said = _("%(value)s is not an amount. Example: 1250.00")
        raise ValidationError({"subscription_amount": said % {"value": clean_line(text)[:64] or "—"}})
    if not CURRENCY.fullmatch(currency):
        said = _("%(value)s is not a currency. Example: EUR")
        raise ValidationError({"subscription_currency": said % {"value": clean_line(currency)[:64] or "—"}})
    return text
