"""Reads whole lists of both generations, by small pages, so that paging is walked as well."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx

PAGE = 3


class Reader:
    """Reads as one account; every answer must be a success."""

    def __init__(self, http: httpx.Client) -> None:
        self.http = http

    def get(self, path: str, **params: Any) -> Any:
        # httpx takes an empty ``params`` as "drop the query that the path has".
        answer = self.http.get(path, params=params or None)
        assert answer.is_success, answer.text
        return answer.json()

    def classic(self, path: str, key: str) -> list[dict[str, Any]]:
        """All items of a classic list, by ``next_page_url``."""
        page, found = self.get(path, PageSize=PAGE), []
        while True:
            found += page[key]
            if not (following := page["meta"]["next_page_url"]):
                return found
            page = self.get(following)

    def tokens(self, path: str, key: str, **params: Any) -> list[dict[str, Any]]:
        """All items of a v2 or memory list, by ``nextToken``."""
        page, found = self.get(path, pageSize=PAGE, **params), []
        while True:
            found += page[key]
            if not (token := page["meta"].get("nextToken")):
                return found
            page = self.get(path, pageSize=PAGE, pageToken=token, **params)
