"""The product's words exist in Korean and English."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

SOURCE = Path(__file__).parents[2] / "src"
PAIRS = sorted(path for path in SOURCE.rglob("ko.json"))
BLANK = re.compile(r"\{[A-Za-z_]+\}")
HANGUL = re.compile(r"[가-힣]")


def leaves(tree: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    """Every sentence of a catalogue with the path of its key."""
    for key, value in tree.items():
        if isinstance(value, Mapping):
            yield from leaves(value, f"{path}{key}.")
        else:
            yield f"{path}{key}", value


@pytest.mark.parametrize("path", PAIRS, ids=lambda path: path.parent.relative_to(SOURCE).as_posix())
def test_both_catalogues_have_the_same_keys(path: Path) -> None:
    """Each sentence exists in both languages with the same blanks, and each is in its own language."""
    korean = dict(leaves(json.loads(path.read_text(encoding="utf-8"))))
    english = dict(leaves(json.loads(path.with_name("en.json").read_text(encoding="utf-8"))))
    assert list(korean) == list(english)
    for key, text in english.items():
        assert set(BLANK.findall(str(text))) == set(BLANK.findall(str(korean[key]))), key
        assert not HANGUL.search(str(text)) or "language" in key.lower(), key


def test_there_are_catalogues() -> None:
    """The test above looks at something."""
    assert PAIRS
