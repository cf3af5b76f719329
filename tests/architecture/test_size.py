"""A file fits a head."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "src").rglob("*.py"))

MOST_LINES = 450
"""About 400 is the habit; past this a file has become two."""

BANNED = {"utils", "util", "helpers", "helper", "common", "base", "manager", "misc"}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_file_fits_a_head(path: Path) -> None:
    """No source file grows past what can be read in one go, and each says first what it is."""
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= MOST_LINES
    assert ast.get_docstring(ast.parse(text)), "the first line says what the module is"


def test_modules_are_named_by_their_noun() -> None:
    """No drawer for odds and ends."""
    assert [path for path in SOURCES if path.stem in BANNED or path.parent.name in BANNED] == []


CLOCKS = {
    "time.time",
    "time.time_ns",
    "time.monotonic",
    "time.monotonic_ns",
    "time.sleep",
    "datetime.now",
    "datetime.utcnow",
    "datetime.datetime.now",
}


def test_nothing_asks_the_time_but_the_clock() -> None:
    """`time.time`, `time.monotonic` and `datetime.now` stand in `clock.py` alone: tests bring a clock of their own."""
    asked = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in SOURCES
        if path.name != "clock.py"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in CLOCKS
    ]
    assert asked == []


def test_nothing_is_left_unmade() -> None:
    """No part of the product ends in `NotImplementedError`: what isn't offered isn't in the port."""
    assert [path for path in SOURCES if "raise NotImplementedError" in path.read_text(encoding="utf-8")] == []
