"""Pseudonyms of addresses: a key that stands for one, and a form that may be logged.

The key is an HMAC, so that the ledger and the suppressions can tell two people apart
without holding an address. It must outlive a rotation of SECRET_KEY, or everybody who
said STOP would be forgotten: it is made with the OLDEST secret, the last of
SECRET_KEY_FALLBACKS (Django's order: newest first), or SECRET_KEY where there is none.
So whoever rotates keeps the old key as the last fallback for good.
"""

import hashlib
import hmac
from urllib.parse import urlsplit

from django.conf import settings

PURPOSE = b"statuspage.address/"
"""Keeps this use of the secret apart from every other one."""

SHORT = 12
"""Hex digits: of a million people two share them once in three hundred sites."""


def address_key(normalised: str) -> str:
    """HMAC-SHA256 of an address in its one spelling (addresses.py), 64 hex digits."""
    oldest = (settings.SECRET_KEY_FALLBACKS or [settings.SECRET_KEY])[-1]
    key = hashlib.sha256(PURPOSE + oldest.encode()).digest()
    return hmac.new(key, normalised.encode(), hashlib.sha256).hexdigest()


def short(key: str) -> str:
    """A recipient's name in evidence and lists: enough of the key to tell two apart."""
    return key[:SHORT]


def masked(address: str) -> str:
    """What may stand in a log: `+31…12`, `a…@example.org`, `https://hooks.example.org/…`: paths hold keys."""
    if address.startswith("https://"):
        return f"https://{urlsplit(address).netloc}/…"
    local, at, domain = address.rpartition("@")
    if at:
        return f"{local[:1]}…@{domain}"
    return f"{address[:3]}…{address[-2:]}" if len(address) > 6 else "…"
