"""Every promise of the guides has its test."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from scripts.documents import ROOT, ROW, guide_rows, marked_tests

GUIDES = (ROOT / "docs" / "guides.md").read_text(encoding="utf-8")
ROWS = guide_rows(GUIDES)
TESTS = marked_tests(ROOT / "tests")
FINISHED = set(re.findall(r"\b[A-Z]\b", re.findall(r"^Parts: .* Finished: (.*)$", GUIDES, re.MULTILINE)[0]))


@pytest.mark.parametrize("row", [row for row, parts in ROWS.items() if parts & FINISHED])
def test_a_promise_has_its_test(row: str) -> None:
    """A row of a finished part names at least one test that keeps it."""
    assert TESTS.get(row), f'mark the test that keeps it: @pytest.mark.guide("{row}")'


def test_marks_name_rows() -> None:
    """No test is marked with a row that doesn't exist."""
    assert set(TESTS) - set(ROWS) == set()


def test_the_list_is_whole() -> None:
    """No promise was dropped, none stands twice (a merge does that): 63 rows of the first guide, 25 of the second."""
    assert set(ROWS) == {f"G{n:03d}" for n in (*range(1, 64), *range(101, 126))}
    assert [row for row, times in Counter(filter(None, map(_row_of, GUIDES.splitlines()))).items() if times > 1] == []


def test_named_tests_exist() -> None:
    """The list's last column names tests that are there, and a row with a test isn't left empty: `make docs`."""
    for line in filter(ROW.match, GUIDES.splitlines()):
        row = line[2:6]
        named = {f"tests/{name}" for name in re.findall(r"`([^`]+\.(?:py|js|mjs)(?:::[^`]+)?)`", line.split("|")[-2])}
        assert named <= set(TESTS.get(row, ())), row
        assert bool(named) == bool(TESTS.get(row)), row


def _row_of(line: str) -> str | None:
    return line[2:6] if ROW.match(line) else None
