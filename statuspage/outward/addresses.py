"""Where a stranger's web address may lead us, and where not (fault 77).

Anybody can type an address here, so it must not become a way into the network that this
program stands in. A name is resolved once, every address it has is judged, and the
connection goes to one of those very addresses: a name that changes its mind between the
look and the call changes nothing. Used when somebody subscribes a webhook or names a
provider's page, and before every call.
"""

import ipaddress
import queue
import re
import socket
import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

IP = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str], Sequence[str]]
"""A host's name -> its addresses. Raises OSError where it has none."""

HTTPS_PORT = 443

IPV6_UNICAST = ipaddress.ip_network("2000::/3")
"""All that is assigned to the internet so far; the rest is local, special or nobody's."""

NAT64 = ipaddress.ip_network("64:ff9b::/96")
"""An IPv4 address in IPv6 clothes (RFC 6052): judged by what is inside."""

INTERNAL = [
    ipaddress.ip_network(each)
    for each in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "127.0.0.0/8", "fc00::/7", "::1/128")
]
"""What an operator may allow by name. Link-local addresses, where clouds hand out keys, are never called."""

PLAIN = re.compile(r"[!-\[\]-~]+")
"""Printable ASCII without spaces and without the backslash, which some programs read as a slash."""

NUMBER = re.compile(r"(0[xX][0-9a-fA-F]*|[0-9]+)")
"""A last label like this makes the whole host an IPv4 address, in one of its odd spellings."""


class NotAllowed(Exception):
    """Not an address that a stranger may have us call. The message is ours and names no address."""


class NotFound(Exception):
    """The name has no address, or nobody says in time."""


@dataclass(frozen=True)
class Target:
    """A web address in its parts; `path` with its query, as it goes into the request."""

    host: str
    port: int
    path: str


def target_of(url: str, allowed: Collection[str]) -> Target:
    """The parts of a normalised https address. Raises NotAllowed.

    `allowed`: names, or "name:port", that the operator exempts from the rules for strangers.
    """
    if not PLAIN.fullmatch(url):
        raise NotAllowed("not a web address")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or HTTPS_PORT
    except ValueError:
        raise NotAllowed("not a web address") from None
    if parts.scheme != "https" or "@" in parts.netloc or not host:
        raise NotAllowed("not an https address without a user's name")
    if not is_exempt(host, port, allowed) and (port != HTTPS_PORT or is_numeric(host) or "." not in host):
        raise NotAllowed("neither a public name nor the usual port")
    query = f"?{parts.query}" if parts.query else ""
    return Target(host, port, f"{parts.path or '/'}{query}")


def is_exempt(host: str, port: int, allowed: Collection[str]) -> bool:
    """Whether the operator named this very host: alone for the usual port, with any other port else."""
    return f"{host}:{port}" in allowed or (port == HTTPS_PORT and host in allowed)


def is_numeric(host: str) -> bool:
    """Whether the host is an address and no name: 127.0.0.1, 0x7f000001, 2130706433, ::1."""
    return ":" in host or bool(NUMBER.fullmatch(host.rstrip(".").rpartition(".")[2]))


def vetted(target: Target, allowed: Collection[str], seconds: float, resolve: Resolve | None = None) -> Sequence[str]:
    """The addresses of a target, every one of which may be called. Raises NotAllowed, NotFound."""
    found = resolved(target.host, seconds, resolve or by_the_system)
    exempt = is_exempt(target.host, target.port, allowed)
    if not all(is_public(each) or (exempt and is_internal(each)) for each in found):
        raise NotAllowed("an address that is not public")
    return found


def is_public(address: str) -> bool:
    """Whether it is somebody's on the internet, whatever it is wrapped in."""
    ip = unwrapped(address)
    if ip.version == 6 and ip not in IPV6_UNICAST:
        return False
    return ip.is_global and not (ip.is_multicast or ip.is_reserved)


def is_internal(address: str) -> bool:
    """Whether it is on this machine or in a private network."""
    ip = unwrapped(address)
    return any(ip in network for network in INTERNAL if network.version == ip.version)


def unwrapped(address: str) -> IP:
    """The address, or the IPv4 one inside of it: mapped, 6to4 (RFC 3056), NAT64."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if ip.version == 4:
        return ip
    if ip in NAT64:
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or ip


def by_the_system(host: str) -> Sequence[str]:
    """As every program on this machine resolves it."""
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


def resolved(host: str, seconds: float, resolve: Resolve) -> Sequence[str]:
    """The addresses of a name, within the time. Raises NotFound.

    In a thread that is left behind when the time is up: the system's resolver takes as
    long as it likes, and a stranger's name server as long as that allows.
    """
    answers: queue.SimpleQueue[Sequence[str] | Exception] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put(resolve(host))
        except (OSError, ValueError) as error:
            answers.put(error)

    threading.Thread(target=ask, name="resolver", daemon=True).start()
    try:
        answer = answers.get(timeout=max(seconds, 0.001))
    except queue.Empty:
        raise NotFound("the name server does not answer in time") from None
    if isinstance(answer, Exception) or not answer:
        raise NotFound("no such name")
    return answer
