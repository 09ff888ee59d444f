"""How messages speak of a kind of write."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """
    A kind of write in words; all but the first three are parts of sentences.

    Attributes:
        doing: What is shown while the request is sent.
        outcome: What the journal says when it was done.
        found: What the journal and the result say when it was so already.
        done: "It is not known whether …".
        shown: "The operation is not over, but …".
        missing: "The operation is completed, but …".
        perhaps: Why that might be.
        again: What another run does after it has looked.
    """

    doing: str
    outcome: str
    found: str
    done: str
    shown: str
    missing: str
    perhaps: str
    again: str
