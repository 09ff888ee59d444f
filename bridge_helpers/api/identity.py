"""
Whose key it is, asked once, before a session's first other request.

The key alone decides the account: no path of classic, Orchestrator or memory names it.
With the account sid of one customer and the key of another everything would be read
from, and written to, the other one. So before anything else the key's list of classic
services is asked for (`GET /v1/Services?PageSize=1`, which a Standard key may read);
each service tells its account. Where there is none, `GET /v1/Configuration` tells it.
The list of phone numbers is no witness: the key of a parent account reads those of its
subaccounts. An auth token needs no question, as its user name is the account sid.

What follows from the answer:

* Another account: every request is refused, nothing else is sent.
* This account: nothing more is asked.
* Nothing tells, or the question is refused (401, 403, 404): that is no evidence. Reads
  go on and meet their own errors. After a refusal the first write asks once more.
* No answer for now (no connection, 408, 429, 5xx, a page that is no JSON): reads go on, and the
  next request asks again. A write is held back, since it might go to another account.

Sources: Twilio's OpenAPI for conversations v1 (`account_sid` of Service and of
Configuration); Twilio docs: iam/api-keys.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final

import msgspec

from ..errors import (
    ApiError,
    AuthenticationFailed,
    BadAnswer,
    BridgeError,
    ConnectionFailed,
    RateLimited,
    ServerError,
)
from ..forms import ACCOUNT_SID
from ..progress import current_context
from ..settings import Account
from .answer import Answer
from .http import Http
from .retries import Limits

_TRANSIENT: Final = (BadAnswer, ConnectionFailed, RateLimited, ServerError)


class _Told(msgspec.Struct, frozen=True):
    """What tells an account, of a service or of classic's configuration."""

    account_sid: Any = None


class _Services(msgspec.Struct, frozen=True):
    services: list[_Told] | None = None


class KeyCheck:
    """
    The answer to "whose key is it?". Safe to share between threads.

    Args:
        account: Whose key it should be.
        send: Sends a GET to classic, by path segments, query and limits, without this check.
        limits: How long to try before a write.
    """

    def __init__(self, account: Account, send: Callable[..., Answer], limits: Limits) -> None:
        self._sid = account.sid
        self._send = send
        # A read has patience of its own, and goes on without the answer.
        self._patience = {False: replace(limits.few(), connection_attempts=1), True: limits}
        self._lock = threading.Lock()
        self._whose: str | None = (
            account.sid if account.credentials.username == account.sid else None
        )
        self._asked_for = {False: False, True: False}

    @property
    def known(self) -> bool:
        """Whether the key is known to belong to the account."""
        return self._whose is not None and self._whose.lower() == self._sid.lower()

    def before(self, write: bool) -> None:
        """
        Ask, where it has not been asked yet, before a request is sent.

        Raises:
            AuthenticationFailed: The key belongs to another account.
            BridgeError: There is no answer for now, and the request is a write.
        """
        if self._whose is None and not self._asked_for[write]:
            with self._lock:
                if self._whose is None and not self._asked_for[write]:
                    self._ask(write)
        if self._whose is not None and not self.known:
            raise AuthenticationFailed(
                f"The credentials belong to account {self._whose}, not to {self._sid}.",
                "Everything would be read from and written to that other account.",
                "Set sid, key and secret of one and the same account.",
            )

    def _ask(self, write: bool) -> None:
        limits = self._patience[write]
        try:
            listed = self._get(("v1", "Services"), [("PageSize", "1")], limits).read(_Services)
            self._whose = _first_sid(listed.services or ())
            if self._whose is None:
                told = self._get(("v1", "Configuration"), [], limits).read(_Told)
                self._whose = _first_sid([told])
        except _TRANSIENT as error:
            if write:
                raise _held_back(error, self._sid) from None
        except ApiError:
            self._asked_for[False] = True
            self._asked_for[True] = write
        else:
            self._asked_for = {False: True, True: True}

    def _get(
        self, segments: Sequence[str], query: Sequence[tuple[str, str]], limits: Limits
    ) -> Answer:
        return self._send("GET", "conversations", segments, query=query, limits=limits)


class CheckedHttp(Http):
    """Sends for one account, after the key was found not to be another account's."""

    def __init__(self, account: Account, limits: Limits | None = None) -> None:
        super().__init__(account, limits)
        self.key_check = KeyCheck(account, super().send, self.limits)

    def send(self, method: str, service: str, segments: Sequence[str], **options: Any) -> Answer:
        """
        As `Http.send`, and AuthenticationFailed where the key is another account's.

        A host that is not Twilio's is shown by the running step before each write.
        """
        write = method != "GET"
        self.key_check.before(write)
        if write and self.account.warning:
            current_context().say(self.account.warning)
        return super().send(method, service, segments, **options)


def _first_sid(told: Sequence[_Told]) -> str | None:
    sids = (one.account_sid for one in told)
    return next((one for one in sids if isinstance(one, str) and ACCOUNT_SID.fullmatch(one)), None)


def _held_back(error: BridgeError, sid: str) -> ConnectionFailed:
    """The error of a write that did not leave; as certain as one that had no connection."""
    held = ConnectionFailed(
        f"Nothing was sent: it could not be found out whether the key belongs to {sid}.",
        f"{error.what} {error.why}".strip(),
        error.action,
    )
    held.sent = False
    held.status, held.code = error.status, error.code
    held.request_id, held.request = error.request_id, error.request
    return held
