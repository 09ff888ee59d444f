"""
What may go wrong when channels are combined: looked at, not guessed.

`facts` reads what the account has, `table` holds every check with its level, risk and action,
`checks` the functions that look, and `run` makes findings of them. `docs/conflicts.md` is the
table for people.
"""
