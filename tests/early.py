"""
Loaded before pytest's other plugins (`addopts` in pyproject.toml), each of which may import more.

nbval imports nbformat, which would cost every worker seconds: see `bridge_helpers.runs.imports`.
"""

from bridge_helpers.runs.imports import imports_of_jupyter

with imports_of_jupyter():
    import nbformat  # noqa: F401
