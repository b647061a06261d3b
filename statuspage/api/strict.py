"""JSON has truths, numbers and texts of its own, so none is taken for another; a form has texts alone.

pydantic would take `"on"` for a truth and `0` for a day in 1970, which the OpenAPI document promises to nobody.
"""

import re
from datetime import date, datetime
from enum import Enum
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

AS_TEXT = (str, date, datetime)
MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}([Tt ].*)?", re.ASCII)
"""How a day or an instant begins in ISO 8601; a bare number would be counted in seconds since 1970."""


def require(value: Any, annotation: Any) -> None:
    """Raises ValueError where a value that came as JSON is of no type that the annotation has."""
    kinds = kinds_of(annotation)
    if Any in kinds or value is None or any(is_of(value, kind) for kind in kinds):
        return
    raise ValueError("another type is expected")


def is_of(value: Any, kind: Any) -> bool:
    if isinstance(value, str):
        return value == kind if isinstance(kind, str) else kind is str or (kind in AS_TEXT and is_moment(value))
    if isinstance(value, int) and not isinstance(value, bool):
        return kind in (int, float)
    if isinstance(value, float):
        return kind is float or (kind is int and value.is_integer())
    return kind is type(value)


def is_moment(value: str) -> bool:
    return MOMENT.fullmatch(value) is not None


def kinds_of(annotation: Any) -> set[Any]:
    """The plain types and the single words that it admits."""
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return kinds_of(parts[0])
    if origin in (Union, UnionType):
        return {kind for part in parts for kind in kinds_of(part)}
    if origin is Literal:
        return set(parts)
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return {str(each.value) for each in annotation}
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return {dict}
    return {origin or annotation}
