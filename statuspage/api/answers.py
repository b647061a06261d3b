"""What operations answer with: lookups that end in 404, lists by pages, problems in one form."""

from collections.abc import Iterable
from typing import Annotated, Any, TypeVar

from django.db.models import Model, QuerySet
from django.http import Http404
from ninja import Schema
from pydantic import BaseModel, Field, ValidationInfo, field_validator

from statuspage import selectors
from statuspage.actions.base import BODY_MAX, NAME_MAX
from statuspage.models import Publication
from statuspage.publishing.api_v2 import time

from . import strict
from .bodies import FORMS

__all__ = [
    "ERRORS",
    "Paging",
    "PagingFromZero",
    "Problem",
    "Refused",
    "Sent",
    "Title",
    "Words",
    "answers",
    "found",
    "page_of",
    "paged",
    "time",
]

MOST = 100
"""Objects in one answer, unless a client asks for fewer."""

FAR = 1_000_000
"""No list has so many pages, and databases count no further than 64 bits."""

M = TypeVar("M", bound=Model)
Rows = TypeVar("Rows", QuerySet[Any], list[Any])


class Refused(Exception):
    """An answer that is an error: its status, a sentence, what is wrong by field, headers."""

    def __init__(
        self,
        status: int,
        message: str,
        errors: dict[str, list[str]] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status, self.message, self.errors, self.headers = status, message, errors or {}, headers or {}


class Sent(BaseModel):
    """What a client sends: objects only. ninja's own Schema would take any value for an object without fields."""

    @field_validator("*", mode="before")
    @classmethod
    def as_it_was_sent(cls, value: Any, info: ValidationInfo) -> Any:
        """JSON in JSON's types; a form's texts are read as whatever is asked for."""
        request = (info.context or {}).get("request")
        if request is not None and request.content_type not in FORMS and info.field_name:
            strict.require(value, cls.model_fields[info.field_name].annotation)
        return value


VISIBLE = r"[^\s\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufdd0-\ufdef\ufeff\ufffe\uffff]"
"""A character that is left when a text was cleaned (`statuspage.text`)."""

Title = Annotated[str, Field(min_length=1, max_length=NAME_MAX, pattern=VISIBLE)]
"""One line that is not empty."""
Words = Annotated[str, Field(min_length=1, max_length=BODY_MAX, pattern=VISIBLE)]
"""A text that is not empty."""


class Problem(Schema):
    """What went wrong: a sentence for people, and by field what each has against it."""

    message: str
    errors: dict[str, list[str]] = Field(default_factory=dict)


ERRORS: dict[int, Any] = dict.fromkeys((400, 401, 403, 404, 405, 409, 413, 422, 429, 503), Problem)
"""Every error that any operation can answer with."""


def answers(model: Any, status: int = 200) -> dict[int, Any]:
    """For `response=` of an operation: `status` with `model` where all is well, and every error."""
    return {status: model, **ERRORS}


class Paging(Schema):
    """Which part of a list: `page` counts from 1; `per_page` or `limit`, 100 at most, which is also the default."""

    page: int = Field(1, ge=0, le=FAR)
    per_page: int | None = Field(None, ge=1, le=FAR)
    limit: int | None = Field(None, ge=1, le=FAR)


class PagingFromZero(Paging):
    """The same where Statuspage counts pages from 0."""

    page: int = Field(0, ge=0, le=FAR)


def paged(rows: Rows, paging: Paging) -> Rows:
    """That part of the rows; an empty one behind the last page."""
    first = 0 if isinstance(paging, PagingFromZero) else 1
    size = min(paging.per_page or paging.limit or MOST, MOST)
    start = max(paging.page - first, 0) * size
    return rows[start : start + size]


def page_of(page_id: str) -> Publication:
    """The page, or 404 where `page_id` is not its id."""
    publication = selectors.publication()
    if publication.page_id != page_id:
        raise Http404("page")
    return publication


def found(rows: type[M] | QuerySet[M], pk: str, **filters: Any) -> M:
    """The row of that id, or 404."""
    candidates: Any = rows if isinstance(rows, QuerySet) else rows._default_manager.all()
    row: M | None = candidates.filter(pk=pk, **filters).first()
    if row is None:
        raise Http404(str(candidates.model._meta.model_name))
    return row


def by_field(messages: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """(field, message) pairs as `Problem.errors`."""
    gathered: dict[str, list[str]] = {}
    for field, message in messages:
        gathered.setdefault(field, []).append(message)
    return gathered
