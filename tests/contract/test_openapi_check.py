"""The check itself: it passes what Twilio would send, and finds each thing that it would not."""

from __future__ import annotations

import json
import subprocess
import sys
from copy import copy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ..openapi_check import error_problems
from ..sandbox_process import SandboxProcess

if TYPE_CHECKING:
    from ..openapi_check import OpenApi

HEADERS = {"Content-Type": "application/json", "Twilio-Request-Id": "RQ1"}
CONVERSATION = {
    "id": "conv_conversation_1",
    "accountId": "AC1",
    "configurationId": "conv_configuration_1",
    "status": "ACTIVE",
    "name": None,
    "metadata": {"order": "17"},
    "createdAt": "2026-01-01T00:00:00.250Z",
}
LISTED = {"conversations": [CONVERSATION], "meta": {"key": "conversations", "pageSize": 1}}
OPERATION = "https://conversations.twilio.com/v2/ControlPlane/Operations/proc_job_1"
ACCEPTED = HEADERS | {"Operation-Id": "proc_job_1", "Retry-After": "1", "Location": OPERATION}
GONE = {"code": 20404, "message": "not found", "more_info": "https://…", "status": 404}


def test_what_twilio_sends_passes(openapi: OpenApi) -> None:
    """Answers as the reference shows them, errors of all three shapes too, have no problems."""
    listed, gone = json.dumps(LISTED), json.dumps(GONE)
    prose = {"code": 20003, "httpStatusCode": 401, "message": "no", "userError": True}
    problem = {"type": "https://…", "title": "Too many", "status": 429, "code": 20429}
    accepted = json.dumps({"statusUrl": OPERATION, "related": None, "more": 1})
    openapi.check("GET", "/v2/Conversations?status=ACTIVE", 200, HEADERS, listed)
    openapi.check("GET", "/v2/Conversations/conv_conversation_1", 404, HEADERS, gone)
    openapi.check("GET", "/v2/Conversations", 401, HEADERS, json.dumps(prose))
    openapi.check("GET", "/v2/Conversations", 429, HEADERS, json.dumps(problem))
    openapi.check("POST", "/v2/ControlPlane/Configurations", 202, ACCEPTED, accepted)
    openapi.check("DELETE", "/v1/Services/IS1", 204, {"Twilio-Request-Id": "RQ1"}, "")
    openapi.check("GET", "/v2/NoSuchThing", 404, HEADERS, gone)


def without(document: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in document.items() if key != name}


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        (without(CONVERSATION, "accountId"), '"accountId" is a required property'),
        (CONVERSATION | {"status": "OPEN"}, '"OPEN" is not one of'),
        (CONVERSATION | {"createdAt": "2026-01-01 00:00"}, 'is not a "date-time"'),
        (CONVERSATION | {"createdAt": None}, 'null is not of type "string"'),
        (CONVERSATION | {"accountid": "AC1"}, "'accountid' was unexpected"),
        (CONVERSATION | {"participants": [{"id": "p"}]}, '"conversationId" is a required'),
    ],
)
def test_a_wrong_body_is_found(openapi: OpenApi, changed: dict[str, Any], complaint: str) -> None:
    """Missing, mistyped, misspelled and null members are each named, with where they are."""
    body = json.dumps(LISTED | {"conversations": [changed]})
    problems = openapi.problems("GET", "/v2/Conversations", 200, HEADERS, body)
    assert any(complaint in problem for problem in problems)
    assert all(problem.startswith("$.conversations[0]") for problem in problems)


@pytest.mark.parametrize(
    ("method", "path", "status", "headers", "body", "complaint"),
    [
        ("GET", "/v2/Conversations", 201, HEADERS, json.dumps(LISTED), "status not declared"),
        ("GET", "/v2/Conversations", 418, HEADERS, json.dumps(GONE), "status not declared"),
        ("GET", "/v2/Conversations", 200, HEADERS, "{", "not JSON"),
        ("GET", "/v2/Conversations", 404, HEADERS, "{}", "error member 'code'"),
        ("GET", "/v2/Conversations", 400, HEADERS, json.dumps(GONE), "says status 404"),
        ("GET", "/v2/Nothing", 200, HEADERS, "{}", "not among the operations"),
        ("DELETE", "/v1/Services/IS1", 204, HEADERS, "{}", "a body where none"),
        (
            "POST",
            "/v2/ControlPlane/Configurations",
            202,
            HEADERS,
            json.dumps({"statusUrl": OPERATION}),
            "no Operation-Id header",
        ),
        (
            "GET",
            "/v2/Conversations",
            200,
            {"Twilio-Request-Id": "RQ1", "Content-Type": "text/html"},
            json.dumps(LISTED),
            "content type 'text/html'",
        ),
        (
            "GET",
            "/v2/Conversations",
            200,
            {"Content-Type": "application/json"},
            json.dumps(LISTED),
            "no Twilio-Request-Id",
        ),
    ],
)
def test_a_wrong_answer_is_found(
    openapi: OpenApi,
    method: str,
    path: str,
    status: int,
    headers: dict[str, str],
    body: str,
    complaint: str,
) -> None:
    """A wrong status, content type, header, error or emptiness is named."""
    problems = openapi.problems(method, path, status, headers, body)
    assert any(complaint in problem for problem in problems), problems
    with pytest.raises(AssertionError, match="differs from the OpenAPI"):
        openapi.check(method, path, status, headers, body)


def test_files_that_lack_an_operation_leave_its_answers_alone(openapi: OpenApi) -> None:
    """Older files know less than the sandbox; errors are held to their shape all the same."""
    older = copy(openapi)
    older.operations = [o for o in openapi.operations if "/Users" not in o.path]
    older._known = {}
    path = "/v1/Services/IS1/Users/zoe"
    assert older.problems("GET", path, 200, HEADERS, "{}") == []
    assert older.problems("GET", path, 404, HEADERS, "{}") != []


def test_an_error_without_words_is_found() -> None:
    """An error must say something."""
    assert error_problems(400, {"code": 1, "message": " ", "status": 400})


def test_every_sandbox_of_a_session_is_held_against_the_files(
    openapi: OpenApi, tmp_path: Path
) -> None:
    """A session whose sandbox once answered wrongly fails, though each of its tests passed."""
    wrong = {"method": "GET", "path": "/v2/Conversations", "status": 200, "headers": HEADERS}
    wrong |= {"body": "{}", "fault": None}
    made = wrong | {"fault": "truncate"}
    test = tmp_path / "test_a_sandbox_was_here.py"
    test.write_text(
        "import json, os, pathlib\n"
        "def test_it():\n"
        "    folder = pathlib.Path(os.environ['BRIDGE_SANDBOX_RECORD'])\n"
        f"    lines = [json.dumps(line) for line in {[wrong, made]!r}]\n"
        "    (folder / 'sandbox-1.jsonl').write_text('\\n'.join(lines) + '\\n' + '{half')\n"
    )
    command = [sys.executable, "-m", "pytest", "-p", "tests.contract.recording", "-c", "/dev/null"]
    ended = subprocess.run(
        [*command, "--rootdir", str(tmp_path), "-p", "no:cacheprovider", str(test)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ended.returncode == 1, ended.stdout + ended.stderr
    assert "1 passed" in ended.stdout
    assert "1 answers held against" in ended.stdout
    assert '"conversations" is a required property' in ended.stdout


def test_a_sandbox_records_what_it_answers(tmp_path: Path) -> None:
    """Each answer is a line at once, faults are marked as such, and no secret is in there."""
    with SandboxProcess(environment={"BRIDGE_SANDBOX_RECORD": str(tmp_path)}) as sandbox:
        account = sandbox.account()
        sandbox.fault("not-json", path="/v2/Conversations")
        with sandbox.client(account) as http:
            for path in ("/v1/Services?PageSize=1", "/v2/Conversations", "/v2/Nothing"):
                http.get(path)
        (file,) = tmp_path.glob("*.jsonl")
        written = file.read_text()
    lines = [json.loads(line) for line in written.splitlines()]
    assert [(line["path"], line["status"], bool(line["fault"])) for line in lines] == [
        ("/v1/Services?PageSize=1", 200, False),
        ("/v2/Conversations", 200, True),
        ("/v2/Nothing", 404, False),
    ]
    assert json.loads(lines[0]["body"])["services"][0]["sid"] == account.service_sid
    assert account.api_secret not in written
    assert account.auth_token not in written
