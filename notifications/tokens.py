"""The tokens in links and return addresses: who may do what to which subscription (docs/security.md 27).

Three kinds. Every message carries an unsubscribe token: stateless, it never expires, and it
can only unsubscribe or ask for a manage link. Confirm and manage tokens each have a
LinkToken row with an end and a single use; the row holds only the token's SHA-256, and
whoever writes the message derives the token again from the row's id and SECRET_KEY. And a
mail's return address carries a bounce token: it names the delivery, and without SECRET_KEY
nobody makes one for somebody else's.

Tokens are base32 in lower case: mail programs that change a link's case, or cut a `-` or
`_` off its end, do not break them. Never writes a row: subscriptions.py does.
"""

import base64
import binascii
import hashlib
import hmac
from datetime import timedelta
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.utils.crypto import constant_time_compare

if TYPE_CHECKING:
    from .models import LinkToken, Subscription

MAC_BYTES = 14
"""112 bits: nobody guesses that through a web server; 48 characters in a text message."""
LINK_BYTES = 20
"""160 bits, 32 characters."""


class Purpose(StrEnum):
    """What a token is good for; a token of one purpose means nothing to another."""

    CONFIRM = "confirm"
    MANAGE = "manage"
    UNSUBSCRIBE = "unsubscribe"
    BOUNCE = "bounce"


LIFETIME = {Purpose.CONFIRM: timedelta(hours=48), Purpose.MANAGE: timedelta(minutes=15)}


class KeyLost(Exception):
    """No SECRET_KEY or fallback makes this token any more; the row needs a new one."""


def keys() -> list[str]:
    """SECRET_KEY, then the ones it replaced: rotation breaks no link that was sent."""
    return [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]


def mac(key: str, purpose: str, facts: str) -> bytes:
    """HMAC-SHA256 over the facts, by a key that is the purpose's own; as Django's salted_hmac makes it."""
    return hmac.digest(key_for(key, purpose), facts.encode(), "sha256")


@lru_cache(maxsize=64)
def key_for(key: str, purpose: str) -> bytes:
    """Kept: to make it anew for every mail took longer than the MAC itself."""
    return hashlib.sha256(f"notifications.tokens.{purpose}{key}".encode()).digest()


# --- Unsubscribe: no row, no end ------------------------------------------------------------


def unsubscribe_token(subscription: "Subscription") -> str:
    """The subscription's id and its MAC; another address version makes another token."""
    return encode(subscription.pk.bytes + unsubscribe_mac(keys()[0], subscription))


def unsubscribe_mac(key: str, subscription: "Subscription") -> bytes:
    facts = f"{subscription.pk.hex}:{subscription.address_version}"
    return mac(key, Purpose.UNSUBSCRIBE, facts)[:MAC_BYTES]


def subscription_id(token: str) -> UUID | None:
    """Whose token this claims to be; None where it is no token at all."""
    raw = decode(token)
    return UUID(bytes=raw[:16]) if len(raw) == 16 + MAC_BYTES else None


def is_unsubscribe_token(token: str, subscription: "Subscription") -> bool:
    """Whether we made `token` for this subscription, with the present key or an earlier one."""
    given = decode(token)[16:]
    return any(constant_time_compare(given, unsubscribe_mac(key, subscription)) for key in keys())


# --- Bounces: the return address of one delivery (VERP) ---------------------------------------


def bounce_token(delivery_id: UUID) -> str:
    """The delivery's id and its MAC, 48 characters.

    Whoever sees it has the mail before them, and with it the unsubscribe link: it need not
    end sooner than that one, and gives no more power over the subscription.
    """
    return encode(delivery_id.bytes + bounce_mac(keys()[0], delivery_id))


def bounce_mac(key: str, delivery_id: UUID) -> bytes:
    return mac(key, Purpose.BOUNCE, delivery_id.hex)[:MAC_BYTES]


def bounced_delivery(token: str) -> UUID | None:
    """The delivery whose mail comes back; None where we did not make the token."""
    raw = decode(token)
    if len(raw) != 16 + MAC_BYTES:
        return None
    delivery_id = UUID(bytes=raw[:16])
    is_ours = any(constant_time_compare(raw[16:], bounce_mac(key, delivery_id)) for key in keys())
    return delivery_id if is_ours else None


# --- Confirm and manage: a row each ----------------------------------------------------------


def derive(key: str, purpose: str, row_id: UUID) -> str:
    """The token of one LinkToken row under one key."""
    return encode(mac(key, purpose, row_id.hex)[:LINK_BYTES])


def digest(token: str) -> str:
    """All that is stored of a token: 64 hex digits."""
    return hashlib.sha256(token.strip().lower().encode()).hexdigest()


def first_digest(purpose: str, row_id: UUID) -> str:
    """The digest a new row starts with."""
    return digest(derive(keys()[0], purpose, row_id))


def link_token(row: "LinkToken") -> str:
    """The token of a row, for the message; with an earlier key where the row is older.

    Raises KeyLost when the key that made the row is no longer among the fallbacks.
    """
    for key in keys():
        token = derive(key, row.purpose, row.pk)
        if constant_time_compare(digest(token), row.digest):
            return token
    raise KeyLost(f"link token {row.pk}")


# --- Links: from SITE_URL, never from a request (fault 79) -------------------------------------


def unsubscribe_url(subscription: "Subscription") -> str:
    """In every message, and in its List-Unsubscribe header."""
    return f"{settings.SITE_URL}/unsubscribe/{unsubscribe_token(subscription)}"


def confirm_url(row: "LinkToken") -> str:
    return f"{settings.SITE_URL}/subscriptions/{link_token(row)}"


manage_url = confirm_url
"""The row knows its purpose: both kinds have the same address."""


def encode(raw: bytes) -> str:
    return base64.b32encode(raw).decode("ascii").rstrip("=").lower()


def decode(token: str) -> bytes:
    """The token's bytes; none where it is no base32."""
    padded = token.strip().upper()
    padded += "=" * (-len(padded) % 8)
    try:
        return base64.b32decode(padded)
    except (binascii.Error, ValueError):
        return b""
