"""
What was begun, so that a run that was killed finds its way again.

One SQLite file under `BRIDGE_HOME` (WAL, readable by the user alone), keyed by
account, region, origin and service. An attempt's idempotency key is written
before its request, together with a snapshot of the configuration that is about to
change; its operation before the first poll; every state with its time. Also here:
what was chosen in one notebook and is wanted in the next.

The journal is a memory, not the truth: whoever reads it looks up what it names.
"""

from .journal import Journal
from .records import KEY_LIFE, UNFINISHED, Attempt, Kind, Scope, Snapshot, State, Step, Turn

__all__ = [
    "KEY_LIFE",
    "UNFINISHED",
    "Attempt",
    "Journal",
    "Kind",
    "Scope",
    "Snapshot",
    "State",
    "Step",
    "Turn",
]
