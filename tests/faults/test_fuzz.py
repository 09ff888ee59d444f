"""
Every public field against the service's own rules, restated here from Twilio's OpenAPI and not
taken from the code under test: a value is either accepted, and sent as the rules allow, or refused
by name and rule before any request. Nothing else ever comes out.
"""

from __future__ import annotations

import inspect
import json
import math
import re
import string
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bridge_helpers import errors
from bridge_helpers import settings as bridge_settings
from bridge_helpers.data.export import check_output
from bridge_helpers.errors import BridgeError, InvalidInput, MissingCredentials, UnsafeAddress
from bridge_helpers.onboarding.explore import check_status
from bridge_helpers.onboarding.plan import Plan, Wanted, check_apply, check_sync_timeout
from bridge_helpers.runs.request import Request
from bridge_helpers.settings import REGIONS, Credentials, Secret, checked_region, checked_target
from bridge_helpers.sources import Source, chosen, sources
from bridge_helpers.target import connect

from ..trials import trials
from .children import plan
from .conftest import Client
from .world import SERVICE_SID, STORE_ID

GROUPINGS = (
    "GROUP_BY_PROFILE",
    "GROUP_BY_PARTICIPANT_ADDRESSES",
    "GROUP_BY_PARTICIPANT_ADDRESSES_AND_CHANNEL_TYPE",
)


def matches(pattern: str, value: Any) -> bool:
    """As JSON schema's `pattern` with its anchors."""
    return isinstance(value, str) and re.search(pattern, value) is not None and "\n" not in value


# What the service takes (conversations v2 and v1, memory v1), as far as its OpenAPI says.
ALLOWED: Mapping[str, Callable[[Any], bool]] = {
    "serviceId": lambda value: matches(r"^IS[0-9a-f]{32}$", value),
    "memoryStoreId": lambda value: matches(r"^mem_(store|service)_[0-7][0-9a-z]{25}$", value),
    "displayName": lambda value: matches(r"^[a-zA-Z0-9-_ ]+$", value) and 1 <= len(value) <= 32,
    "description": lambda value: isinstance(value, str) and len(value) <= 512,
    "conversationGroupingType": lambda value: value in GROUPINGS,
    "to": lambda value: value == "*" or matches(r"^\+[1-9][0-9]{1,14}$", value),
    "from": lambda value: value == "*" or matches(r"^\+[1-9][0-9]{1,14}$", value),
}

odd = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.binary(max_size=5),
    st.lists(st.text(max_size=3), max_size=2),
    st.just(object()),
)
sid_like = st.from_regex(r"\A\s?(IS|is|Is|CH)[0-9a-fA-F]{31,33}\s?\Z")
store_like = st.from_regex(r"\A\s?mem_(store|service|other)_[0-9][0-9a-zA-Z]{24,26}\s?\Z")
name_like = st.text(string.ascii_letters + string.digits + "-_ ./é\n", max_size=34)
number_like = st.from_regex(r"\A\s?\+?[0-9]{0,17}\s?\Z")


def sent(body: dict[str, Any]) -> dict[str, Any]:
    """The rules' fields in a body, wherever they stand in it."""
    found = {key: value for key, value in body.items() if key in ALLOWED}
    found["serviceId"] = body["conversationsV1Bridge"]["serviceId"]
    for setting in (body.get("channelSettings") or {}).values():
        for rule in setting["captureRules"]:
            assert (rule["from"] == "*") != (rule["to"] == "*")
            found |= {"from": rule["from"], "to": rule["to"]}
    return found


@given(
    service_sid=st.just(SERVICE_SID) | sid_like | st.text() | odd,
    memory_store_id=st.just(STORE_ID) | store_like | st.text() | odd,
    display_name=st.just("Bridge") | name_like | st.text() | odd,
    description=st.just("d") | st.text(max_size=600) | odd,
    grouping=st.sampled_from([*GROUPINGS, *map(str.lower, GROUPINGS), ""]) | st.text() | odd,
    voice_number=st.just("") | number_like | st.text() | odd,
)
@trials(400)
@example(
    service_sid=SERVICE_SID,
    memory_store_id=STORE_ID,
    display_name="Bridge",
    description="👩\u200d💻 می\u200cخواهم",
    grouping=GROUPINGS[0],
    voice_number="+15551234567",
)
def test_every_field_of_a_plan(**values: Any) -> None:
    """Accepted values make a body that every rule allows and JSON can hold; others are named."""
    try:
        wanted = Wanted.checked(**values)
    except InvalidInput as refused:
        check_refusal(refused, values)
        return
    if not wanted.service_sid or not wanted.memory_store_id:
        return
    body = Plan(**{name: getattr(wanted, name) for name in Wanted.__slots__}).body()
    for name, value in sent(body).items():
        assert ALLOWED[name](value), (name, value)
    assert json.loads(json.dumps(body)) == body
    json.dumps(body, ensure_ascii=False).encode()
    # What was typed is what is sent, but for spaces around ids and the case of a sid.
    assert body["description"] == values["description"]
    assert body["displayName"] == values["display_name"]
    assert (
        body["conversationsV1Bridge"]["serviceId"].lower() == values["service_sid"].strip().lower()
    )


def check_refusal(refused: InvalidInput, values: Mapping[str, Any]) -> None:
    """It names a field that was given, that field's value breaks a rule, and it reads well."""
    assert refused.field in values
    assert refused.rule
    text = str(refused)
    assert refused.field in text
    assert len(text) < 600
    text.encode()
    assert refused.exit_status == 2
    value = values[refused.field]
    rules: dict[str, Callable[[str], object]] = {
        "service_sid": lambda v: v == "" or matches(r"^IS[0-9a-fA-F]{32}$", v),
        "memory_store_id": lambda v: v == "" or ALLOWED["memoryStoreId"](v),
        # Ours on top of the service's: something has to be read in a name and a description,
        # and control characters are not text.
        "display_name": lambda v: ALLOWED["displayName"](v) and v.strip(),
        "description": lambda v: (
            ALLOWED["description"](v)
            and v.strip()
            and not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]", v)
        ),
        "grouping": lambda v: v in GROUPINGS,
        "voice_number": lambda v: v == "" or matches(r"^\+[1-9][0-9]{1,14}$", v),
    }
    allowed = rules[refused.field]
    assert not (isinstance(value, str) and allowed(value)), (refused.field, value)


@given(
    display_name=name_like.filter(ALLOWED["displayName"]).filter(str.strip),
    description=st.text(
        st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=512
    ).filter(str.strip),
    grouping=st.sampled_from(GROUPINGS),
    voice_number=st.just("") | st.from_regex(r"\A\+[1-9][0-9]{1,14}\Z"),
)
@trials(25)
def test_what_is_accepted_arrives(client: Client, **values: str) -> None:
    """Over the socket, byte for byte: what the service reads is what was wanted."""
    client.world.configurations.clear()
    client.world.numbers = [values["voice_number"]]
    client.create(plan(**values))
    body = [call for call in client.server.calls if call.method == "POST"][-1].json()
    assert body["displayName"] == values["display_name"]
    assert body["description"] == values["description"]
    assert body["conversationGroupingType"] == values["grouping"]
    numbers = [
        rule["to"]
        for rule in body.get("channelSettings", {}).get("VOICE", {}).get("captureRules", [])
    ]
    assert numbers == ([values["voice_number"]] if values["voice_number"] else [])
    for name, value in sent(body).items():
        assert ALLOWED[name](value)


@given(st.floats() | st.integers() | st.text() | odd)
@trials(120)
@example(10**400)
@example(True)
@example(3600)
def test_sync_timeout(value: Any) -> None:
    """A number of seconds above 0 and up to an hour, or InvalidInput."""
    right = isinstance(value, int | float) and not isinstance(value, bool)
    right = right and not (isinstance(value, float) and math.isnan(value)) and 0 < value <= 3600
    if right:
        assert check_sync_timeout(value) == float(value)
    else:
        refuse(lambda: check_sync_timeout(value), "sync_timeout")


@given(st.booleans() | st.sampled_from(["true", "False", "yes", "1", ""]) | st.text() | odd)
@trials(120)
@example("false")
@example(1)
@example(0)
def test_apply(value: Any) -> None:
    """True only for true: nothing that merely counts as true makes a run write."""
    if isinstance(value, bool):
        assert check_apply(value) is value
    elif isinstance(value, str) and value.strip().lower() in ("true", "false"):
        assert check_apply(value) is (value.strip().lower() == "true")
    else:
        refuse(lambda: check_apply(value), "apply")


@given(st.sampled_from(["ACTIVE", "inactive", " Closed "]) | st.text() | odd)
@trials(120)
def test_status(value: Any) -> None:
    """One of three words, whatever their case."""
    if isinstance(value, str) and value.strip().upper() in ("ACTIVE", "INACTIVE", "CLOSED"):
        assert check_status(value) == value.strip().upper()
    else:
        refuse(lambda: check_status(value), "status")


@given(st.sampled_from(["sandbox", "twilio", "Twilio", ""]) | st.text() | odd)
@trials(120)
def test_target(value: Any) -> None:
    """One of two words."""
    if value in ("sandbox", "twilio"):
        assert checked_target(value) == value
    else:
        refuse(lambda: checked_target(value), "target")


@given(st.text(max_size=20) | st.sampled_from(["a.csv", "b.XLSX", "c.parquet", "d.jsonl", "e.txt"]))
@trials(120)
def test_output(value: str) -> None:
    """A path that ends in a known way; otherwise it is refused before anything is read."""
    known = Path(value).suffix.lower() in (".csv", ".xlsx", ".parquet", ".jsonl")
    if known and not value.startswith("~"):
        assert check_output(value) == Path(value)
    elif not known:
        refuse(lambda: check_output(value), "output")


@given(st.sampled_from(["us1", "ie1", "au1", "US1"]) | st.text(max_size=12))
@trials(120)
@example("us1.evil.com/")
@example("us1\n")
@example("br1")
def test_region(value: str) -> None:
    """A region becomes part of a host name: one whose host is known, or refused."""
    if value in ("", "us1", "ie1", "au1"):
        assert checked_region("TWILIO_REGION", value) == value
        assert Source("x", {"TWILIO_REGION": value}).region() == value
    else:
        refuse(lambda: checked_region("TWILIO_REGION", value), "TWILIO_REGION")
        refuse(lambda: Source("x", {"TWILIO_REGION": value}).region(), "TWILIO_REGION")
        with pytest.raises(InvalidInput) as refused:
            checked_region("region", value)
        assert all(region in str(refused.value) for region in REGIONS)


secret_like = st.text(min_size=0, max_size=40)
OUR_WORDS = "".join(inspect.getsource(module) for module in (errors, bridge_settings))


@given(
    account_sid=st.just("AC" + "0" * 32) | st.from_regex(r"\AAC[0-9a-f]{32}\n?\Z") | st.text(),
    api_key=st.just("SK" + "0" * 32) | st.text(),
    api_secret=secret_like,
    auth_token=st.just("") | secret_like,
)
@trials(300)
def test_credentials(account_sid: str, api_key: str, api_secret: str, auth_token: str) -> None:
    """Usable in a header, or refused; no message ever shows what may be a secret."""
    try:
        made = Credentials.checked(account_sid, api_key, api_secret, auth_token)
    except (InvalidInput, MissingCredentials) as refused:
        told = refused.for_support() + repr(refused.__dict__)
        for value in (account_sid, api_key, api_secret, auth_token):
            # Chance makes short values appear in any text, and Hypothesis draws words from
            # the module itself: those show nothing.
            assert len(value) < 8 or value.strip() in OUR_WORDS or value.strip() not in told
        return
    assert re.fullmatch(r"AC[0-9a-fA-F]{32}", made.account_sid)
    assert re.fullmatch(r"(AC|SK)[0-9a-fA-F]{32}", made.username)
    revealed = made.secret.reveal()
    assert revealed
    assert revealed in (api_secret, auth_token)
    revealed.encode("ascii")
    other = Credentials(made.account_sid, made.username, Secret("another one"))
    assert repr(made) == repr(other)


@given(
    st.dictionaries(
        st.sampled_from(["A_", "a_", ""]).map(lambda p: f"{p}TWILIO_ACCOUNT_SID"), st.text()
    ),
    st.text(max_size=5),
)
@trials(120)
def test_a_prefix_of_credentials(env: dict[str, str], prefix: str) -> None:
    """Any prefix is a prefix, or refused by name; what is missing is named with it."""
    try:
        chosen([Source("x", env)], prefix).credentials(prefix)
    except (InvalidInput, MissingCredentials) as refused:
        shown = refused.for_support()
    else:
        return
    assert "TWILIO_" in shown or "credentials" in shown


@given(
    target=st.text(max_size=8) | odd,
    apply=st.text(max_size=5) | odd,
    sync_timeout=st.floats() | odd,
    service_sid=sid_like | odd,
)
@trials(120)
def test_a_request_of_a_run(**values: Any) -> None:
    """The parameters of a run are a request, or InvalidInput."""
    try:
        Request.checked(**values)
    except InvalidInput as refused:
        field = refused.field
    else:
        return
    assert field in values


@given(
    st.fixed_dictionaries(
        {},
        optional={
            name: st.text(
                st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40
            )
            for name in (
                "TWILIO_ACCOUNT_SID",
                "TWILIO_API_KEY",
                "TWILIO_API_SECRET",
                "TWILIO_AUTH_TOKEN",
                "TWILIO_REGION",
                "TWILIO_CONVERSATIONS_URL",
                "TWILIO_MEMORY_URL",
                "TWILIO_API_URL",
                "TWILIO_MESSAGING_URL",
            )
        },
    )
)
@trials(120)
def test_any_environment(env: dict[str, str]) -> None:
    """From any environment a session for Twilio comes, or an error that says what to set."""
    try:
        connect("twilio", env=env).close()
    except (InvalidInput, MissingCredentials, UnsafeAddress) as refused:
        shown, status = str(refused), refused.exit_status
    else:
        return
    assert status == 2
    assert "TWILIO_" in shown


@pytest.mark.parametrize(
    ("name", "value"),
    [("BRIDGE_HOME", "/dev/null/x"), ("BRIDGE_HOME", "~nobody-of-this-name/x")],
)
def test_an_unusable_home(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A home that cannot be is named, not met as a traceback."""
    from bridge_helpers.onboarding.journal import Journal

    monkeypatch.setenv(name, value)
    refuse(Journal, name)


@pytest.mark.parametrize("field", ["service_sid", "description", "sync_timeout", "apply", "target"])
def test_a_value_that_cannot_be_shown(field: str) -> None:
    """A number of five thousand digits has no repr: it is refused by its type."""
    values: dict[str, Any] = {"target": "twilio", "apply": False, "sync_timeout": 1.0}
    refuse(lambda: Request.checked(**{**values, field: -(10**5000)}), field)


def test_an_env_file_that_is_no_text(tmp_path: Path) -> None:
    """A .env file in another encoding is refused by name."""
    (tmp_path / ".env").write_bytes(b"TWILIO_REGION=\xff\xfe\n")
    refuse(lambda: sources(tmp_path), ".env")


def refuse(call: Callable[[], object], field: str) -> None:
    with pytest.raises(BridgeError) as refused:
        call()
    assert isinstance(refused.value, InvalidInput)
    assert refused.value.field == field
    assert field in str(refused.value)
    assert len(str(refused.value)) < 600
