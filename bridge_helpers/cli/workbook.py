"""The command `workbook`."""

from __future__ import annotations

import sys

import click


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), help="Lab's port; default: a free one.")
@click.option("--browser/--no-browser", default=True, help="Open the browser, or print the URL.")
def workbook(port: int | None, browser: bool) -> None:
    """Open JupyterLab at 00_start_here, with a sandbox beside it."""
    from ..runs import workbook as lab

    sys.exit(lab.run(port=port, browser=browser))
