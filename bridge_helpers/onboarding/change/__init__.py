"""
Change a configuration that is there, and the way back: restore, disconnect, delete.

`propose_…` looks and says what would be written, and writes nothing; `carry_out` writes what
was proposed. `writing` is the write itself, `snapshots` what can be gone back to.
"""

from .apply import Applied, carry_out
from .proposal import Action, Proposal, Wanted, propose
from .requests import propose_change, propose_deletion, propose_disconnection, propose_restoration
from .resume import propose_unfinished
from .writing import Changed, Deleted, write_again, write_change, write_deletion

__all__ = [
    "Action",
    "Applied",
    "Changed",
    "Deleted",
    "Proposal",
    "Wanted",
    "carry_out",
    "propose",
    "propose_change",
    "propose_deletion",
    "propose_disconnection",
    "propose_restoration",
    "propose_unfinished",
    "write_again",
    "write_change",
    "write_deletion",
]
