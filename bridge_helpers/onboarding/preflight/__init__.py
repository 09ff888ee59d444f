"""
Everything that a bridge needs, looked at before anything is written.

Checks run in order and each stands alone: one that fails does not hide the
others, except that nothing else is asked once the credentials are refused.
"""

from .run import Preflight, preflight

__all__ = ["Preflight", "preflight"]
