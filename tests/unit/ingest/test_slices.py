"""Cutting long bodies: every element once, in order, wherever the cuts fall."""

from __future__ import annotations

import json

import msgspec
import pytest

from bongsu.ingest.slices import lines, parts
from bongsu.model.errors import BadRequest


def decode(text: bytes) -> list[object]:
    """A JSON array, or BadRequest as `parts` expects it."""
    try:
        found: list[object] = msgspec.json.decode(text, type=list)
    except msgspec.DecodeError as error:
        raise BadRequest(str(error)) from None
    return found


TRICKY: list[object] = [
    {"a": "},{"},
    {"a": ["},{", 1], "b": {"c": "}, {"}},
    "},{",
    '\\",{',
    [1, [2, {"x": "],["}]],
    1.5,
    None,
    {},
    [],
]


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 13, 40])
@pytest.mark.parametrize("space", [None, 1])
def test_every_element_comes_once(size: int, space: int | None) -> None:
    """Joined parts equal the whole array though strings look like borders between elements."""
    whole = TRICKY * 5
    text = json.dumps(whole, indent=space).encode()
    assert [one for part in parts(text, decode, size=size) for one in part] == whole


def test_long_arrays_are_cut() -> None:
    """An array of rows is decoded in parts of about the wanted size."""
    text = json.dumps([{"metric": "a", "value": i} for i in range(10_000)]).encode()
    sizes = [len(part) for part in parts(text, decode, size=1_000)]
    assert sum(sizes) == 10_000
    assert max(sizes) < 100


@pytest.mark.parametrize("text", [b"[1,2", b"[1,2]]", b"[1,2,]", b"[1 2]", b"{}", b"", b"[" + b"1," * 50 + b"]"])
def test_a_broken_array_is_refused_however_it_is_cut(text: bytes) -> None:
    """Cutting never makes a broken array readable."""
    for size in (1, 2, 4, 1_000):
        with pytest.raises(BadRequest):
            list(parts(text, decode, size=size))


def test_lines_stay_whole() -> None:
    """Runs of lines break only between lines."""
    text = b"\n".join(b"line %d" % i for i in range(100))
    runs = list(lines(text, size=50))
    assert len(runs) > 5
    assert b"\n".join(runs) == text
