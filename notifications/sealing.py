"""Sealing: what a dump of the database must not give away is stored encrypted (docs/security.md 38).

AES-256-GCM under a key that HKDF (RFC 5869) makes of SECRET_KEY, which is not in the
database. What was sealed under an earlier key opens as long as that is among
SECRET_KEY_FALLBACKS. `about` names what is sealed, so that one row's secret moved to
another does not open.
"""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from .tokens import KeyLost, keys

PURPOSE = b"notifications.sealing"
NONCE_BYTES = 12
"""Random for every sealing, as GCM needs it."""


def seal(plain: str, about: str) -> bytes:
    """The nonce and the ciphertext, under the present key."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + cipher(keys()[0]).encrypt(nonce, plain.encode(), about.encode())


def unseal(sealed: bytes, about: str) -> str:
    """What was sealed. Raises KeyLost where no key opens it."""
    nonce, ciphertext = bytes(sealed[:NONCE_BYTES]), bytes(sealed[NONCE_BYTES:])
    for key in keys():
        try:
            return cipher(key).decrypt(nonce, ciphertext, about.encode()).decode()
        except (InvalidTag, ValueError):
            continue
    raise KeyLost(f"sealed {about}")


def cipher(key: str) -> AESGCM:
    made = HKDF(algorithm=SHA256(), length=32, salt=None, info=PURPOSE).derive(key.encode())
    return AESGCM(made)
