"""Names and addresses of a customer's customers, shortened so that a page can be mailed."""

from __future__ import annotations

import re
from typing import Final

HIDDEN: Final = "…"
_NUMBER: Final = re.compile(r"\+?\d[\d ()./-]{2,}\d")
# Whatever is beyond ASCII goes with the word that it stands in: vowel signs and accents that are
# characters of their own are no letters to `\w`, and would cut a name into many.
_WORD: Final = re.compile(r"\w[\w.+-]*@\S+|[^\W\d_](?:[\w'’-]|[^\x00-\x7f\s])*")


def masked(text: str) -> str:
    """
    A text whose words keep their first letter, and whose numbers keep their last two digits.

    A word of one letter, which may be a whole name as 李 is, is hidden; numbers below 1000 stay.

    `Ana Silva` becomes `A… S…`, `+15551234567` becomes `…67`, `ana@example.com` becomes `a…`.
    """
    parts = _NUMBER.split(text)
    numbers = [HIDDEN + re.sub(r"\D", "", found)[-2:] for found in _NUMBER.findall(text)]
    words = [_WORD.sub(_hidden, part) for part in parts]
    return "".join(one for pair in zip(words, [*numbers, ""], strict=True) for one in pair)


def _hidden(word: re.Match[str]) -> str:
    first = word[0][0] if len(word[0]) > 1 else ""
    return first + HIDDEN
