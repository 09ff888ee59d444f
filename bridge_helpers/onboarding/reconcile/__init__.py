"""
Reconcile: is everything there, and does it stay so?

`compare` says what a gap is, without any request; `twins` finds which v2 conversation mirrors
which classic one; `ledger` keeps on disk what was compared; `step` does it all. `watch` does it
again and again, `explain` says why one conversation is not there, `files` writes the artefacts.
"""

from .explain import Explained, explain
from .records import Gap, Reconciled, SinceLast
from .step import reconcile
from .watch import Round, watch

__all__ = [
    "Explained",
    "Gap",
    "Reconciled",
    "Round",
    "SinceLast",
    "explain",
    "reconcile",
    "watch",
]
