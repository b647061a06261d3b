"""Pure: the OpenAPI document as rooms, operations and objects that a template can show."""

from dataclasses import dataclass
from typing import Any

Data = dict[str, Any]
ORDER = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True)
class Named:
    """A field or a parameter: what it is called, what it holds, whether it must be there, what it means."""

    name: str
    kind: str
    refers: str
    is_required: bool
    text: str


@dataclass(frozen=True)
class Operation:
    """One verb at one address."""

    id: str
    method: str
    path: str
    title: str
    text: str
    scope: str
    parameters: tuple[Named, ...]
    body: Named | None
    answers: tuple[Named, ...]
    """Named after their status; those that are no errors."""


def rooms(document: Data) -> list[tuple[str, list[Operation]]]:
    """The operations by their tag, in the document's order."""
    found: dict[str, list[Operation]] = {}
    for path, methods in document["paths"].items():
        for method in sorted(methods, key=ORDER.index):
            said = methods[method]
            found.setdefault(said.get("tags", ["other"])[0], []).append(operation(path, method, said))
    return list(found.items())


def operation(path: str, method: str, said: Data) -> Operation:
    return Operation(
        id=said["operationId"],
        method=method.upper(),
        path=path,
        title=said.get("summary", ""),
        text=said.get("description", ""),
        scope=said.get("x-scope", ""),
        parameters=tuple(named(each["name"], each["schema"], each["required"]) for each in said.get("parameters", [])),
        body=content_of("body", said.get("requestBody", {})),
        answers=tuple(
            content_of(str(status), answer) or Named(str(status), "", "", True, answer.get("description", ""))
            for status, answer in said["responses"].items()
            if int(status) < 400
        ),
    )


def content_of(name: str, said: Data) -> Named | None:
    """What a body or an answer holds, by its first media type."""
    contents = list(said.get("content", {}).values())
    return named(name, contents[0]["schema"], True) if contents else None


def objects(document: Data) -> list[tuple[str, str, list[Named]]]:
    """Name, meaning and fields of each object, by name."""
    schemas: Data = document["components"]["schemas"]
    return [
        (name, said.get("description", ""), fields(said))
        for name, said in sorted(schemas.items())
        if "properties" in said
    ]


def fields(schema: Data) -> list[Named]:
    required = schema.get("required", [])
    return [named(name, said, name in required) for name, said in schema["properties"].items()]


def named(name: str, schema: Data, is_required: bool) -> Named:
    return Named(name, kind_of(schema), reference_in(schema), is_required, schema.get("description", ""))


def kind_of(schema: Data) -> str:
    """A type in words: "string, or null", "list of Component"."""
    if "$ref" in schema:
        return str(schema["$ref"].rsplit("/", 1)[-1])
    if "anyOf" in schema:
        return ", or ".join(kind_of(each) for each in schema["anyOf"])
    if "enum" in schema:
        return " | ".join(str(each) for each in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {kind_of(schema.get('items', {}))}"
    if schema.get("type") == "object" and isinstance(schema.get("additionalProperties"), dict):
        return f"object of {kind_of(schema['additionalProperties'])}"
    return str(schema.get("type", "anything"))


def reference_in(schema: Any) -> str:
    """The first object that a type names; "" where it names none."""
    if isinstance(schema, list):
        return next((found for found in map(reference_in, schema) if found), "")
    if not isinstance(schema, dict):
        return ""
    return str(schema["$ref"].rsplit("/", 1)[-1]) if "$ref" in schema else reference_in(list(schema.values()))
