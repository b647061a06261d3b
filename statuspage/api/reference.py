"""The OpenAPI document: made of the same types that check the requests, so it cannot say otherwise."""

import json
from functools import lru_cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from ninja.openapi.schema import get_schema

from .door import api

JSON = "application/json; charset=utf-8"


@require_safe
def document(request: HttpRequest) -> HttpResponse:
    """`/api/openapi.json`, for anybody."""
    headers = {"Access-Control-Allow-Origin": "*", "Cache-Control": "public, max-age=300"}
    return HttpResponse(rendered(), content_type=JSON, headers=headers)


@lru_cache(maxsize=1)
def rendered() -> bytes:
    return json.dumps(described(), ensure_ascii=False, separators=(",", ":")).encode()


@lru_cache(maxsize=1)
def described() -> dict[str, Any]:
    """The document as OpenAPI 3.1."""
    return dict(get_schema(api, path_prefix="v1/"))
