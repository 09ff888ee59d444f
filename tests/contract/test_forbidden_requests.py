"""Whatever the OpenAPI files forbid is refused, in words, and leaves no trace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ..openapi_check import error_problems
from ..sandbox_process import SandboxProcess
from .forbidden import forbidden_documents, forbidden_forms
from .world import ALLOWED, QUERIED, World, furnish

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

    from ..openapi_check import OpenApi, Operation
    from .exchanges import Watch


@pytest.fixture(scope="module")
def frozen() -> Iterator[SandboxProcess]:
    """A sandbox whose clock stands still: a state that changed was changed by a request."""
    with SandboxProcess("--freeze-clock", "--operation-seconds", "1", "--lag", "0") as running:
        yield running


@pytest.fixture
def world(frozen: SandboxProcess, watch: Watch) -> Iterator[World]:
    account = frozen.account(name="forbidden")
    with watch.client(frozen, account) as http:
        yield furnish(frozen, http, account)


def named(openapi: OpenApi, name: str) -> Operation:
    if name not in openapi.described:
        pytest.skip(f"this set of OpenAPI files does not describe {name}")
    return next(operation for operation in openapi.operations if operation.name == name)


def state(sandbox: SandboxProcess, world: World) -> Any:
    return sandbox.read("state", account_sid=world.account.account_sid)


def unrefused(answer: httpx.Response, what: str, statuses: tuple[int, ...] = (400,)) -> str | None:
    """Say what is wrong with a refusal; None when it is one."""
    if answer.status_code not in statuses:
        return f"{what} → {answer.status_code} {answer.text[:120]}"
    problems = error_problems(answer.status_code, answer.json())
    return f"{what} → {problems}" if problems else None


@pytest.mark.parametrize("name", sorted(ALLOWED))
def test_forbidden_bodies(
    openapi: OpenApi, world: World, frozen: SandboxProcess, name: str
) -> None:
    """Each way to break a body's schema is a 400; nothing changes; the unbroken body passes."""
    operation = named(openapi, name)
    path, body = world.paths[operation.path], ALLOWED[name](world)
    before = state(frozen, world)
    assert operation.request is not None
    form = operation.request_type == "application/x-www-form-urlencoded"
    spoil = forbidden_forms if form else forbidden_documents

    def send(sent: Any) -> httpx.Response:
        kind: dict[str, Any] = {"data": sent} if form else {"json": sent}
        return world.http.request(operation.method, path, **kind)

    failures, tried = [], 0
    for what, spoiled in spoil(operation.request, body):
        answer = send(spoiled)
        failures.append(unrefused(answer, what))
        tried += 1

    assert [failure for failure in failures if failure] == []
    assert tried > 0 or not _constrained(operation)
    assert state(frozen, world) == before
    assert send(body).is_success


def _constrained(operation: Operation) -> bool:
    words = {"enum", "pattern", "required", "format", "maxLength"}
    return any(word in str(operation.request) for word in words)


def test_what_is_not_a_body_at_all(openapi: OpenApi, world: World, frozen: SandboxProcess) -> None:
    """JSON paths refuse forms (415, 20422) and broken JSON (400); form paths refuse JSON."""
    before = state(frozen, world)
    json_type = {"Content-Type": "application/json"}
    for name in set(ALLOWED) & openapi.described:
        operation = named(openapi, name)
        method, path = operation.method, world.paths[operation.path]
        if operation.request_type == "application/json":
            form = world.http.request(method, path, data={"displayName": "x"})
            assert unrefused(form, f"{name}: a form", (415,)) is None
            assert form.json()["code"] == 20422
            for broken in (b"{", b"[]", b'"text"', b"\xff\xfe", b"null"):
                answer = world.http.request(method, path, content=broken, headers=json_type)
                assert unrefused(answer, f"{name}: {broken!r}") is None
        else:
            answer = world.http.request(method, path, json=ALLOWED[name](world))
            assert unrefused(answer, f"{name}: JSON", (400, 415)) is None
    assert state(frozen, world) == before


@pytest.mark.parametrize("name", sorted(QUERIED))
def test_forbidden_queries(openapi: OpenApi, world: World, name: str) -> None:
    """A page size out of range, an unknown status and the like are 400; the plain query passes."""
    operation = named(openapi, name)
    path, query = world.paths[operation.path], QUERIED[name]
    properties = {p["name"]: p["schema"] for p in operation.parameters if p["in"] == "query"}
    failures = [
        unrefused(world.http.get(path, params=spoiled), what)
        for what, spoiled in forbidden_forms({"properties": properties}, query)
    ]
    assert failures
    assert [failure for failure in failures if failure] == []
    assert world.http.get(path, params=query).is_success


def test_nothing_is_left_untried(openapi: OpenApi) -> None:
    """Every operation with a body, and every list with a page size, is in the tables."""
    writes = {o.name for o in openapi.operations if o.request is not None}
    lists = {
        o.name
        for o in openapi.operations
        if o.method == "GET" and {"pageSize", "PageSize"} & {p["name"] for p in o.parameters}
    }
    assert writes - set(ALLOWED) == {"POST /2010-04-01/Accounts/{Sid}.json"}  # no API key may
    assert lists == set(QUERIED) & openapi.described
