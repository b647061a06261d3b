"""What readers type becomes one normalised address, or is refused in words that name the field.

Pure. An Address is what is stored and sent to; its `key` is equal for every spelling of it
(fault 63). Nothing passes that could forge a header or a log line (fault 65).
"""

import re
import string
import unicodedata
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

import idna
import phonenumbers
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from phonenumbers import PhoneNumber, PhoneNumberFormat, PhoneNumberType

from statuspage.outward.addresses import HTTPS_PORT, NotAllowed, is_exempt, target_of
from statuspage.text import BIDI

from . import pseudonyms
from .states import Channel

EMAIL_LENGTH = 254
"""Characters: the longest that SMTP's path takes (RFC 5321, erratum 1690)."""

LOCAL_LENGTH = 64
"""Characters before the @ (RFC 5321, 4.5.3.1.1)."""

PHONE_TYPED_LENGTH = 40
"""Characters of a number as typed, with every space and bracket people put there."""

ENDPOINT_LENGTH = 1_000
"""Characters of a webhook's address; some services put long keys into theirs."""

TEXTABLE = frozenset({PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE})
"""Landlines receive nothing; premium, shared-cost and personal numbers cost whoever sends.

North America cannot tell a mobile from a landline by its number: hence the second.
"""

COUNTED_WITH = {"GG": "GB", "IM": "GB", "JE": "GB"}
"""The Crown dependencies number within Britain's own mobile ranges: no reader tells them apart.

North America's islands share +1 too, but their texts are dear and much defrauded: not here.
"""

NOT_EMAIL = _("This is not an e-mail address that mail can be sent to. Example: you@example.com")
NOT_PHONE = _("This is not a phone number. Example: +31 6 12345678")
NOT_OFFERED = _("Text messages are not offered in this number's country.")
NOT_ENDPOINT = _("This is not a public https address. Example: https://hooks.example.com/status")
NOT_MOBILE = _("This is not a mobile number, so it cannot be texted.")


@dataclass(frozen=True)
class Address:
    """`value` is what is sent to; of two addresses with one `key` only one is ever told.

    `owner` is the mail address that answers for a webhook. It belongs to the key: whoever
    else names the same endpoint gets a subscription of their own, and cannot end this one.
    """

    channel: str
    value: str
    owner: "Address | None" = None

    @property
    def key(self) -> str:
        if self.owner:
            return pseudonyms.address_key(f"{self.value} {self.owner.value.casefold()}")
        return pseudonyms.address_key(self.value.casefold())


class InputRefused(ValueError):
    """What was typed cannot be used. `field` names the input, `message` says why in words."""

    def __init__(self, field: str, message: str | Promise) -> None:
        super().__init__(str(message))
        self.field = field
        self.message = message


def email(typed: str) -> Address:
    """The domain in lower case and ASCII, the local part as typed; one key for any case.

    Dots and +tags stay: only the owner of a domain knows whether they mean anything.
    """
    plain = trimmed(typed)
    local, at, domain = plain.rpartition("@")
    too_long = len(typed) > EMAIL_LENGTH or len(local) > LOCAL_LENGTH
    # Beyond ASCII two letters can fold to one (ſ and s): a stranger's spelling would take the owner's key.
    if not at or too_long or not local.isascii() or domain.startswith("[") or has_controls(plain):
        raise InputRefused("email", NOT_EMAIL)
    value = f"{local}@{ascii_domain(domain)}"
    try:
        EmailValidator(allowlist=[])(value)
    except ValidationError:
        raise InputRefused("email", NOT_EMAIL) from None
    return Address(Channel.EMAIL, value)


def ascii_domain(domain: str) -> str:
    """The domain as DNS knows it: "BÜCHER.example" -> "xn--bcher-kva.example".

    IDNA 2008: Python's own codec is of 2003 and sends straße.example's mail to strasse.example.
    """
    try:
        return idna.encode(domain, uts46=True).decode("ascii")
    except idna.IDNAError:
        raise InputRefused("email", NOT_EMAIL) from None


def phone(typed: str, country: str = "") -> Address:
    """The number in E.164, where its owner may be texted.

    `country` (two letters) is needed for a number that lacks its country's code.
    """
    number = parsed(typed, country)
    if not is_region_offered(phonenumbers.region_code_for_number(number)):
        raise InputRefused("phone_number", NOT_OFFERED)
    if phonenumbers.number_type(number) not in TEXTABLE:
        raise InputRefused("phone_number", NOT_MOBILE)
    return Address(Channel.SMS, e164(number))


def e164(number: PhoneNumber) -> str:
    """ "+31612345678"."""
    return str(phonenumbers.format_number(number, PhoneNumberFormat.E164))


def is_region_offered(region: str | None) -> bool:
    return bool({region, COUNTED_WITH.get(region or "")} & set(settings.SMS_COUNTRIES))


def is_number_offered(number: str) -> bool:
    """Whether a stored number's country is still one that is texted.

    Most calling codes are one country's; only where several share one is the number itself looked at.
    """
    regions = regions_of(number)
    offered = [is_region_offered(region) for region in regions]
    if all(offered) or not any(offered):
        return any(offered)
    region = phonenumbers.region_code_for_number(phonenumbers.parse(number))
    return is_region_offered(region or regions[0])


def regions_of(number: str) -> tuple[str, ...]:
    """The countries behind a number's calling code, the main one first; "+31612345678" has ("NL",)."""
    for length in (1, 2, 3):
        code = number[1 : 1 + length]
        if code.isdigit() and int(code) in phonenumbers.COUNTRY_CODE_TO_REGION_CODE:
            return tuple(phonenumbers.COUNTRY_CODE_TO_REGION_CODE[int(code)])
    return ()


def parsed(typed: str, country: str) -> PhoneNumber:
    """A valid number; `00` is read as `+`, as nearly everywhere but in North America."""
    plain = trimmed(typed)
    if len(typed) > PHONE_TYPED_LENGTH or has_controls("".join(plain.split(" "))):
        raise InputRefused("phone_number", NOT_PHONE)
    if plain.startswith("00"):
        plain = f"+{plain[2:]}"
    try:
        number = phonenumbers.parse(plain, country.upper() or None)
    except phonenumbers.NumberParseException:
        raise InputRefused("phone_number", NOT_PHONE) from None
    if number.extension or not phonenumbers.is_valid_number(number):
        raise InputRefused("phone_number", NOT_PHONE)
    return number


def endpoint(typed: str, owner: Address) -> Address:
    """A webhook's address: https, a public name, the usual port, or what WEBHOOK_ALLOWED_HOSTS names.

    Of the syntax only; whether the name leads inwards is asked when it is used (fault 77).
    """
    plain = trimmed(typed)
    if len(typed) > ENDPOINT_LENGTH or has_controls(plain):
        raise InputRefused("endpoint", NOT_ENDPOINT)
    try:
        value = web_address(plain)
        target_of(value, settings.WEBHOOK_ALLOWED_HOSTS)
    except (NotAllowed, ValueError):
        raise InputRefused("endpoint", NOT_ENDPOINT) from None
    if len(value) > ENDPOINT_LENGTH:
        raise InputRefused("endpoint", NOT_ENDPOINT)
    return Address(Channel.WEBHOOK, value, owner)


def web_address(typed: str) -> str:
    """In one spelling: scheme and host in lower case and ASCII, no root's dot behind it, no usual port, no fragment,
    escapes as RFC 3986 (6.2.2) normalises them. An endpoint's owners are counted by it. Raises ValueError."""
    parts = urlsplit(typed)
    if parts.scheme != "https" or "@" in parts.netloc or not parts.hostname:
        raise ValueError("not an https address without a user's name")
    port = parts.port or HTTPS_PORT
    host = parts.hostname.removesuffix(".")
    if not is_exempt(host, port, settings.WEBHOOK_ALLOWED_HOSTS):
        host = ascii_domain(host)
    place = host if port == HTTPS_PORT else f"{host}:{port}"
    path, query = (ESCAPE.sub(escaped, quote(part, safe=UNQUOTED)) for part in (parts.path or "/", parts.query))
    return f"https://{place}{path}{f'?{query}' if query else ''}"


ESCAPE = re.compile(r"%([0-9a-fA-F]{2})")
UNRESERVED = frozenset(string.ascii_letters + string.digits + "-._~")
"""What an escape in a path or a query stands for all the same (RFC 3986, 2.3)."""


def escaped(found: re.Match[str]) -> str:
    """One escape in its one spelling: "%2f" -> "%2F", "%41" -> "A"."""
    character = chr(int(found[1], 16))
    return character if character in UNRESERVED else found[0].upper()


UNQUOTED = "/%:@!$&'()*+,;=~?-._"
"""What stays as typed in a path and a query (RFC 3986, 3.3 and 3.4)."""


def trimmed(typed: str) -> str:
    """Without what a paste brings along: invisible marks, hard spaces, spaces around it."""
    return BIDI.sub("", typed).replace("\u00a0", " ").strip(" ")


def has_controls(text: str) -> bool:
    """Whether CR, LF, NUL, any space or anything else of their kinds is in it."""
    return any(unicodedata.category(character)[0] in "CZ" for character in text)
