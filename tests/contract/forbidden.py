"""Requests that a schema forbids, each one step away from a request that it allows."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from ..openapi_schema import validator

if TYPE_CHECKING:
    from collections.abc import Iterator

WRONG_TYPES: dict[str, Any] = {
    "string": 7,
    "integer": "seven",
    "number": "much",
    "boolean": "perhaps",
    "array": "not a list",
    "object": "not an object",
}
WRONG_TEXT: dict[str, str] = {
    "integer": "seven",
    "boolean": "perhaps",
    "date-time": "yesterday",
    "uri": "not a uri",
}


def forbidden_documents(schema: dict[str, Any], document: Any) -> Iterator[tuple[str, Any]]:
    """
    Spoil an allowed JSON document in every way that its schema has a word for.

    Yields:
        What was done, as ``"statusCallbacks: 3 items, 2 allowed"``, and the spoiled document.
    """
    rules = validator(schema)
    assert rules.is_valid(document), next(rules.iter_errors(document)).message
    for what, spoiled in _spoiled(schema, document, ""):
        if not rules.is_valid(spoiled):
            yield what, spoiled


def forbidden_forms(
    schema: dict[str, Any], form: dict[str, str]
) -> Iterator[tuple[str, dict[str, str]]]:
    """As `forbidden_documents`, for form bodies and queries, where every value is text."""
    for name in schema.get("required", []):
        yield f"{name}: left out", {k: v for k, v in form.items() if k != name}
    for name, wanted in schema["properties"].items():
        for what, text in _forbidden_texts(wanted):
            yield f"{name}: {what}", {**form, name: text}


def _forbidden_texts(schema: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if "anyOf" in schema:
        schema = next(option for option in schema["anyOf"] if option.get("type") != "null")
    if schema.get("type") == "array":
        schema = schema["items"]
    kind = schema.get("format") if schema.get("format") in WRONG_TEXT else schema.get("type")
    if kind in WRONG_TEXT:
        yield f"not a {kind}", WRONG_TEXT[kind]
    if "enum" in schema:
        yield "no such value", "no-such-value"
    if "pattern" in schema:
        yield f"not {schema['pattern']}", "!"
    if "maximum" in schema:
        yield f"above {schema['maximum']}", str(schema["maximum"] + 1)
    if "minimum" in schema:
        yield f"below {schema['minimum']}", str(schema["minimum"] - 1)
    if "maxLength" in schema and "pattern" not in schema:
        yield f"longer than {schema['maxLength']}", "x" * (schema["maxLength"] + 1)


def _spoiled(schema: dict[str, Any], value: Any, name: str) -> Iterator[tuple[str, Any]]:
    """Yield spoiled copies of ``value``, naming where and how."""
    for word in ("anyOf", "oneOf"):
        if word in schema:
            options = [o for o in schema[word] if validator(o).is_valid(value)]
            for option in options[:1]:
                yield from _spoiled(option, value, name)
            return
    kind = schema.get("type")
    if kind in WRONG_TYPES:
        yield f"{name or 'body'}: not a {kind}", WRONG_TYPES[kind]
    if value is not None and kind != "null" and name:
        yield f"{name}: null", None
    if "enum" in schema:
        yield f"{name}: no such value", "NO_SUCH_VALUE"
    if isinstance(value, str):
        yield from _spoiled_text(schema, name)
    if "minimum" in schema:
        yield f"{name}: below {schema['minimum']}", schema["minimum"] - 1
    if "maximum" in schema:
        yield f"{name}: above {schema['maximum']}", schema["maximum"] + 1
    if isinstance(value, list):
        yield from _spoiled_list(schema, value, name)
    if isinstance(value, dict):
        yield from _spoiled_object(schema, value, name)


def _spoiled_text(schema: dict[str, Any], name: str) -> Iterator[tuple[str, Any]]:
    if "maxLength" in schema:
        yield f"{name}: longer than {schema['maxLength']}", "a" * (schema["maxLength"] + 1)
    if "minLength" in schema:
        yield f"{name}: shorter than {schema['minLength']}", "x" * (schema["minLength"] - 1)
    if "pattern" in schema:
        yield f"{name}: not {schema['pattern']}", "!"
        yield f"{name}: empty", ""
    if schema.get("format") == "uri":
        yield f"{name}: not a URI", "not a uri"
    if schema.get("format") == "date-time":
        yield f"{name}: not a date-time", "yesterday"


def _spoiled_list(schema: dict[str, Any], value: list[Any], name: str) -> Iterator[tuple[str, Any]]:
    if "maxItems" in schema and value:
        many = schema["maxItems"] + 1
        yield (
            f"{name}: {many} items, {schema['maxItems']} allowed",
            [copy.deepcopy(value[0]) for _ in range(many)],
        )
    if schema.get("minItems"):
        yield f"{name}: no items", []
    if value:
        for what, spoiled in _spoiled(schema["items"], value[0], f"{name}[0]"):
            yield what, [spoiled, *value[1:]]


def _spoiled_object(
    schema: dict[str, Any], value: dict[str, Any], name: str
) -> Iterator[tuple[str, Any]]:
    for required in schema.get("required", []):
        yield f"{name}.{required}: left out", {k: v for k, v in value.items() if k != required}
    extra = schema.get("additionalProperties")
    if extra is False:
        yield f"{name}: an unknown member", {**value, "noSuchMember": "x"}
    for key, member in value.items():
        wanted = schema.get("properties", {}).get(key)
        wanted = wanted if wanted is not None else (extra if isinstance(extra, dict) else None)
        if wanted is not None:
            for what, spoiled in _spoiled(wanted, member, f"{name}.{key}".lstrip(".")):
                yield what, {**value, key: spoiled}
