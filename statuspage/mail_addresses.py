"""The address of a component, to which monitors write that it is UP or DOWN.

`component+<token>@BOUNCE_DOMAIN`. The token names the component and carries a MAC made with
SECRET_KEY; it is all the authority there is, so the address is a secret. Another `mail_version`
makes another address, and the old one is nobody's. A suffix says how bad DOWN is there:
`component+<token>-degraded@`, `-partial@`, `-major@`; without one it is a major outage.
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Iterable

from django.conf import settings
from django.utils.crypto import constant_time_compare

from .models import Component
from .vocabulary import ComponentStatus

MAC_BYTES = 14
ADDRESS = re.compile(r"(?<![\w.+-])component\+([a-z2-7]{24,64})(?:-(\w+))?@", re.IGNORECASE)
DOWN = {
    "degraded": ComponentStatus.DEGRADED_PERFORMANCE,
    "partial": ComponentStatus.PARTIAL_OUTAGE,
    "major": ComponentStatus.MAJOR_OUTAGE,
}
"""What DOWN means behind each suffix."""


def address_of(component: Component, suffix: str = "") -> str:
    """Its address; empty where no domain is set for mail that comes in."""
    if not settings.BOUNCE_DOMAIN:
        return ""
    behind = f"-{suffix}" if suffix else ""
    return f"component+{token_of(component)}{behind}@{settings.BOUNCE_DOMAIN}"


def token_of(component: Component) -> str:
    raw = _mac(settings.SECRET_KEY, component) + component.pk.encode()
    return base64.b32encode(raw).decode("ascii").rstrip("=").lower()


def meant_by(places: Iterable[str]) -> tuple[Component, ComponentStatus] | None:
    """The component of the first address of ours in these texts, and what DOWN is there."""
    for words in places:
        for found in ADDRESS.finditer(f"{words}@"):
            component = component_of(found[1])
            down = DOWN.get((found[2] or "major").lower())
            if component and down:
                return component, down
    return None


def component_of(token: str) -> Component | None:
    """Whose token it is; None where it was not made here, or another was made since."""
    try:
        raw = base64.b32decode(token.upper() + "=" * (-len(token) % 8))
        pk = raw[MAC_BYTES:].decode("ascii")
    except (binascii.Error, ValueError):
        return None
    component = Component.objects.filter(pk=pk, archived_at=None).first()
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    is_ours = component and any(constant_time_compare(raw[:MAC_BYTES], _mac(key, component)) for key in keys)
    return component if is_ours else None


def _mac(key: str, component: Component) -> bytes:
    own = hashlib.sha256(f"statuspage.mail_addresses{key}".encode()).digest()
    return hmac.digest(own, f"{component.pk}:{component.mail_version}".encode(), "sha256")[:MAC_BYTES]
