"""
Reconcile: is everything there, and does it stay so?

`compare` says what a gap is, without any request; `twins` finds which v2 conversation mirrors
which classic one; `ledger` keeps on disk what was compared; `step` does it all.
"""

from .step import reconcile

__all__ = ["reconcile"]
