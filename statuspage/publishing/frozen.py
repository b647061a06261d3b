"""A snapshot as JSON and back: what a publication was made of stays beside it, for when the database is away."""

import json
from dataclasses import is_dataclass, replace
from datetime import date, datetime
from enum import Enum
from fractions import Fraction
from functools import cache
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints

from .snapshot import History, Snapshot

FILE = "snapshot.json"
"""Its name in a hot set."""


def to_json(snapshot: Snapshot) -> bytes:
    """Every fact by its name; times in ISO 8601, a fraction as "a/b". Of histories only when they changed."""
    unread = (History(component_id=each.component_id, changed_in=each.changed_in) for each in snapshot.histories)
    snapshot = replace(snapshot, histories=tuple(unread))
    return json.dumps(snapshot, default=_plain, separators=(",", ":")).encode()


def from_json(data: bytes) -> Snapshot:
    """The snapshot of `to_json`. Raises ValueError where another version of the program wrote it."""
    try:
        thawed = _thaw(Snapshot, json.loads(data))
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"not a snapshot of this version: {error}") from error
    assert isinstance(thawed, Snapshot)
    return thawed


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return vars(value)  # some thousand days of components: by name each would take as long as a page in a language
    return value.isoformat() if isinstance(value, date) else str(value)


def _thaw(kind: Any, value: Any) -> Any:
    if value is None:
        return None
    if NoneType in get_args(kind):
        kind = next(each for each in get_args(kind) if each is not NoneType)
    if get_origin(kind) is tuple:
        return tuple(_thaw(get_args(kind)[0], each) for each in value)
    if is_dataclass(kind):
        return kind(**{name: _thaw(hint, value[name]) for name, hint in _hints(kind).items()})
    if kind in {datetime, date}:
        return kind.fromisoformat(value)
    return kind(value) if kind is Fraction or issubclass(kind, Enum) else value


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)
