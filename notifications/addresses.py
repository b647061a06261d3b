"""What readers type becomes one normalised address, or is refused in words that name the field.

Pure. An Address is what is stored and sent to; its `key` is equal for every spelling of it
(fault 63). Nothing passes that could forge a header or a log line (fault 65).
"""

import unicodedata
from dataclasses import dataclass

import idna
import phonenumbers
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from phonenumbers import PhoneNumber, PhoneNumberFormat, PhoneNumberType

from statuspage.text import BIDI

from . import pseudonyms
from .states import Channel

EMAIL_LENGTH = 254
"""Characters: the longest that SMTP's path takes (RFC 5321, erratum 1690)."""

LOCAL_LENGTH = 64
"""Characters before the @ (RFC 5321, 4.5.3.1.1)."""

PHONE_TYPED_LENGTH = 40
"""Characters of a number as typed, with every space and bracket people put there."""

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
NOT_MOBILE = _("This is not a mobile number, so it cannot be texted.")


@dataclass(frozen=True)
class Address:
    """`value` is what is sent to; of two addresses with one `key` only one is ever told."""

    channel: str
    value: str

    @property
    def key(self) -> str:
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
    region = phonenumbers.region_code_for_number(number)
    if not {region, COUNTED_WITH.get(region)} & set(settings.SMS_COUNTRIES):
        raise InputRefused("phone_number", NOT_OFFERED)
    if phonenumbers.number_type(number) not in TEXTABLE:
        raise InputRefused("phone_number", NOT_MOBILE)
    return Address(Channel.SMS, phonenumbers.format_number(number, PhoneNumberFormat.E164))


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


def trimmed(typed: str) -> str:
    """Without what a paste brings along: invisible marks, hard spaces, spaces around it."""
    return BIDI.sub("", typed).replace("\u00a0", " ").strip(" ")


def has_controls(text: str) -> bool:
    """Whether CR, LF, NUL, any space or anything else of their kinds is in it."""
    return any(unicodedata.category(character)[0] in "CZ" for character in text)
