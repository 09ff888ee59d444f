"""
Requests for one account: hosts, authentication, time limits, retries.

This is the only module that imports httpx, and none of httpx's types leave it.

* Credentials go to the configured origins and nowhere else: URLs are built here
  from an origin and path segments, redirects are never followed, plain http is
  sent to loopback addresses only and never through a proxy.
* Every request is bounded in time and size. 408, 429, 5xx and broken
  connections are tried again with `Retry-After` honoured, but a write only when
  repeating it is safe.
* Log lines at debug level hold method, path, status, duration and request id.
"""

from __future__ import annotations

import logging
import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx
import msgspec

from ..errors import (
    ApiError,
    BadAnswer,
    BridgeError,
    ConnectionFailed,
    RateLimited,
    UnsafeAddress,
)
from ..progress import current_context
from ..settings import Account
from ..version import VERSION
from .answer import Answer, with_id
from .curl import as_curl
from .fan_out import ConcurrencyLimiter
from .refusals import advice_when_unreachable, nothing_there, number, redirect, refusal
from .retries import (
    Limits,
    may_have_arrived,
    moment,
    next_wait,
    reason_of,
    retry_after,
    worth_repeating,
)

log = logging.getLogger("bridge_helpers.http")

# httpx logs whole URLs at INFO, httpcore logs headers at DEBUG: query values and headers stay
# out of every log, even when somebody turns on debugging for everything.
for _name in ("httpx", "httpcore"):
    if logging.getLogger(_name).level == logging.NOTSET:
        logging.getLogger(_name).setLevel(logging.WARNING)

Query = Sequence[tuple[str, str]]
_HEADERS: Final = {
    "User-Agent": f"bridge-workbook/{VERSION}",
    "Accept": "application/json",
    "Accept-Encoding": "gzip, deflate",
    "Connection": "keep-alive",
}


class Http:
    """Sends requests for one account. Safe to share between threads."""

    def __init__(self, account: Account, limits: Limits | None = None) -> None:
        self.account = account
        self.limits = limits or Limits()
        self.gate = ConcurrencyLimiter(per_second=self.limits.per_second)
        self._origins = account.origins.by_service
        self._dated = "", 0.0
        self._auth = httpx.BasicAuth(
            account.credentials.username, account.credentials.secret.reveal()
        )
        try:
            self._connections = self._connected()
        except (ImportError, ValueError, OSError) as error:
            raise UnsafeAddress(
                "The network settings of this machine cannot be used.",
                f"{error}.",
                "Correct ALL_PROXY, HTTPS_PROXY, SSL_CERT_FILE or SSL_CERT_DIR, or unset them.",
            ) from None

    def _connected(self) -> dict[str, _Connections]:
        origins = set(self._origins.values())
        # Where nothing leaves this machine, what is set for the network is of no concern.
        outside = any(origin.startswith("https:") for origin in origins)
        # One for all connections: to read the certificates takes 20 ms. Without any of them,
        # an https address could not be trusted, should there be one after all.
        tls = httpx.create_ssl_context() if outside else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        return {origin: _Connections(tls, _proxy_for(origin)) for origin in origins}

    def now(self) -> float:
        """
        The service's time, seconds since 1970; ours where its answers tell none.

        Its timestamps go by its own clock, and ours may be off.
        """
        text, at = self._dated
        then = moment(text) if text else None
        return then.timestamp() + time.time() - at if then else time.time()

    def close(self) -> None:
        """Close all connections."""
        for connections in self._connections.values():
            connections.close()

    def url(self, service: str, segments: Sequence[str], query: Query = ()) -> str:
        """
        An absolute URL on a configured origin.

        Raises:
            BadAnswer: A segment could climb out of its place; ids come from servers too.
        """
        if any(not segment.strip(".") for segment in segments):
            raise BadAnswer(
                f"An id that the service sent cannot stand in a path: {list(segments)!r}."
            )
        path = "/".join(quote(segment, safe="") for segment in segments)
        return f"{self._origins[service]}/{path}" + (f"?{urlencode(query)}" if query else "")

    def send(
        self,
        method: str,
        service: str,
        segments: Sequence[str],
        *,
        query: Query = (),
        json: Any = None,
        form: Sequence[tuple[str, str]] | None = None,
        key: str | None = None,
        repeatable: bool = False,
        limits: Limits | None = None,
        sent: Callable[[], None] | None = None,
    ) -> Answer:
        """
        Send one request, try again where that is safe and useful, give back a success.

        Args:
            method: GET, POST, PUT, PATCH or DELETE.
            service: As in `settings.ADDRESS_VARIABLES`, such as `conversations` or `memory`.
            segments: The path's segments, unquoted.
            query: Pairs; a name may repeat.
            json: Body as JSON. `form`: body as a form. At most one of them.
            key: `Idempotency-Key`; makes repeating a write safe.
            repeatable: Doing it twice is the same as doing it once, also without a key: a POST
                that reads, say. GET, DELETE and PUT always are.
            limits: Instead of the client's own.
            sent: Called when the request is on its way and only the answer is waited for; at
                each try, and not at all where it does not come to that.

        Raises:
            ApiError: The service refused; one subclass per status.
            ConnectionFailed: No whole answer. BadAnswer: a redirect or an oversized answer.
            Cancelled: Stopped while waiting between tries.
        """
        bounds = limits or self.limits
        url = self.url(service, segments, query)
        subject = f"{method} /{'/'.join(segments)}"
        headers = {"Idempotency-Key": key} if key else {}
        content: bytes | None = None
        if json is not None:
            content = msgspec.json.encode(json)
            headers["Content-Type"] = "application/json"
        elif form is not None:
            content = urlencode(list(form)).encode()
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        repeatable = repeatable or method in ("GET", "DELETE", "PUT") or key is not None
        context = current_context()
        begun = context.clock()
        uncertain = False
        for tries in count(1):
            context.check()
            left = bounds.seconds - (context.clock() - begun)
            timeout = min(bounds.timeout, max(left, 1.0))
            try:
                return self._once(
                    method, service, url, subject, headers, content, timeout, bounds.size, sent
                )
            except BridgeError as error:
                uncertain = uncertain or may_have_arrived(error)
                # Asking for less does not help against 429: it is waited out with all patience,
                # but by a caller who makes the waits, and so allows one try.
                waited_out = isinstance(error, RateLimited) and bounds.attempts > 1
                patience = self.limits if waited_out else bounds
                again = worth_repeating(error, repeatable, tries >= bounds.connection_attempts)
                wait = next_wait(error, tries, bounds.first_wait)
                seconds = context.clock() - begun
                if again and tries < patience.attempts and seconds + wait <= patience.seconds:
                    context.pause(wait, f"{subject} is tried again: {reason_of(error)}")
                    continue
                if tries > 1:
                    error.why = f"{error.why} Tried {tries} times in {seconds:.0f} s.".strip()
                if isinstance(error, ApiError) and error.retry_after:
                    error.why += f" The service asks to wait {error.retry_after:.0f} s."
                error.uncertain = uncertain
                error.request = as_curl(
                    method,
                    url,
                    json=json,
                    form=form,
                    headers={"Idempotency-Key": key} if key else {},
                    with_token=self.account.credentials.username == self.account.sid,
                )
                raise
        raise AssertionError("unreachable")

    def _once(
        self,
        method: str,
        service: str,
        url: str,
        subject: str,
        headers: dict[str, str],
        content: bytes | None,
        timeout: float,
        size: int,
        sent: Callable[[], None] | None,
    ) -> Answer:
        origin = self._origins[service]
        with self.gate.request() as ticket:
            begun = time.monotonic()
            try:
                request = httpx.Request(
                    method,
                    url,
                    headers=_HEADERS | headers,
                    content=content,
                    extensions=_extensions(timeout, sent),
                )
                next(self._auth.auth_flow(request))
                with self._connections[origin].send(request) as response:
                    body = _read(response, begun + timeout, size, subject)
                    status = response.status_code
                    told = _headers_of(response)
                    self._dated = told.get("date", ""), time.time()
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                log.debug("%s: %s after %.3f s", subject, type(error).__name__, _since(begun))
                raise _not_reached(error, subject, url) from None
        request_id = told.get("twilio-request-id")
        log.debug("%s: %d in %.3f s, request %s", subject, status, _since(begun), request_id)
        in_flight = number(told.get("twilio-concurrent-requests"))
        if status == 429:
            self.gate.refused(ticket, in_flight)
        if 200 <= status < 300:
            self.gate.succeeded(ticket, in_flight)
            return Answer(status, told, body, subject)
        if status < 400:
            raise with_id(redirect(status, told, subject), request_id)
        refused = refusal(status, body, told, subject, self.account.sid)
        refused.retry_after = retry_after(told)
        raise refused


class _Connections:
    """
    Connections to one origin: a request has one for itself, the one that was used last.

    httpx's own client looks through all its connections for each request, and handles cookies,
    redirects and authentication that are not wanted here: a third of a request's processor time.

    Args:
        tls: What https is trusted by.
        proxy: The address of a proxy; empty: there is none.

    Raises:
        ImportError, ValueError: The proxy is of a kind that cannot be used.
    """

    def __init__(self, tls: ssl.SSLContext, proxy: str) -> None:
        self._tls = tls
        self._proxy = httpx.Proxy(proxy) if proxy else None
        self._closed = False
        # The first one is made here, so that a proxy that cannot be used is told at once.
        self._idle = [self._another()]

    def _another(self) -> httpx.HTTPTransport:
        one = httpx.Limits(max_connections=1, max_keepalive_connections=1)
        return httpx.HTTPTransport(verify=self._tls, limits=one, proxy=self._proxy, trust_env=False)

    @contextmanager
    def send(self, request: httpx.Request) -> Iterator[httpx.Response]:
        """The answer to a request; its body is read within the block."""
        try:
            connection = self._idle.pop()
        except IndexError:
            connection = self._another()
        try:
            response = connection.handle_request(request)
            try:
                yield response
            finally:
                response.close()
        finally:
            self._idle.append(connection)
            if self._closed:
                self.close()

    def close(self) -> None:
        """Close those that are idle, and each of the others once its request has ended."""
        self._closed = True
        while self._idle:
            try:
                connection = self._idle.pop()
            except IndexError:  # Another thread was quicker.
                break
            connection.close()


def _proxy_for(origin: str) -> str:
    """The proxy that this machine's settings name for an origin; empty: none."""
    parts = urlsplit(origin)
    # Plain http is loopback only (settings.checked_address): never through a proxy.
    if parts.scheme != "https" or proxy_bypass(parts.netloc):
        return ""
    known = getproxies()
    proxy = known.get("https") or known.get("all") or ""
    return proxy if "://" in proxy or not proxy else f"http://{proxy}"


def _headers_of(response: httpx.Response) -> dict[str, str]:
    """Names in lower case; what comes several times is joined by commas."""
    told: dict[str, str] = {}
    for name, value in response.headers.raw:
        key, text = name.decode("latin-1").lower(), value.decode("utf-8", "replace")
        told[key] = f"{told[key]}, {text}" if key in told else text
    return told


def _extensions(timeout: float, sent: Callable[[], None] | None) -> dict[str, Any]:
    seconds = httpx.Timeout(timeout, connect=min(10.0, timeout)).as_dict()
    if sent is None:
        return {"timeout": seconds}

    def trace(event: str, _info: object) -> None:
        if event.endswith("send_request_body.complete"):
            sent()

    return {"timeout": seconds, "trace": trace}


def _not_reached(
    error: httpx.HTTPError | httpx.InvalidURL, subject: str, url: str
) -> ConnectionFailed:
    host = urlsplit(url).hostname
    if isinstance(error, httpx.TimeoutException):
        what = f"{subject} got no whole answer from {host} in time."
    elif isinstance(error, httpx.ConnectError):
        what = nothing_there(url)
    else:
        what = f"The connection to {host} broke during {subject}."
    failed = ConnectionFailed(
        what,
        f"{subject}: {type(error).__name__}: {error}." if str(error) else "",
        advice_when_unreachable(url),
    )
    failed.sent = not isinstance(
        error,
        httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout | httpx.InvalidURL,
    )
    return failed


def _read(response: httpx.Response, deadline: float, size: int, subject: str) -> bytes:
    """The whole body; a server that drips it or never stops is cut off."""
    # Joined at the end: a buffer that grows is copied again and again.
    chunks: list[bytes] = []
    length = 0
    for chunk in response.iter_bytes():
        chunks.append(chunk)
        length += len(chunk)
        if length > size:
            raise BadAnswer(f"The answer to {subject} is larger than {size // 2**20} MiB.")
        if time.monotonic() > deadline:
            raise httpx.ReadTimeout("the answer took too long")
    return b"".join(chunks)


def _since(begun: float) -> float:
    return time.monotonic() - begun
