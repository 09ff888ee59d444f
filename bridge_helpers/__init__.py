"""
Bridge Conversations (classic) into Conversation Orchestrator.

The front door, for a script or a notebook of one's own:

    import bridge_helpers as bh

    session = bh.connect("sandbox")
    plan = bh.plan(session, bh.Wanted())
    created = bh.create(session, plan)

Importing it costs next to nothing: a name is loaded when it is first used.
"""

from __future__ import annotations

from importlib import import_module

from .version import VERSION

__version__ = VERSION

__all__ = [
    "Journal",
    "Plan",
    "Progress",
    "Session",
    "Wanted",
    "benefits",
    "connect",
    "create",
    "drill",
    "errors",
    "explore",
    "plan",
    "preflight",
    "reconcile",
    "verify",
]

_HOMES = {
    "Journal": "onboarding.journal",
    "Plan": "onboarding.plan",
    "Progress": "progress",
    "Session": "api.session",
    "Wanted": "onboarding.plan",
    "benefits": "onboarding.benefits.look",
    "connect": "target",
    "create": "onboarding.create",
    "drill": "onboarding.explore",
    "explore": "onboarding.explore",
    "plan": "onboarding.plan",
    "preflight": "onboarding.preflight",
    "reconcile": "onboarding.reconcile",
    "verify": "onboarding.verify",
}
"""The module that each name comes from; `errors` is a module itself."""


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


# Type checkers take it for true. Importing `typing` for it would be most of what this costs.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from . import errors
    from .api.session import Session
    from .onboarding.benefits.look import benefits
    from .onboarding.create import create
    from .onboarding.explore import drill, explore
    from .onboarding.journal import Journal
    from .onboarding.plan import Plan, Wanted, plan
    from .onboarding.preflight import preflight
    from .onboarding.reconcile import reconcile
    from .onboarding.verify import verify
    from .progress import Progress
    from .target import connect
else:
    # Not for type checkers, which would then believe that every name exists.
    def __getattr__(name: str) -> object:
        if name == "errors":
            return import_module(".errors", __name__)
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        # Kept, so that this is not asked again.
        globals()[name] = found = getattr(import_module(f".{_HOMES[name]}", __name__), name)
        return found
