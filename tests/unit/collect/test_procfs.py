"""Kept files."""

from __future__ import annotations

from pathlib import Path

import pytest

from bongsu.collect.procfs import KeptFile, readable


def test_each_reading_begins_at_the_start(tmp_path: Path) -> None:
    """What changed in between is seen, however long the text is; the file is opened once."""
    path = tmp_path / "stat"
    path.write_text("x" * 100_000)
    file = KeptFile(path)
    assert file.read() == b"x" * 100_000
    path.write_text("short")
    assert file.read() == b"short"
    assert file.head(2) == b"sh"
    path.unlink()
    assert file.read() == b"short", "still the one that was opened"
    file.close()
    with pytest.raises(FileNotFoundError):
        file.read()
    file.close()


def test_what_cannot_be_read_is_known(tmp_path: Path) -> None:
    """Neither what is missing nor a folder."""
    (tmp_path / "there").write_text("1")
    assert readable(tmp_path / "there")
    assert not readable(tmp_path / "missing")
    assert not readable(tmp_path)
