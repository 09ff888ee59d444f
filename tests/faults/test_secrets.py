"""Secrets in memory: whatever is asked of the objects that hold them, they do not show them."""

from __future__ import annotations

import copy
import dataclasses
import io
import json
import logging
import pickle
import pprint
import secrets
import traceback
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from bridge_helpers.api.session import Session
from bridge_helpers.errors import BridgeError
from bridge_helpers.settings import Account, Credentials, Secret

from .children import account
from .conftest import QUICK, Client
from .server import Server, drops_before, not_json, refuses

VALUE = secrets.token_hex(16)


@pytest.fixture
def holder() -> Account:
    return account("http://127.0.0.1:1", password=VALUE)


@pytest.mark.parametrize(
    "shown",
    [
        repr,
        str,
        "{}".format,
        lambda one: f"{one!r} {one!s} {one}",
        lambda one: "%s %r" % (one, one),  # noqa: UP031
        pprint.pformat,
        lambda one: json.dumps(one, default=str),
        lambda one: json.dumps({"x": one}, default=repr),
        ascii,
    ],
)
def test_no_way_of_showing_shows_it(shown: Callable[[object], str], holder: Account) -> None:
    """Neither the secret itself nor anything that holds it."""
    with Session(holder) as session:
        for one in (Secret(VALUE), holder.credentials, holder, session, [holder], {"a": holder}):
            assert VALUE not in shown(one)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_nothing_that_holds_it_is_pickled(protocol: int, holder: Account) -> None:
    """Pickling refuses, by whatever protocol: work is sent to others with names, not secrets."""
    with Session(holder) as session:
        for one in (Secret(VALUE), holder.credentials, holder, session, session.http):
            with pytest.raises(TypeError):
                pickle.dumps(one, protocol)


def test_json_and_state_refuse(holder: Account) -> None:
    """Encoders that do not ask for a text refuse; there is no state to read out."""
    for encode in (json.dumps, msgspec.json.encode, msgspec.to_builtins):
        with pytest.raises(TypeError):
            encode(Secret(VALUE))
    with pytest.raises(TypeError):
        Secret(VALUE).__getstate__()
    with pytest.raises(TypeError):
        vars(Secret(VALUE))
    assert VALUE not in repr(dataclasses.asdict(holder.credentials))


def test_a_format_specification_changes_nothing() -> None:
    """Width, precision or cutting never reach the value."""
    assert f"{Secret(VALUE):>50} {Secret(VALUE):.4}" == "[secret] [secret]"


def test_copies_stay_secret() -> None:
    """A copy is the same secret; equality is by value and not with plain text."""
    one = Secret(VALUE)
    assert copy.copy(one) is one
    assert copy.deepcopy({"a": one})["a"] is one
    assert one == Secret(VALUE)
    assert one != Secret("other")
    assert one != VALUE
    assert one
    assert not Secret("")
    assert one.reveal() == VALUE


@pytest.mark.parametrize("spoil", [refuses(401), refuses(500), not_json, drops_before])
def test_a_traceback_with_all_its_locals_shows_nothing(server: Server, spoil: Any) -> None:
    """Even a traceback that prints every local of every frame, httpx's own included."""
    server.spoil(spoil, times=None)
    quick = dataclasses.replace(QUICK, attempts=2, connection_attempts=1, first_wait=0.01)
    with Session(account(server.url, password=VALUE), quick) as session:
        try:
            list(session.orchestrator.configurations())
        except BridgeError as error:
            told = "".join(
                traceback.TracebackException.from_exception(error, capture_locals=True).format()
            )
            told += error.for_support() + error._repr_html_() + json.dumps(error.as_dict())
            told += "\n".join(error._render_traceback_()) + repr(error.__dict__)
    assert "configurations" in told
    assert VALUE not in told
    assert server.calls[0].headers["authorization"] not in told
    assert server.calls[0].headers["authorization"].removeprefix("Basic ") not in told


def test_debug_logs_hold_method_path_status_duration_and_id(client: Client) -> None:
    """Every logger at DEBUG, httpx's included: no body, no header, no query value."""
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        client.world.conversations = [{"id": "conv_x", "name": "Ana Private"}] * 3
        client.create()
        client.server.spoil(refuses(400, "Body text of a refusal"), "Stores")
        client.read(lambda: client.session.orchestrator.conversations(channel_id="CHprivate"))
        client.read(client.session.memory.store_ids)
        client.read(lambda: client.session.numbers.owned("+15550001111"))
    finally:
        root.removeHandler(handler)
        root.setLevel(before)
    told = out.getvalue()
    assert "POST /v2/ControlPlane/Configurations: 202 in 0." in told
    assert "GET /v1/ControlPlane/Stores: 400 in 0." in told
    assert "RQ5555" in told
    secret = client.session.account.credentials.secret.reveal()
    key = client.server.calls[1].headers["idempotency-key"]
    for private in (
        secret,
        client.server.calls[0].headers["authorization"],
        "Basic",
        "Ana Private",
        "Body text",
        "CHprivate",
        "15550001111",
        "pageSize",
        "Bridges a Conversations",
        key,
    ):
        assert private not in told, private


def test_the_curl_command_names_variables(client: Client) -> None:
    """A failing request as curl: complete but for the secret, by key and by auth token."""
    client.server.spoil(refuses(400), times=None)
    with pytest.raises(BridgeError) as failed:
        client.session.orchestrator.create_configuration({"displayName": "It's"}, "k" * 8)
    command = failed.value.request
    assert '-u "$TWILIO_API_KEY:$TWILIO_API_SECRET"' in command
    assert "Idempotency-Key: kkkkkkkk" in command
    assert "It'\"'\"'s" in command
    assert client.session.account.credentials.secret.reveal() not in command
    by_token = Credentials("AC" + "0" * 32, "AC" + "0" * 32, Secret(VALUE))
    with Session(dataclasses.replace(client.session.account, credentials=by_token)) as session:
        with pytest.raises(BridgeError) as failed:
            session.memory.store("mem_store_x")
        assert '"$TWILIO_ACCOUNT_SID:$TWILIO_AUTH_TOKEN"' in failed.value.request
        assert VALUE not in failed.value.for_support()
