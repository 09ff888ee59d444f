"""
Checks answers against Twilio's OpenAPI descriptions.

Any test may use it::

    checker = OpenApi.from_environment()          # or None where there are no files
    checker.check("GET", "/v2/Conversations?pageSize=1", 200, headers, body)

The descriptions are not part of this project. They come from the npm package
``@twilio/cli-core`` 9.0.0 (MIT), folder ``src/services/twilio-api``; the environment variable
``TWILIO_OPENAPI`` names a folder that holds them. Both the package's own file names
(``twilio_conversations_v2.json``) and names without the prefix are understood.

What is held against an answer: its status is declared for the path and method, its content type
is the declared one, its body validates, declared members are spelled as declared (no inventions),
an accepted operation brings its headers, and an error is one of the three shapes that Twilio
sends. Statuses that Twilio uses everywhere and declares nowhere (401, 403, 409, 412, 415, 429 and,
in the classic files, every error) are allowed.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from .openapi_operations import METHODS_BY_PATH, OPERATIONS, SAME_AS
from .openapi_schema import Translation, validator

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from jsonschema_rs import Draft202012Validator

NEWER = ("messaging_v1", "intelligence_v3", "monitor_v1")
"""Files that an older set lacks."""
FILES = ("conversations_v1", "conversations_v2", "memory_v1", "api_v2010", *NEWER)
PREFIXES = {"messaging_v1": "/messaging"}
"""Where the sandbox serves what has a host of its own on Twilio, with paths of other hosts."""
METHODS = ("get", "post", "put", "patch", "delete")
HOW_TO_OBTAIN = (
    "no OpenAPI files: set TWILIO_OPENAPI to the folder src/services/twilio-api "
    "of the npm package @twilio/cli-core 9.0.0 (npm pack @twilio/cli-core@9.0.0)"
)
UNDECLARED_STATUSES = frozenset({401, 403, 405, 409, 412, 415, 429})


def error_problems(status: int, body: Any) -> list[str]:
    """
    Say what keeps an error body from being one of Twilio's three shapes.

    Classic: ``code, message, more_info, status``. Orchestrator: ``code, httpStatusCode, message,
    userError, params``. RFC 9457: ``type, title, status, code, detail``.
    """
    if not isinstance(body, dict):
        return [f"an error body is an object, not {type(body).__name__}"]
    if "title" in body:
        wanted = {"type": str, "title": str, "status": int, "code": int}
        said = body.get("status")
    elif "httpStatusCode" in body:
        wanted = {"code": int, "httpStatusCode": int, "message": str, "userError": bool}
        said = body.get("httpStatusCode")
    else:
        wanted = {"code": int, "message": str, "status": int}
        said = body.get("status")
    found = [
        f"error member {name!r} is {body.get(name)!r}, not {kind.__name__}"
        for name, kind in wanted.items()
        if not isinstance(body.get(name), kind)
    ]
    if said != status:
        found.append(f"the error says status {said!r}, the answer {status}")
    if not str(body.get("message") or body.get("detail") or body.get("title") or "").strip():
        found.append("the error says nothing: no message, detail or title")
    return found


# -- what is declared -----------------------------------------------------------------------------


@cache
def _matcher(path: str) -> re.Pattern[str]:
    literal = re.split(r"\{[^}]+\}", path)
    return re.compile("[^/]+?".join(re.escape(part) for part in literal))


@dataclass(frozen=True)
class Operation:
    """One method of one path: ``parameters`` and ``request`` are plain JSON Schema."""

    file: str
    method: str
    path: str
    parameters: tuple[dict[str, Any], ...]
    request_type: str | None
    request: dict[str, Any] | None
    responses: Mapping[str, dict[str, Any]] = field(repr=False)

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    @cached_property
    def matcher(self) -> re.Pattern[str]:
        return _matcher(self.path)

    @cached_property
    def validators(self) -> dict[str, Draft202012Validator]:
        return {
            status: validator(response["schema"])
            for status, response in self.responses.items()
            if response["schema"] is not None
        }


class OpenApi:
    """The descriptions in one folder, ready to check answers with."""

    def __init__(self, folder: Path) -> None:
        self.operations: list[Operation] = []
        for name in FILES:
            path = next(
                (
                    p
                    for p in (folder / f"twilio_{name}.json", folder / f"{name}.json")
                    if p.exists()
                ),
                None,
            )
            if path is None and name in NEWER:
                continue
            if path is None:
                raise FileNotFoundError(
                    f"{folder} holds neither twilio_{name}.json nor {name}.json"
                )
            self.operations += _operations(name, json.loads(path.read_text("utf-8")))
        self.operations = [o for o in self.operations if o.name in OPERATIONS]
        self.operations += [
            replace(operation, method=name.split()[0], path=name.split()[1])
            for name, model in SAME_AS.items()
            for operation in self.operations
            if operation.name == model
        ]
        self._known: dict[tuple[str, str], Operation | None] = {}

    @classmethod
    def from_environment(cls) -> OpenApi | None:
        """Read the folder that ``TWILIO_OPENAPI`` names; None where it names none."""
        folder = os.environ.get("TWILIO_OPENAPI")
        return cls(Path(folder)) if folder else None

    @property
    def described(self) -> set[str]:
        """The names of the sandbox's operations that this set of files describes."""
        return {operation.name for operation in self.operations}

    def operation(self, method: str, path: str) -> Operation | None:
        """Find what is declared for a request; a fixed path wins over one with parameters."""
        key = (method.upper(), urlsplit(path).path)
        if key not in self._known:
            fitting = [
                o for o in self.operations if o.method == key[0] and o.matcher.fullmatch(key[1])
            ]
            self._known[key] = min(fitting, key=lambda o: o.path.count("{"), default=None)
        return self._known[key]

    def check(
        self, method: str, path: str, status: int, headers: Mapping[str, str], body: str | None
    ) -> None:
        """
        Hold one answer against the descriptions.

        Args:
            path: As sent, with or without a query.
            body: The text of the answer; None or empty where it has none.

        Raises:
            AssertionError: Naming every difference.
        """
        if found := self.problems(method, path, status, headers, body):
            raise AssertionError(
                f"{method} {path} → {status} differs from the OpenAPI description:\n  "
                + "\n  ".join(found)
                + f"\n  body: {(body or '')[:600]}"
            )

    def problems(
        self, method: str, path: str, status: int, headers: Mapping[str, str], body: str | None
    ) -> list[str]:
        """As `check`, but returns the differences instead of raising them."""
        headers = {name.lower(): value for name, value in headers.items()}
        found = [] if headers.get("twilio-request-id") else ["no Twilio-Request-Id"]
        operation = self.operation(method, path)
        if operation is None:
            # An older set of files may lack what the newer one declares.
            if status < 400:
                if not _listed(method, path):
                    found.append("succeeded, though it is not among the operations of the sandbox")
            elif method != "HEAD":
                found += self._error(status, headers, body)
            return found
        declared = operation.responses.get(str(status))
        if declared is None and (status < 400 or not _may_be_undeclared(operation, status)):
            return [*found, f"status not declared; declared are {', '.join(operation.responses)}"]
        if status >= 400:
            return found + self._error(status, headers, body)
        assert declared is not None
        return found + self._success(operation, status, declared, headers, body)

    def _error(self, status: int, headers: Mapping[str, str], body: str | None) -> list[str]:
        content_type = headers.get("content-type", "").partition(";")[0]
        if content_type not in ("application/json", "application/problem+json"):
            return [f"an error of content type {content_type!r}"]
        try:
            return error_problems(status, json.loads(body or ""))
        except ValueError as error:
            return [f"the error is not JSON: {error}"]

    def _success(
        self,
        operation: Operation,
        status: int,
        declared: dict[str, Any],
        headers: Mapping[str, str],
        body: str | None,
    ) -> list[str]:
        if declared["schema"] is None:
            return [f"a body where none is declared: {body[:80]!r}"] if body else []
        content_type = headers.get("content-type", "").partition(";")[0]
        found = [] if content_type == "application/json" else [f"content type {content_type!r}"]
        for name, schema in declared["headers"].items():
            value = headers.get(name.lower())
            if value is None:
                # All headers of an accepted operation are what a client polls by.
                found += [f"no {name} header"] if status == 202 else []
            else:
                typed = int(value) if schema.get("type") == "integer" and value.isdigit() else value
                found += _differences(validator(schema), typed)
        try:
            document = json.loads(body or "")
        except ValueError as error:
            return [*found, f"not JSON: {error}"]
        return found + _differences(operation.validators[str(status)], document)


def _listed(method: str, path: str) -> bool:
    """Whether the sandbox implements this, described or not."""
    return any(
        method.upper() in methods.split() and _matcher(known).fullmatch(urlsplit(path).path)
        for known, methods in METHODS_BY_PATH.items()
    )


def _may_be_undeclared(operation: Operation, status: int) -> bool:
    """Some files declare no errors at all; lists of intelligence bound pageSize, without a 400."""
    silent = ("conversations_v1", "api_v2010", "messaging_v1", "monitor_v1")
    return (
        status in UNDECLARED_STATUSES
        or operation.file in silent
        or (status == 400 and operation.file == "intelligence_v3" and operation.method == "GET")
    )


def _differences(rules: Draft202012Validator, document: Any) -> list[str]:
    if rules.is_valid(document):
        return []
    errors = sorted(rules.iter_errors(document), key=lambda e: list(map(str, e.instance_path)))
    return [f"{_place(error.instance_path)}: {error.message[:300]}" for error in errors[:8]]


def _place(path: Sequence[str | int]) -> str:
    """Where in a document, as ``$.conversations[0].status``."""
    return "$" + "".join(f"[{one}]" if isinstance(one, int) else f".{one}" for one in path)


def _operations(file: str, document: dict[str, Any]) -> Iterator[Operation]:
    paths_as_uris = file == "api_v2010"
    answers = Translation(document, closed=True, paths_as_uris=paths_as_uris)
    requests = Translation(document, closed=False, paths_as_uris=paths_as_uris)
    for declared, item in document["paths"].items():
        path = PREFIXES.get(file, "") + declared
        for method in METHODS:
            if method not in item:
                continue
            node = item[method]
            request_type, content = next(
                iter(answers.follow(node.get("requestBody", {})).get("content", {}).items()),
                (None, None),
            )
            yield Operation(
                file=file,
                method=method.upper(),
                path=path,
                parameters=tuple(
                    {**found, "schema": requests.schema(found["schema"])}
                    for found in map(
                        requests.follow, item.get("parameters", []) + node.get("parameters", [])
                    )
                ),
                request_type=request_type,
                request=requests.schema(content["schema"]) if content else None,
                responses={
                    status: _response(answers, answers.follow(response))
                    for status, response in node["responses"].items()
                },
            )


def _response(translation: Translation, response: dict[str, Any]) -> dict[str, Any]:
    content = response.get("content", {}).get("application/json")
    headers = {
        name: translation.schema(translation.follow(header)["schema"])
        for name, header in response.get("headers", {}).items()
        # Those of the transport are there only where it has something to say.
        if not name.startswith("Access-Control-") and name != "Content-Encoding"
    }
    return {
        "schema": translation.schema(content["schema"]) if content else None,
        "headers": headers,
    }
