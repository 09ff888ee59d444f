"""The account itself (API 2010-04-01). Source: Twilio's OpenAPI for api v2010."""

from __future__ import annotations

import msgspec

from .http import Http


class _Named(msgspec.Struct):
    """What is read of an account; its auth token, which is in the answer too, is not."""

    friendly_name: str | None = None


class Accounts:
    """The account of a session. Every method raises the errors of `Http.send`."""

    def __init__(self, http: Http) -> None:
        self._http = http

    def name(self) -> str:
        """
        What the account is called; empty when it has no name.

        The auth token and Main keys may ask for it, Standard keys may not (Twilio docs:
        iam/api-keys), so a refusal is to be expected.
        """
        segments = ("2010-04-01", "Accounts", f"{self._http.account.sid}.json")
        return self._http.send("GET", "api", segments).read(_Named).friendly_name or ""
