"""Where mail is handed over: `smtp://user:password@host:port/?tls=...`, read and judged.

TLS unless the operator says otherwise, and no password ever in the clear. Apart from the
connection, so that every process can judge the setting when it starts.
"""

from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

PORTS = {"starttls": 587, "implicit": 465, "none": 25}
THIS_MACHINE = frozenset({"127.0.0.1", "::1", "localhost"})
FORM = "smtp://user:password@host:port/?tls=starttls"


@dataclass(frozen=True)
class Relay:
    """Where mail is handed over, and how."""

    host: str
    port: int
    tls: str = "starttls"
    user: str = ""
    password: str = ""


def relay_from(url: str, setting: str = "EMAIL_URL") -> Relay:
    """`smtp://user:password@host:port/?tls=starttls|implicit|none`. Raises ValueError in words, never the password."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:  # whose own words repeat what was given
        raise ValueError(f"{setting}: not of the form {FORM}") from None
    tls = parse_qs(parts.query).get("tls", ["starttls"])[-1]
    if parts.scheme != "smtp" or not parts.hostname:
        raise ValueError(f"{setting}: not of the form {FORM}")
    if tls not in PORTS:
        raise ValueError(f"{setting}: tls={tls!r} is none of {', '.join(PORTS)}")
    if parts.username and tls == "none" and parts.hostname not in THIS_MACHINE:
        raise ValueError(f"{setting}: tls=none would send the password in the clear; use tls=starttls or tls=implicit")
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    return Relay(parts.hostname, port or PORTS[tls], tls, user, password)
