"""The parameters of a run, checked together."""

from __future__ import annotations

from dataclasses import dataclass

from ..onboarding.plan import Wanted, check_apply, check_sync_timeout
from ..settings import checked_target


@dataclass(frozen=True, slots=True)
class Request:
    """What a run was asked to do, checked."""

    target: str
    wanted: Wanted
    apply: bool
    sync_timeout: float

    @classmethod
    def checked(
        cls, *, target: object, apply: object, sync_timeout: object, **wanted: object
    ) -> Request:
        """
        Check everything, before anything is sent.

        Raises:
            InvalidInput: Names field, value and rule.
        """
        return cls(
            checked_target(target),
            Wanted.checked(**wanted),
            check_apply(apply),
            check_sync_timeout(sync_timeout),
        )
