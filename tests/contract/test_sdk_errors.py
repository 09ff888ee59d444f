"""Errors on demand arrive in Twilio's SDK as Twilio's own would."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import requests
from twilio.base.exceptions import TwilioException, TwilioRestException, TwilioServiceException

if TYPE_CHECKING:
    from twilio.rest import Client

    from ..sandbox_process import Account, SandboxProcess
    from .exchanges import Watch


@pytest.fixture
def fault(sandbox: SandboxProcess, account: Account) -> Any:
    """Ask for faults that meet this test's account only."""

    def ask(name: str, **options: Any) -> None:
        wish = {"fault": name, "account_sid": account.account_sid, **options}
        sandbox.control("faults", **wish)

    return ask


@pytest.mark.parametrize("status", [400, 403, 404, 409, 412, 429, 500, 503])
@pytest.mark.parametrize("shape", ["classic", "orchestrator"])
def test_classic_and_orchestrator_shapes(sdk: Client, fault: Any, shape: str, status: int) -> None:
    """Both are read as TwilioRestException, with status, code and message."""
    fault("status", status=status, code=21999, message="on demand", shape=shape)
    with pytest.raises(TwilioRestException, match="on demand") as refused:
        sdk.conversations.v2.conversations("any").fetch()
    assert (refused.value.status, refused.value.code) == (status, 21999)
    assert sdk.conversations.v2.conversations.list(limit=1) == []


def test_problem_details_shape(sdk: Client, fault: Any) -> None:
    """RFC 9457 is read as TwilioServiceException, which is no TwilioRestException."""
    fault("status", status=429, code=20429, message="slow down", shape="rfc9457")
    with pytest.raises(TwilioServiceException) as refused:
        sdk.conversations.v2.conversations("any").fetch()
    assert (refused.value.status, refused.value.code) == (429, 20429)


@pytest.mark.parametrize("shape", ["html", "empty", "truncated"])
def test_what_is_no_error_body_is_still_an_error(
    sdk: Client, fault: Any, watch: Watch, shape: str
) -> None:
    """A gateway's HTML, an empty or a cut body is an exception, never an answer."""
    watch.openapi = None  # such a body is asked for; no description allows it
    fault("status", status=502, shape=shape)
    with pytest.raises((TwilioException, ValueError, requests.RequestException)):
        sdk.conversations.v2.conversations.list(limit=1)


def test_faults_end_after_their_times(sdk: Client, fault: Any) -> None:
    """Two faults are two: the third request is answered."""
    fault("status", status=503, times=2)
    for _ in range(2):
        with pytest.raises(TwilioException, match="503"):
            sdk.conversations.v1.services.list(limit=1)
    assert sdk.conversations.v1.services.list(limit=1)


def test_dropped_connections(sdk: Client, fault: Any, account: Account) -> None:
    """Dropped before, nothing was done; dropped after, the work was done without an answer."""
    conversations = sdk.conversations.v1.services(account.service_sid).conversations
    before = len(conversations.list())
    fault("drop-before", method="POST", path="/Conversations$")
    with pytest.raises(requests.ConnectionError):
        conversations.create(friendly_name="never")
    assert len(conversations.list()) == before

    fault("drop-after", method="POST", path="/Conversations$")
    with pytest.raises(requests.ConnectionError):
        conversations.create(friendly_name="unheard")
    assert [c.friendly_name for c in conversations.list()].count("unheard") == 1
    assert len(conversations.list()) == before + 1


def test_terms_not_accepted_look_like_wrong_credentials(
    sdk: Client, sandbox: SandboxProcess, account: Account
) -> None:
    """An account that has not accepted the terms answers 401 with 20003 on Orchestrator only."""
    sandbox.control(f"accounts/{account.account_sid}", terms_accepted=False)
    with pytest.raises(TwilioRestException) as refused:
        sdk.conversations.v2.configurations("any").fetch()
    assert (refused.value.status, refused.value.code) == (401, 20003)
    assert "terms" in str(refused.value).lower()
    assert sdk.conversations.v1.services.list(limit=1)


def test_orchestrator_not_enabled_is_404(
    sdk: Client, sandbox: SandboxProcess, account: Account
) -> None:
    """An account without Orchestrator finds nothing there, and works as before in classic."""
    sandbox.control(f"accounts/{account.account_sid}", orchestrator_enabled=False)
    with pytest.raises(TwilioException, match="404"):
        sdk.conversations.v2.configurations.list(limit=1)
    assert sdk.conversations.v1.services.list(limit=1)


def test_suspended_account_is_403(sdk: Client, sandbox: SandboxProcess, account: Account) -> None:
    """A suspended account is refused everywhere, with 403 rather than with 401."""
    sandbox.control(f"accounts/{account.account_sid}", status="suspended")
    for fetch in (
        sdk.conversations.v2.configurations("any").fetch,
        sdk.conversations.v1.services(account.service_sid).fetch,
        sdk.memory.v1.stores(account.memory_store_id).fetch,
    ):
        with pytest.raises(TwilioRestException) as refused:
            fetch()
        assert refused.value.status == 403
