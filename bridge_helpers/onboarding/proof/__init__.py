"""
The test conversation: how it is named, followed, recognised on the other side, and removed.

`verify` (one test) and `sweep` (what killed tests left) stand on it.
"""
