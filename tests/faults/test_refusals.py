"""Refusals: every known code and status says what to do, and the tree is as it is drawn."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge_helpers import errors
from bridge_helpers.api.refusals import advice_when_unreachable, refusal
from bridge_helpers.api.session import Session
from bridge_helpers.errors import (
    ApiError,
    BridgeError,
    ConnectionFailed,
    NotEnabled,
    OperationFailed,
    TermsNotAccepted,
)

from ..trials import trials
from .children import account
from .conftest import QUICK, Client
from .server import Server, refuses

# Twilio docs: api/errors, conversations/orchestrator/troubleshooting.
CODES = (
    20001, 20003, 20005, 20006, 20008, 20162, 20404, 20409, 20412, 20422, 20429, 20500, 20503,
    50056, 50057, 50063, 50074, 50076, 50107, 50385, 50391, 50416, 50417, 50418, 50422, 50425,
    70051, 520041, 520042, 520043, 520044, 520045, 520049, 520052, 520053, 520055, 530001, 530003,
    530004,
)  # fmt: skip
WITHOUT_ADVICE = (
    50050, 50353, 50377, 50433, 50438, 520046, 520060, 520065, 520066, 520067,
    95305, 95306, 95407, 95408, 20004, 20007, 20010, 20403, 20410, 20413, 70001, 70002,
)  # fmt: skip
STATUSES = {
    400: "BadRequest",
    401: "AuthenticationFailed",
    403: "Forbidden",
    404: "NotFound",
    408: "ServerError",
    409: "Conflict",
    412: "PreconditionFailed",
    415: "UnsupportedMedia",
    429: "RateLimited",
    500: "ServerError",
    502: "ServerError",
    503: "ServerError",
    504: "ServerError",
    529: "ServerError",
}


def told(status: int, body: bytes = b"", **headers: str) -> ApiError:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return refusal(status, body, named, "GET /v2/x", "AC" + "0" * 32)


@pytest.mark.parametrize("code", CODES)
def test_every_code_says_what_to_do(code: int) -> None:
    """An action of its own, a sentence, and the code and request id beside it."""
    error = told(400, b'{"code": %d, "message": "No"}' % code, twilio_request_id="RQ1")
    assert len(error.action) > 20
    assert error.action.endswith(".")
    assert error.code == code
    assert ("Twilio code", str(code)) in error.details()
    assert ("Request id", "RQ1") in error.details()
    assert ("About the code", f"https://www.twilio.com/docs/api/errors/{code}") in error.details()
    # 20001 and 20422 say that a value is not accepted, as any 400 does.
    if code not in (20001, 20422):
        assert error.action != told(400, b'{"code": 1}').action


@pytest.mark.parametrize("code", WITHOUT_ADVICE)
@pytest.mark.parametrize("status", [400, 401, 403, 404, 409])
def test_a_code_that_we_do_not_know_gets_no_advice_of_ours(code: int, status: int) -> None:
    """Whatever the status suggests: what to do is on the page of the code, which is linked."""
    error = told(status, b'{"code": %d, "message": "No"}' % code)
    assert error.action == f"Twilio's page about code {code} says what it means and what to do."
    assert error.page == f"https://www.twilio.com/docs/api/errors/{code}"


@pytest.mark.parametrize("status", [408, 429, 503])
def test_what_may_be_repeated_is_said_of_an_unknown_code_too(status: int) -> None:
    """The status alone tells that."""
    action = told(status, b'{"code": 50438, "message": "No"}').action
    assert "run it again" in action.lower()
    assert "page about code 50438" in action


@pytest.mark.parametrize(
    ("status", "code", "words"),
    [
        (400, 20422, "value"),
        (415, 20422, "JSON"),
        (403, 20005, "suspended or closed"),
        (401, 70051, "Standard key"),
        (403, 20008, "Test credentials"),
        (403, 50107, "role"),
        (400, 50385, "region"),
        (409, 20162, "run it again"),
        (409, 50416, "ParticipantConversations"),
        (429, 50063, "one second"),
        (400, 50076, "pre-webhook"),
    ],
)
def test_what_a_code_means_is_what_twilio_says(status: int, code: int, words: str) -> None:
    """The code counts for more than the status, but for 415, which is always the body's format."""
    assert words in told(status, b'{"code": %d, "message": "No"}' % code).action


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (b'{"code": 20001, "message": "memoryStoreId must not be null"}', True),
        (b'{"code": 20001, "message": "\'Author\' is too long"}', True),
        (b'{"code": 20001, "message": "friendly_name: too long"}', True),
        (b'{"title": "Bad", "errors": [{"pointer": "/displayName", "detail": "short"}]}', True),
        (b'{"code": 20001, "message": "Bad request"}', False),
        (b'{"code": 400, "message": "Invalid parameter"}', False),
        (b"", False),
    ],
)
def test_advice_speaks_of_a_named_value_only_where_one_is_named(body: bytes, named: bool) -> None:
    """A person looks for the name in the message, and has to find it."""
    assert ("that the message names" in told(400, body).action) is named


@pytest.mark.parametrize("code", [None, 0, 1, 400, 409, -20404, 10**9])
def test_a_number_that_is_no_code_of_twilios_has_no_page(code: int | None) -> None:
    """Some bodies have the HTTP status as their code; there is no page about it."""
    error = BridgeError("x")
    error.code = code
    assert error.page == ""


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://www.twilio.com/docs/errors/20404", True),
        ("https://twilio.com/docs/errors/20404", True),
        ("https://help.twilio.com/a?b=c", True),
        ("http://www.twilio.com/docs/errors/20404", False),
        ("https://www.twilio.com.evil.example/", False),
        ("https://eviltwilio.com/", False),
        ("https://user:pw@www.twilio.com/", False),
        ("https://www.twilio.com/a b", False),
        ("https://www.twilio.com/\u202e", False),
        ("https://www.twilio.com/" + "x" * 300, False),
        ("javascript:alert(1)//https://www.twilio.com/", False),
        (7, False),
    ],
)
def test_a_page_that_the_service_names_is_shown_where_it_is_twilios(
    url: object, shown: bool
) -> None:
    """In both bodies that have one; anything else is not repeated."""
    import json

    for body in (
        {"code": 1, "message": "No", "more_info": url},
        {"code": 1, "message": "No", "params": {"twilioErrorCodeUrl": url}},
    ):
        error = told(400, json.dumps(body).encode())
        assert error.more_info == (url if shown else "")
        assert (("More", str(url)) in error.details()) is shown
        assert (str(url) in error.for_support()) is shown
        assert set(error.as_dict()) == {
            *("type", "message", "status", "code", "request_id", "action"),
        }


@pytest.mark.parametrize(("status", "name"), STATUSES.items())
@pytest.mark.parametrize("body", [b"", b"<html>", b'{"code": %d}', b"null", b"[]", b'"x"', b"\xff"])
def test_every_status_has_its_class_and_an_action(status: int, name: str, body: bytes) -> None:
    """Whatever the body: also where the code is the HTTP number again."""
    error = told(status, body.replace(b"%d", str(status).encode()))
    assert error.kind == name
    assert error.status == status
    assert error.what
    assert error.why
    assert error.action


@given(st.integers(400, 599), st.binary(max_size=200))
@trials(300)
def test_any_body_is_an_error_of_ours(status: int, body: bytes) -> None:
    """No body makes a traceback of a refusal."""
    error = told(status, body)
    assert isinstance(error, ApiError)
    assert error.as_dict()["status"] == status
    str(error).encode("utf-8", "surrogatepass")


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False)
        | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["code", "message", "params", "errors", "detail", "title", "status"]
                ),
                inner,
                max_size=4,
            )
        ),
        max_leaves=8,
    )
)
@trials(300)
def test_any_json_is_an_error_of_ours(body: object) -> None:
    """Members of any type where a text or a number is expected."""
    import json

    error = told(400, json.dumps(body).encode())
    assert error.code is None or isinstance(error.code, int)
    assert error.details()


@pytest.mark.parametrize(
    "body",
    [
        b'{"code": 20003, "message": "Denied", "params": {"field": "termsOfService"}}',
        b'{"code": 20003, "message": "Please accept the Terms of Service first"}',
        b'{"type": "x", "title": "Denied", "status": 401, "detail": "terms of service"}',
    ],
)
def test_terms_are_not_a_wrong_key(body: bytes) -> None:
    """401 for the terms of service says so; another 401 speaks of the credentials."""
    error = told(401, body)
    assert isinstance(error, TermsNotAccepted)
    assert "credentials are fine" in error.action
    assert not isinstance(
        told(401, b'{"code": 20003, "message": "Authenticate"}'), TermsNotAccepted
    )


def test_not_enabled_on_every_list_and_create(client: Client) -> None:
    """404 where nothing can be missing is the product missing, with the request for support."""
    client.server.spoil(refuses(404, code=20404), times=None)
    api = client.session.orchestrator
    for ask in (
        lambda: list(api.configurations()),
        lambda: list(api.conversations()),
        lambda: api.create_configuration({}, "k"),
    ):
        with pytest.raises(NotEnabled) as missing:
            ask()
        assert "AC" + "0" * 32 in missing.value.what
        assert missing.value.request.startswith("curl")
        assert missing.value.request_id
    with pytest.raises(errors.NotFound) as gone:
        api.configuration_document("x")
    assert not isinstance(gone.value, NotEnabled)


def test_the_tree_is_drawn_as_it_is() -> None:
    """Every class is in the docstring's drawing under its parent, and is exported."""
    drawing = errors.__doc__ or ""
    lines = re.findall(r"^    ([│├└─ ]*)(\w+)", drawing, re.MULTILINE)
    drawn = {name: len(indent) // 4 for indent, name in lines if name in vars(errors)}
    classes = [
        one
        for one in vars(errors).values()
        if isinstance(one, type) and issubclass(one, BridgeError)
    ]
    assert {one.__name__ for one in classes} == set(drawn) == set(errors.__all__)
    for one in classes:
        depth = [base for base in one.__mro__ if issubclass(base, BridgeError)]
        assert drawn[one.__name__] == len(depth) - 1, one
        assert one.__doc__


def test_what_people_see_is_escaped_and_has_no_call_stack() -> None:
    """In a notebook: the message, as text; not markup from a server, nor our frames."""
    error = told(400, b'{"message": "<script>alert(1)</script>", "code": 20001}')
    assert "<script>" not in error._repr_html_()
    assert "&lt;script&gt;" in error._repr_html_()
    assert 'role="alert"' in error._repr_html_()
    assert not any("File " in line for line in error._render_traceback_())


@pytest.mark.parametrize(
    ("error", "reason", "code", "status", "page"),
    [
        (
            {"type": "x", "title": "Bad store", "detail": "It is gone.", "code": 520041},
            *("Bad store. It is gone.", 520041, None, ""),
        ),
        (
            {
                "code": 20001,
                "message": "serviceId is bridged",
                "more_info": "https://www.twilio.com/docs/errors/20001",
                "status": 400,
            },
            *("serviceId is bridged.", 20001, 400, "https://www.twilio.com/docs/errors/20001"),
        ),
        (
            {
                "code": "20409",
                "httpStatusCode": 409,
                "message": "Busy",
                "userError": True,
                "params": {"twilioErrorCodeUrl": "https://www.twilio.com/docs/x", "n": 1},
            },
            *("Busy.", 20409, 409, "https://www.twilio.com/docs/x"),
        ),
        ("It broke", "It broke.", None, None, ""),
        ({"more_info": "https://evil.example"}, "The service gave no reason.", None, None, ""),
        (None, "The service gave no reason.", None, None, ""),
    ],
)
def test_a_failed_operation_gives_its_reason_in_every_body(
    client: Client, error: object, reason: str, code: int | None, status: int | None, page: str
) -> None:
    """All three error bodies of Twilio, a bare text and nothing at all; with the code's page."""

    def fails(operation: dict[str, Any]) -> None:
        operation.update(fate="FAILED", error=error)

    client.world.next_operation.append(fails)
    with pytest.raises(OperationFailed) as failed:
        client.create()
    assert failed.value.why.startswith(reason)
    assert (failed.value.code, failed.value.status) == (code, status)
    assert failed.value.more_info == page
    about = f"https://www.twilio.com/docs/api/errors/{code}" if code else ""
    assert failed.value.page == about
    assert "Mend" not in failed.value.action


def test_a_program_on_this_machine_that_has_stopped_is_not_blamed_on_the_network() -> None:
    """Nothing listens any more: the advice speaks of the program, and of a VPN only for Twilio."""
    with Server() as server:
        url = server.url
    with Session(account(url), QUICK) as session, pytest.raises(ConnectionFailed) as caught:
        list(session.classic.services())
    assert "a program on this machine" in caught.value.action
    assert caught.value.what.startswith("Nothing answers at 127.0.0.1:")
    assert "/v1/" not in caught.value.what
    assert "VPN" not in caught.value.action
    assert "VPN" in advice_when_unreachable("https://conversations.twilio.com/v1/Services")


def test_a_bare_word_of_the_service_stands_in_a_sentence_of_ours() -> None:
    """Twilio answers a wrong key with "Authenticate" and no more; sentences stay as they are."""
    bare = told(401, b'{"code": 20003, "message": "Authenticate", "status": 401}')
    assert bare.meaning == "Twilio does not accept this key."
    assert bare.why == 'The service says no more than "Authenticate".'
    assert "secret belong together" in bare.action
    assert told(401, b'{"code": 20003, "message": "Sign in first"}').why == "Sign in first."
