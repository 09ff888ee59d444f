"""The command `run`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ..errors import InvalidInput
from .output import facts, near, seconds_text, styled, tell


@click.command()
@click.argument("notebook")
@click.argument("values", nargs=-1, metavar="[NAME=VALUE]...")
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="FILE.ipynb to write; default: in a new folder under BRIDGE_HOME.",
)
def run(notebook: str, values: tuple[str, ...], output: Path | None) -> None:
    """
    Execute a notebook with parameters that are checked.

    NOTEBOOK is a file, or the name of one of the workbook's, such as onboard. A VALUE is read as
    the kind that the notebook declares: a text stays as it is. Credentials are refused.
    """
    from time import monotonic

    from ..runs import execute, notebooks
    from ..target import secrets_in_use

    path = notebooks.named(notebook)
    begun = monotonic()
    done = execute.run_notebook(
        path,
        output or execute.default_folder() / path.name,
        parameters(values),
        secrets=secrets_in_use(),
    )
    facts([("notebook", near(done.path)), ("took", seconds_text(monotonic() - begun))])
    if done.trouble:
        tell(styled("Error:", "bad"), done.trouble)
    sys.exit(1 if done.trouble else 0)


def parameters(values: tuple[str, ...]) -> dict[str, object]:
    """
    `NAME=VALUE` as name and value; what stands after the first `=` is the value.

    Raises:
        InvalidInput: There is no `=`, or a name stands twice.
    """
    found: dict[str, object] = {}
    for each in values:
        name, given, value = each.partition("=")
        if not given or not name.isidentifier():
            # Only the name is shown: the rest may be a secret.
            raise InvalidInput("parameter", name[:40], "a parameter is given as NAME=VALUE")
        if name in found:
            raise InvalidInput(name, value, "it is given twice")
        found[name] = value
    return found
