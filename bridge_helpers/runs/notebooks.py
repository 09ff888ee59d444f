"""
Where the workbook's notebooks are.

A checkout has them in its folder `notebooks`; an installed package carries them inside.
Those inside a package belong to the installation: they may be read-only, and an upgrade
replaces them. So what is opened in JupyterLab is a copy of the user's own.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Final

from ..errors import BridgeError, InvalidInput
from ..files import checked_path
from ..settings import home
from ..version import VERSION

START: Final = "00_start_here.ipynb"
ONBOARD: Final = "onboard.ipynb"

PACKAGED: Final = Path(__file__).parents[1] / "notebooks"
CHECKOUT: Final = Path(__file__).parents[2] / "notebooks"


def notebook_path(name: str = ONBOARD) -> Path:
    """
    One of the workbook's notebooks, to be read.

    Raises:
        BridgeError: The installation lacks it.
    """
    path = _originals() / name
    if not path.is_file():
        raise BridgeError(
            f"The workbook has no notebook {name}.",
            f"It should be in {path.parent}.",
            "Install the package again, or run this from a checkout.",
        )
    return path


def named(name: str) -> Path:
    """
    A notebook as somebody calls it: a file, or one of the workbook's with or without its ending.

    Raises:
        InvalidInput: There is no such file, and the workbook has none of that name.
    """
    own = sorted(path.stem for path in _originals().glob("*.ipynb"))
    stem = name.removesuffix(".ipynb")
    if stem in own and not Path(name).is_file():
        return _originals() / f"{stem}.ipynb"
    path = checked_path("notebook", name)
    if not path.is_file():
        raise InvalidInput(
            "notebook", name, f"there is no such file, and the workbook's are {', '.join(own)}"
        )
    return path


def working_folder() -> Path:
    """
    The notebooks to open: the checkout's, or the user's copies of an installed package's.

    Each version has a folder of its own under `BRIDGE_HOME`. A notebook that is there is
    left as it is, with everything that was typed into it; one that is missing is copied.

    Raises:
        BridgeError: The folder cannot be written, or the installation lacks its notebooks.
    """
    first = notebook_path(START)
    if first.parent == CHECKOUT:
        return CHECKOUT
    folder = home() / "notebooks" / VERSION
    try:
        for original in sorted(path for path in PACKAGED.rglob("*") if path.is_file()):
            copy = folder / original.relative_to(PACKAGED)
            if not copy.exists():
                copy.parent.mkdir(parents=True, exist_ok=True)
                # Without the original's permissions: it may be read-only.
                shutil.copyfile(original, copy)
    except OSError as error:
        raise BridgeError(
            f"The notebooks cannot be copied to {folder}.",
            f"{error}.",
            "Set BRIDGE_HOME to a folder of your own.",
        ) from None
    return folder


def panel_code() -> dict[str, list[str]]:
    """The code cells of each notebook that shows panels, by its file name, as they are shipped."""
    found = {}
    for path in sorted(_originals().glob("*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        code = ["".join(one["source"]) for one in cells if one["cell_type"] == "code"]
        if any("panels." in one for one in code):
            found[path.name] = code
    return found


def is_workbook(folder: Path) -> bool:
    """Whether a folder holds the workbook's notebooks, so that a run must not write there."""
    return (folder / START).is_file()


def _originals() -> Path:
    return PACKAGED if PACKAGED.is_dir() else CHECKOUT
