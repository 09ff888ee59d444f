"""What goes back over the wire: answers, and refusals in each of Twilio's three error shapes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

JSON: Final = "application/json"


@dataclass(slots=True)
class Answer:
    """One HTTP answer, ready to be sent."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = JSON
    #: The fault that made it what it is, if one did.
    fault: str | None = None


def ok(body: object, status: int = 200, headers: dict[str, str] | None = None) -> Answer:
    """An answer with a JSON body."""
    return Answer(status, msgspec.json.encode(body), headers or {})


def empty(status: int = 204) -> Answer:
    """An answer without a body."""
    return Answer(status, content_type="")


class Refusal(Exception):
    """
    A request that is answered with an error.

    ``shape`` is "classic" (``code, message, more_info, status``: what v2 and memory declare),
    "orchestrator" (``code, httpStatusCode, message, userError, params``: Twilio docs,
    conversations/orchestrator/troubleshooting) or "rfc9457" (problem details).
    """

    def __init__(
        self,
        status: int,
        code: int,
        message: str,
        *,
        headers: dict[str, str] | None = None,
        shape: str = "classic",
        params: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = headers or {}
        self.shape = shape
        self.params = params or {}

    def answer(self) -> Answer:
        return Answer(self.status, msgspec.json.encode(self._body()), self.headers)

    def _body(self) -> dict[str, Any]:
        if self.shape == "orchestrator":
            return {
                "code": self.code,
                "httpStatusCode": self.status,
                "message": self.message,
                "userError": self.status < 500,
                "params": self.params,
            }
        if self.shape == "rfc9457":
            return {
                "type": f"https://www.twilio.com/docs/api/errors/{self.code}",
                "title": TITLES.get(self.status, "Error"),
                "status": self.status,
                "code": self.code,
                "detail": self.message,
            }
        return {
            "code": self.code,
            "message": self.message[:1024],
            "more_info": f"https://www.twilio.com/docs/errors/{self.code}",
            "status": self.status,
        }


TITLES: Final = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    409: "Conflict",
    412: "Precondition Failed",
    429: "Too Many Requests",
    500: "Internal Server Error",
    503: "Service Unavailable",
}


def bad_request(message: str, code: int = 20001) -> Refusal:
    return Refusal(400, code, message)


def unauthorized() -> Refusal:
    return Refusal(
        401, 20003, "Authenticate", headers={"WWW-Authenticate": 'Basic realm="Twilio API"'}
    )


def not_found(path: str) -> Refusal:
    return Refusal(404, 20404, f"The requested resource {path} was not found")


def conflict(message: str, resource_id: str | None = None) -> Refusal:
    """409; the id of the resource that is in the way goes into ``X-Conflicting-Resource-Id``."""
    headers = {"X-Conflicting-Resource-Id": resource_id} if resource_id else {}
    return Refusal(409, 409, message, headers=headers)
