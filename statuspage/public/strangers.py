"""Strangers: whether a form came from a page of ours, and from which network.

The public forms are static pages without cookie or token, so their POST is held to the same
origin by what browsers say (docs/security.md 9), and counted by network.
"""

import ipaddress
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest

IPV4_NETWORK, IPV6_NETWORK = 24, 56
"""Prefix lengths that usually are one household, office or abuser."""


def is_same_origin(request: HttpRequest) -> bool:
    """Whether a page of this site sent the form, as far as browsers say.

    Sec-Fetch-Site decides; browsers leave it out over plain HTTP, and before 2023 Safari
    did: then Origin does. Whoever sends neither is no browser, and no page can make it ask.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = request.headers.get("Origin")
    return origin is None or origin in {origin_of(settings.SITE_URL), f"{request.scheme}://{request.get_host()}"}


def origin_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def client_network(request: HttpRequest) -> str:
    """The network the request came from, as "192.0.2.0/24"; "unknown" behind a bare socket.

    X-Forwarded-For is read only where a trusted proxy handed the request over, and from
    its right end, where that proxy wrote: the rest is whatever the client likes to claim.
    """
    address = request.META.get("REMOTE_ADDR", "")
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",")]
    while is_trusted_proxy(address) and hops and hops[-1]:
        address = hops.pop()
    return network_of(address)


def is_trusted_proxy(address: str) -> bool:
    """Whether TRUSTED_PROXIES names this address, its network, or "unix" for a socket."""
    trusted = settings.TRUSTED_PROXIES
    if not address:
        return "unix" in trusted
    try:
        ip = ipaddress.ip_address(address)
        return any(ip in ipaddress.ip_network(each, strict=False) for each in trusted if each != "unix")
    except ValueError:
        return False


def network_of(address: str) -> str:
    """The /24 or /56 around an address."""
    try:
        ip = ipaddress.ip_address(without_port(address).partition("%")[0])
    except ValueError:
        return "unknown"
    ip = getattr(ip, "ipv4_mapped", None) or ip
    prefix = IPV4_NETWORK if ip.version == 4 else IPV6_NETWORK
    return str(ipaddress.ip_network((ip, prefix), strict=False))


def without_port(hop: str) -> str:
    """ "203.0.113.7" of "203.0.113.7:51234", "::1" of "[::1]:51234": some proxies say where a client's socket is."""
    if hop.startswith("["):
        return hop[1:].partition("]")[0]
    return hop.partition(":")[0] if hop.count(":") == 1 else hop
