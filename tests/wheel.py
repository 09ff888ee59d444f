"""The package as others install it: a wheel, and an environment that has nothing else of ours."""

from __future__ import annotations

import site
import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built by the backend that `pip` would call, without the network."""
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    [built] = folder.glob("*.whl")
    return built


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `bin` folder of an environment that has the wheel and, from here, its dependencies."""
    folder = tmp_path_factory.mktemp("venv")
    venv.create(folder, symlinks=True)
    python = folder / "bin" / "python"
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet"),
            *("--no-index", "--no-deps", "--disable-pip-version-check", str(wheel)),
        ],
        check=True,
    )
    [packages] = folder.glob("lib/python*/site-packages")
    # A path file in a folder that a path file names is not read: the checkout stays away.
    (packages / "dependencies.pth").write_text("\n".join(site.getsitepackages()))
    for path in (packages / "bridge_helpers" / "notebooks").iterdir():
        path.chmod(0o500 if path.is_dir() else 0o400)
    return python.parent
