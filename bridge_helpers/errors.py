"""
Everything that can go wrong, as one tree.

    BridgeError
    ├── InvalidInput             a value was refused before anything was sent
    ├── MissingCredentials       no usable credentials for the target
    ├── UnsafeAddress            credentials would go where they must not
    ├── SandboxUnavailable       the sandbox could not be started or has stopped
    ├── ConnectionFailed         no answer: offline, refused, dropped, timed out
    ├── BadAnswer                an answer that cannot be read, or a redirect
    │   └── ProfileMerged        a profile was merged into another, which answers for it
    ├── RepeatedPage             a list sent the same page twice
    ├── ApiError                 the service said no, and said so
    │   ├── BadRequest           400
    │   ├── AuthenticationFailed 401
    │   │   └── TermsNotAccepted 401 because of the terms of service
    │   ├── Forbidden            403
    │   ├── NotFound             404
    │   │   └── NotEnabled       404 because the account has no Orchestrator
    │   ├── Conflict             409
    │   ├── PreconditionFailed   412
    │   ├── UnsupportedMedia     415
    │   ├── RateLimited          429, for longer than we were willing to wait
    │   └── ServerError          5xx, for longer than we were willing to wait
    ├── OperationFailed          an accepted operation ended in failure
    ├── OperationPending         an accepted operation is not over yet
    ├── UnknownOutcome           a write may or may not have happened
    ├── BridgeDiffers            the service is bridged, but not like this
    ├── NotChosen                a sid was left open and there is not exactly one
    ├── ChecksFailed             preflight found an error
    ├── RunInProgress            another run works on the same service
    ├── NotBridged               no configuration names the classic service
    ├── NotProven                the bridge stands, the test message did not cross
    └── Cancelled                somebody pressed cancel or Ctrl-C

Each says what happened (`what`), why (`why`) and what to do next (`action`).
None ever holds a credential. Each survives pickling: a worker of a pool may raise it.
"""

from __future__ import annotations

import html
import pickle
from typing import Any, ClassVar, Final

__all__ = [
    "ApiError",
    "AuthenticationFailed",
    "BadAnswer",
    "BadRequest",
    "BridgeDiffers",
    "BridgeError",
    "Cancelled",
    "ChecksFailed",
    "Conflict",
    "ConnectionFailed",
    "Forbidden",
    "InvalidInput",
    "MissingCredentials",
    "NotBridged",
    "NotChosen",
    "NotEnabled",
    "NotFound",
    "NotProven",
    "OperationFailed",
    "OperationPending",
    "PreconditionFailed",
    "ProfileMerged",
    "RateLimited",
    "RepeatedPage",
    "RunInProgress",
    "SandboxUnavailable",
    "ServerError",
    "TermsNotAccepted",
    "UnknownOutcome",
    "UnsafeAddress",
    "UnsupportedMedia",
]


ERROR_PAGES: Final = "https://www.twilio.com/docs/api/errors"


class BridgeError(Exception):
    """
    The root: what happened, why, and what to do next.

    Args:
        what: What happened, a sentence.
        why: The reason as far as it is known; may be empty.
        action: What to do next; may be empty.
    """

    exit_status: ClassVar[int] = 1
    meaning: str = ""
    """What a refusal of the service means for the reader, a sentence that comes before the rest."""
    status: int | None = None
    code: int | None = None
    request_id: str | None = None
    more_info: str = ""
    """A page that the service itself named; https on a host of Twilio's, else empty."""
    request: str = ""
    """The failing request as a curl command without its secret, when there was one."""
    uncertain: bool = False
    """Whether what was asked for may have been done all the same: a try's answer was lost."""

    def __init__(self, what: str, why: str = "", action: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.why = why
        self.action = action

    def __str__(self) -> str:
        return " ".join(part for part in (self.meaning, self.what, self.why, self.action) if part)

    @property
    def kind(self) -> str:
        """Its name in the tree above; a refinement elsewhere goes by the name of its parent."""
        return next(one.__name__ for one in type(self).__mro__ if one.__module__ == __name__)

    @property
    def page(self) -> str:
        """
        Twilio's page about the code; empty without one.

        Codes of Twilio's have five digits or more; some bodies have an HTTP status as code.
        """
        code = self.code or 0
        return f"{ERROR_PAGES}/{code}" if 10_000 <= code < 10_000_000 else ""

    def details(self) -> list[tuple[str, str]]:
        """Status, code, request id and pages as labelled strings, those that are known."""
        known = (
            ("HTTP status", self.status),
            ("Twilio code", self.code),
            ("Request id", self.request_id),
            ("About the code", self.page),
            ("More", "" if self.more_info == self.page else self.more_info),
        )
        return [(label, str(value)) for label, value in known if value not in (None, "")]

    def for_support(self) -> str:
        """A text to paste into a support ticket: the facts and the request, no secret."""
        lines = [f"{self.kind}: {self.what}"]
        lines += [part for part in (self.meaning, self.why, self.action) if part]
        lines += [f"{label}: {value}" for label, value in self.details()]
        if self.request:
            lines += ["Request:", self.request]
        return "\n".join(lines)

    def as_dict(self) -> dict[str, Any]:
        """The shape of `error` in `result.json`."""
        return {
            "type": self.kind,
            "message": " ".join(part for part in (self.what, self.why) if part),
            "status": self.status,
            "code": self.code,
            "request_id": self.request_id,
            "action": self.action,
        }

    def __reduce__(self) -> tuple[Any, ...]:
        """
        For pickle: type, message and attributes, whatever the constructor takes.

        An attribute that cannot be pickled, such as a secret or a lock, travels as its text.
        """
        state = {name: _portable(value) for name, value in self.__dict__.items()}
        return _restored, (type(self), self.args, state)

    def _render_traceback_(self) -> list[str]:
        """IPython asks for this: a notebook shows the message, not our call stack."""
        return self.for_support().splitlines()

    def _repr_html_(self) -> str:
        first, *rest = (part for part in (self.meaning, self.what, self.why, self.action) if part)
        parts = [f"<strong>{html.escape(first)}</strong>", *map(html.escape, rest)]
        parts += [f"{label}: <code>{html.escape(value)}</code>" for label, value in self.details()]
        return f'<div role="alert">{"<br>".join(parts)}</div>'


class InvalidInput(BridgeError):
    """A value that was refused before the network was touched."""

    exit_status = 2

    def __init__(self, field: str, value: object, rule: str, action: str = "") -> None:
        self.field = field
        self.value = value
        self.rule = rule
        super().__init__(f"{field} is {_shown(value)}, but {rule}.", "", action)


class MissingCredentials(BridgeError):
    """The target needs credentials and none, or only some, were found."""

    exit_status = 2


class UnsafeAddress(BridgeError):
    """An address that credentials must not be sent to."""

    exit_status = 2


class SandboxUnavailable(BridgeError):
    """The sandbox did not start, or the one on record has gone."""


class ConnectionFailed(BridgeError):
    """The service was not reached, or the connection broke before the answer was whole."""

    sent = True
    """False when the request certainly never left this machine."""


class BadAnswer(BridgeError):
    """The answer is not what the service sends: HTML, truncated, a redirect."""


class ProfileMerged(BadAnswer):
    """
    A profile was merged into another one; nothing was done.

    Attributes:
        profile_id: The profile that answers for it now.
    """

    profile_id: str = ""


class RepeatedPage(BridgeError):
    """A list handed out a page token that it had handed out before."""


class ApiError(BridgeError):
    """
    The service refused, in one of its three error bodies.

    Attributes:
        status: HTTP status.
        code: Twilio's error code, when the body had one.
        request_id: `Twilio-Request-Id`, when the answer had one.
        params: `params` of the body, as strings; empty when it had none.
        retry_after: Seconds that the service asked to wait, or None.
    """

    retry_after: float | None = None

    def __init__(
        self,
        what: str,
        why: str = "",
        action: str = "",
        *,
        status: int | None = None,
        code: int | None = None,
        request_id: str | None = None,
        params: dict[str, str] | None = None,
    ) -> None:
        super().__init__(what, why, action)
        self.status = status
        self.code = code
        self.request_id = request_id
        self.params = params or {}


class BadRequest(ApiError):
    """400: the service does not accept a value."""


class AuthenticationFailed(ApiError):
    """401: the credentials are not accepted."""


class TermsNotAccepted(AuthenticationFailed):
    """401 although the credentials are right: the terms of service are not accepted yet."""


class Forbidden(ApiError):
    """403: these credentials may not do this."""


class NotFound(ApiError):
    """404: no such thing in this account."""


class NotEnabled(NotFound):
    """404 on every Orchestrator path: the product is not enabled for the account."""


class Conflict(ApiError):
    """409: something is there already; `conflicting_id` names it when the service did."""

    conflicting_id: str | None = None


class PreconditionFailed(ApiError):
    """412: it has changed since it was read."""


class UnsupportedMedia(ApiError):
    """415: the body was sent in a form that the service does not take."""


class RateLimited(ApiError):
    """429, again and again, until attempts or seconds ran out."""


class ServerError(ApiError):
    """5xx, again and again, until attempts or seconds ran out."""


class OperationFailed(BridgeError):
    """The service accepted an operation and then ended it without success."""

    operation_id: str = ""


class OperationPending(BridgeError):
    """The operation was still going on when the time to wait for it was over."""

    operation_id: str = ""


class UnknownOutcome(BridgeError):
    """A write was sent, its answer was lost, and looking did not settle it."""


class BridgeDiffers(BridgeError):
    """
    The service is bridged already by a configuration with other settings.

    Attributes:
        configuration_id: The configuration that holds the bridge.
        differences: `(field, wanted, found)` for every field that differs.
    """

    configuration_id: str = ""
    differences: tuple[tuple[str, str, str], ...] = ()


class NotChosen(BridgeError):
    """A sid was left open, and there is none to take or more than one."""


class ChecksFailed(BridgeError):
    """Preflight found at least one error, so nothing was written."""


class RunInProgress(BridgeError):
    """Another run holds the journal's lock for this service."""


class NotBridged(BridgeError):
    """No configuration bridges the classic service, so what needs a bridge was not begun."""


class NotProven(BridgeError):
    """The configuration stands, but a test message was not seen on the other side in time."""


class Cancelled(BridgeError):
    """Somebody stopped the waiting; what had been accepted goes on at the service."""


def _restored(kind: type[BridgeError], args: tuple[Any, ...], state: dict[str, Any]) -> BridgeError:
    """An error as it was before pickling; its constructor is not called again."""
    error = kind.__new__(kind, *args)
    error.args = args
    error.__dict__.update(state)
    return error


def _portable(value: object) -> object:
    """A value that another process can read back: itself, or its text where it cannot be."""
    if value is None or type(value) in (str, int, float, bool):
        return value
    try:
        pickle.loads(pickle.dumps(value))  # noqa: S301 - what was pickled in this line
    except Exception:
        return _shown(value)
    return value


def _shown(value: object) -> str:
    """A value as a person should see it: quoted, and cut when long."""
    try:
        text = "empty" if value in ("", None) else repr(value)
    except Exception:
        # A number of thousands of digits, a frame, an object that cannot be shown.
        text = f"a value of type {type(value).__name__}"
    return text if len(text) <= 80 else f"{text[:76]}…{text[-1]}"
