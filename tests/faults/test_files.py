"""Files that we write: whole or not at all, for the user alone, whoever writes at the same time."""

from __future__ import annotations

import os
import stat
import time
from pathlib import Path

import pytest

from bridge_helpers.errors import BridgeError, InvalidInput
from bridge_helpers.files import check_writable, whole_file, write_private


def test_two_writers_of_one_path_do_not_disturb_each_other(tmp_path: Path) -> None:
    """Each has a file of its own; the last to end wins, and what it wrote stands whole."""
    path = tmp_path / "out.csv"
    with whole_file(path) as first:
        first.write_bytes(b"a" * 1000)
        with whole_file(path) as second:
            assert second != first
            second.write_bytes(b"b" * 10)
        assert path.read_bytes() == b"b" * 10
        with first.open("ab") as file:
            file.write(b"a")
    assert path.read_bytes() == b"a" * 1001
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_is_for_the_user_alone_from_its_first_byte(tmp_path: Path) -> None:
    """While it is written and afterwards, whatever the umask."""
    before = os.umask(0)
    try:
        with whole_file(tmp_path / "new" / "out.json") as unfinished:
            assert stat.S_IMODE(unfinished.stat().st_mode) == 0o600
        assert stat.S_IMODE((tmp_path / "new" / "out.json").stat().st_mode) == 0o600
    finally:
        os.umask(before)


def test_a_writer_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    """Neither half a file nor an unfinished one beside it."""
    path = write_private(tmp_path / "out.txt", b"before")

    def fail() -> None:
        with whole_file(path) as unfinished:
            unfinished.write_bytes(b"half")
            raise ValueError("odd")

    with pytest.raises(ValueError, match="odd"):
        fail()
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]


def test_what_a_killed_writer_left_is_removed_later(tmp_path: Path) -> None:
    """After an hour without a change; one that may still be written to is left alone."""
    path = tmp_path / "out.txt"
    old, new, other = (tmp_path / name for name in (".out.txt.1.part", ".out.txt.2.part", "x.part"))
    for left in (old, new, other):
        left.touch()
    long_ago = time.time() - 7200
    os.utime(old, (long_ago, long_ago))
    os.utime(other, (long_ago, long_ago))
    write_private(path, b"x")
    assert {one.name for one in tmp_path.iterdir()} == {"out.txt", new.name, "x.part"}


def test_a_long_name_can_be_written(tmp_path: Path) -> None:
    """As long as the file system allows, as the unfinished file has a shorter one; no longer."""
    path = tmp_path / ("ä" * 125 + ".json")
    assert check_writable("output", path) == path
    assert write_private(path, b"x").read_bytes() == b"x"
    with pytest.raises(InvalidInput, match="can be written"):
        check_writable("output", tmp_path / ("ä" * 125 + ".jsonl"))


def test_what_cannot_be_written_says_so(tmp_path: Path) -> None:
    """A file in the place of the folder: the path is named."""
    (tmp_path / "file").touch()
    with pytest.raises(BridgeError, match="cannot be written"):
        write_private(tmp_path / "file" / "out.txt", b"x")
