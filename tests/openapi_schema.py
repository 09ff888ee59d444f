"""From the schemas of OpenAPI 3.0 to JSON Schema, with the formats that Twilio writes."""

from __future__ import annotations

import re
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from jsonschema_rs import Draft202012Validator

if TYPE_CHECKING:
    from collections.abc import Callable

# The twilio SDK 9.13 is newer than the files: its models read these members as well.
NEWER_MEMBERS = {
    "metadata",
    "actionId",
    "failureReason",
    "traitExtractionStrategyIds",
    "observationExtractionStrategyIds",
    "redactionConfigurationId",
    "dataAsOf",
}


_DATE_TIME = re.compile(
    r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?Z"
)


def _is_date_time(value: str) -> bool:
    """Twilio writes UTC as ``Z``; an offset would be legal RFC 3339 and is not what it sends."""
    return _DATE_TIME.fullmatch(value) is not None


def _is_rfc_2822(value: str) -> bool:
    try:
        return parsedate_to_datetime(value).tzinfo is not None
    except ValueError:
        return False


def _is_uri(value: str) -> bool:
    try:
        split = urlsplit(value)
    except ValueError:
        return False
    return bool(split.scheme and split.netloc)


def _is_uri_or_path(value: str) -> bool:
    """The 2010 API declares ``uri`` and sends paths below its host, or nothing."""
    return not value or value.startswith("/") or _is_uri(value)


def _is_phone_number(value: str) -> bool:
    return re.fullmatch(r"\+[1-9]\d{6,14}", value) is not None


FORMATS: dict[str, Callable[[str], bool]] = {
    "date-time": _is_date_time,
    "date-time-rfc-2822": _is_rfc_2822,
    "uri": _is_uri,
    "uri-or-path": _is_uri_or_path,
    "phone-number": _is_phone_number,
}
"""What is held against texts; every other format that the files name is left alone."""


def validator(schema: dict[str, Any]) -> Draft202012Validator:
    """What checks documents against a plain JSON Schema, the formats included."""
    return Draft202012Validator(schema, formats=FORMATS, validate_formats=True)


class Translation:
    """Makes the schemas of one file plain JSON Schema, with every ``$ref`` put in place."""

    def __init__(self, document: dict[str, Any], *, closed: bool, paths_as_uris: bool) -> None:
        self.document = document
        self.closed = closed
        self.paths_as_uris = paths_as_uris

    def follow(self, node: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in node:
            found: Any = self.document
            for step in node["$ref"].removeprefix("#/").split("/"):
                found = found[step.replace("~1", "/").replace("~0", "~")]
            node = found
        return node

    def schema(self, node: dict[str, Any]) -> dict[str, Any]:
        node = self.follow(node)
        if "allOf" in node:
            node = self._merged([self.follow(part) for part in node["allOf"]])
        out = {
            k: v
            for k, v in node.items()
            if k in _COPIED and not (k == "format" and v not in FORMATS)
        }
        if self.paths_as_uris and out.get("format") == "uri":
            out["format"] = "uri-or-path"
        if "properties" in node:
            out["properties"] = {k: self.schema(v) for k, v in node["properties"].items()}
        if isinstance(node.get("items"), dict):
            out["items"] = self.schema(node["items"])
        chosen = node.get("discriminator", {})
        if "mapping" in chosen:
            return {"anyOf": [self._kind(chosen, *one) for one in chosen["mapping"].items()]}
        for word in ("oneOf", "anyOf"):
            if word in node:
                out[word] = [self.schema(part) for part in node[word]]
        extra = node.get("additionalProperties")
        if isinstance(extra, dict):
            out["additionalProperties"] = self.schema(extra)
        elif node.get("format") == "uri-map" and not self.paths_as_uris:
            out["additionalProperties"] = {"type": "string", "format": "uri"}
        elif extra is not None:
            out["additionalProperties"] = extra
        elif self.closed and node.get("properties"):
            out["properties"] |= {name: {} for name in NEWER_MEMBERS - out["properties"].keys()}
            out["additionalProperties"] = False
        if node.get("nullable"):
            out = {"anyOf": [{"type": "null"}, out]} if out else {}
        return out

    def _kind(self, chosen: dict[str, Any], value: str, reference: str) -> dict[str, Any]:
        """One of several kinds of object, told apart by the value of a member."""
        kind = self.schema({"$ref": reference})
        return {
            **kind,
            "properties": {**kind["properties"], chosen["propertyName"]: {"enum": [value]}},
        }

    @staticmethod
    def _merged(parts: list[dict[str, Any]]) -> dict[str, Any]:
        if any(part.get("type", "object") != "object" for part in parts):
            # A text or a number with rules of its own.
            return {word: rule for part in parts for word, rule in part.items()}
        whole: dict[str, Any] = {"type": "object", "properties": {}, "required": []}
        for part in parts:
            whole["properties"] |= part.get("properties", {})
            whole["required"] += part.get("required", [])
        return whole


_COPIED = {"type", "enum", "required", "format", "pattern", "uniqueItems"} | {
    f"{bound}{what}"
    for bound in ("min", "max")
    for what in ("imum", "Length", "Items", "Properties")
}
