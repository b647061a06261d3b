"""Reading the environment: one function for each kind of value; what is unusable is refused by name.

Used by `settings` alone, which is where all of it is read.
"""

import contextlib
import math
import os
import re
import secrets
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import available_timezones

import environ
from django.core.exceptions import ImproperlyConfigured

env = environ.Env()


def whole(name: str, default: int) -> int:
    """A whole number from the environment."""
    return int(number(name, default, int))


def number(name: str, default: float, kind: type = float) -> float:
    """A number from the environment; what is no number, or below zero, is refused by name."""
    value = env.str(name, default="") or str(default)
    try:
        parsed = kind(value)
    except ValueError:
        parsed = -1
    if not (math.isfinite(parsed) and parsed >= 0):
        raise ImproperlyConfigured(f"{name}: {value!r} is not a number of zero or more")
    return float(parsed) if kind is float else parsed


def between(name: str, default: int, least: int, most: int) -> int:
    """A whole number from `least` to `most`."""
    value = whole(name, default)
    if not least <= value <= most:
        raise ImproperlyConfigured(f"{name}: {value} is not between {least} and {most}")
    return value


def switch(name: str) -> bool:
    """An on/off setting, off unless it says otherwise."""
    value = env.str(name, default="").casefold() or "off"
    if value not in {"on", "off", "true", "false", "1", "0", "yes", "no"}:
        raise ImproperlyConfigured(f"{name}: {value!r} is neither on nor off")
    return value in {"on", "true", "1", "yes"}


def zone(name: str, default: str) -> str:
    """An IANA time zone name from the environment."""
    value = str(env.str(name, default=default))
    if value not in available_timezones():
        raise ImproperlyConfigured(f"{name}: {value!r} is not an IANA time zone such as Europe/Amsterdam")
    return value


def one_of(name: str, default: str, known: list[str]) -> str:
    """A word from a list."""
    value = str(env.str(name, default=default))
    if value not in known:
        raise ImproperlyConfigured(f"{name}: {value!r} is not one of {', '.join(known)}")
    return value


def some_of(name: str, known: dict[str, str]) -> list[tuple[str, str]]:
    """Words of a list, each with what it stands for; all of them where none is named."""
    chosen = list(dict.fromkeys(str(each).strip() for each in env.list(name, default=[]))) or list(known)
    for value in chosen:
        if value not in known:
            raise ImproperlyConfigured(f"{name}: {value!r} is not one of {', '.join(known)}")
    return [(value, known[value]) for value in chosen]


def hosts(name: str) -> list[str]:
    """Host names in lower case, each alone or as host:port."""
    values = [str(each).strip().lower() for each in env.list(name, default=[])]
    for value in values:
        if not re.fullmatch(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?", value):
            raise ImproperlyConfigured(f"{name}: {value!r} is not a host such as hooks.example.com, or host:port")
    return values


def colour(name: str) -> str:
    """A colour as `#1a7f37`, or nothing."""
    value = str(env.str(name, default=""))
    if value and not re.fullmatch("#[0-9a-fA-F]{6}", value):
        raise ImproperlyConfigured(f"{name}: {value!r} is not a colour such as #1a7f37")
    return value


def links(name: str) -> list[tuple[str, str]]:
    """Links as `Terms=https://example.com/terms`, comma separated; an address may also be a path here, or mailto:."""
    pairs = [str(each).partition("=") for each in env.list(name, default=[])]
    for words, sign, address in pairs:
        if not (words.strip() and re.match(r"\s*(https?://[^/]|mailto:.|/(?!/))", address)):
            wrong = f"{words}{sign}{address}"
            raise ImproperlyConfigured(f"{name}: {wrong!r} is not a link such as Terms=https://example.com/terms")
    return [(words.strip(), address.strip()) for words, _sign, address in pairs]


def sender(name: str, default: str) -> str:
    """A mail sender, as `Name <address>`."""
    value = str(env.str(name, default=default))
    if "@" not in parseaddr(value)[1]:
        raise ImproperlyConfigured(f"{name}: {value!r} is not a sender such as Example Status <status@example.com>")
    return value


def domain(name: str) -> str:
    """A domain name, in lower case, or nothing."""
    value = str(env.str(name, default="")).strip().lower()
    if value and not (len(value) <= 253 and re.fullmatch(r"([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)*[a-z0-9-]+", value)):
        raise ImproperlyConfigured(f"{name}: {value!r} is not a domain such as bounces.example.com")
    return value


def required(name: str, advice: str) -> str:
    """A variable that production cannot do without."""
    value = env.str(name, default="")
    if not value:
        raise ImproperlyConfigured(f"{name} is not set: {advice}")
    return str(value)


def web_address(name: str, value: str) -> str:
    """An http(s) address without a path's last slash."""
    try:
        parts = urlsplit(value)
    except ValueError:
        parts = urlsplit("")
    if "@" in parts.netloc:  # what it names is a secret, so it is not repeated
        raise ImproperlyConfigured(f"{name}: name no user and no password in an address")
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ImproperlyConfigured(f"{name}: {value!r} is not an http:// or https:// address")
    return value.rstrip("/")


def local_secret_key(folder: Path) -> str:
    """The embedded site's own key, made once, readable by its owner alone."""
    path = folder / "secret_key"
    if not path.exists():
        folder.mkdir(exist_ok=True)
        made = folder / f".secret_key-{secrets.token_hex(4)}"
        made.touch(mode=0o600)
        made.write_text(secrets.token_urlsafe(50))
        with contextlib.suppress(FileExistsError):
            os.link(made, path)  # whole or not at all, and the first of two wins
        made.unlink()
    return path.read_text().strip()
