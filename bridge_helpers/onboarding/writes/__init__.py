"""
Writing to a configuration: one protocol for every kind of write.

`protocol` is what is common, `kinds` what differs, `patches` compares configurations,
`errors` says what happened when a write does not end as it was meant to.
"""
