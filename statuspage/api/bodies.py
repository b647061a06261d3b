"""Bodies: JSON, or a form as Rails names its fields, both as the same dictionary.

`incident[name]=Down&incident[components][abc]=major_outage&incident[component_ids][]=abc` is
`{"incident": {"name": "Down", "components": {"abc": "major_outage"}, "component_ids": ["abc"]}}`.
"""

import json
import re
from collections.abc import Iterable
from io import BytesIO
from typing import Any

from django.http import HttpRequest, QueryDict
from ninja.parser import Parser

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
FORMS = (FORM, MULTIPART)
PARTS = re.compile(r"\[([^\[\]]*)\]")
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
DEEPEST = 6


class Bodies(Parser):
    """ninja's parser, which knows JSON alone, and forms."""

    def parse_body(self, request: HttpRequest) -> dict[str, Any]:
        data = self.parsed(request)
        if not isinstance(data, dict):
            raise ValueError("an object is expected")
        return storable(data)

    def parsed(self, request: HttpRequest) -> Any:
        if request.content_type == FORM:
            return nested(QueryDict(request.body, encoding="utf-8").lists())
        if request.content_type == MULTIPART:
            fields, _files = request.parse_file_upload(request.META, BytesIO(request.body))
            return nested(fields.lists())
        return json.loads(request.body, parse_constant=refuse)

    def parse_querydict(self, data: Any, list_fields: list[str], request: HttpRequest) -> dict[str, Any]:
        return storable(super().parse_querydict(data, list_fields, request))


def refuse(word: str) -> None:
    """NaN and Infinity are Python's, not JSON's."""
    raise ValueError(f"{word} is not JSON")


def storable(data: Any) -> Any:
    """The same with a mark for what no database takes in a text, not even to look for it: NUL, halves of characters."""
    if isinstance(data, str):
        return UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", data)
    if isinstance(data, dict):
        return {storable(key): storable(value) for key, value in data.items()}
    return [storable(each) for each in data] if isinstance(data, list) else data


def nested(fields: Iterable[tuple[str, list[str]]]) -> dict[str, Any]:
    """Fields of a form, each with its values in their order, as the dictionary that their names draw."""
    drawn: dict[str, Any] = {}
    for name, values in fields:
        first, _bracket, _rest = name.partition("[")
        keys = [first, *PARTS.findall(name)]
        if len(keys) > DEEPEST:
            raise ValueError(f"{name[:64]} is nested too deep")
        is_list = keys[-1] == "" and len(keys) > 1
        place(drawn, keys[:-1] if is_list else keys, list(values) if is_list else values[-1])
    return drawn


def place(into: dict[str, Any], keys: list[str], value: Any) -> None:
    """Put a value where its keys lead; a key that was a value before is refused."""
    for key in keys[:-1]:
        into = into.setdefault(key, {})
        if not isinstance(into, dict):
            raise ValueError(f"{key[:64]} is both a value and an object")
    into[keys[-1]] = value
