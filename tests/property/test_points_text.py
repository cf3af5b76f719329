"""Points written as JSON text are read back to the last bit."""

from __future__ import annotations

import json

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bongsu.server import points_text
from bongsu.server.points_text import points_text as written

MANY = points_text.LEAST
SIZE = st.sampled_from([1.0, 10.0, 100.0, 1e4, 1e5, 1e9, 1e15])
VALUES = st.one_of(
    st.builds(lambda number, decimals: number / 10**decimals, st.integers(0, 10**9), st.integers(0, 7)),
    st.builds(lambda share, size: share * size, st.floats(0, 1), SIZE),
    st.builds(lambda total: total / 6_000, st.integers(0, 10**8)),
)
WILD = st.one_of(VALUES, st.floats(allow_nan=False, allow_infinity=False), st.just(-0.0))
START = st.integers(-(10**14), 10**14) | st.just(1_763_778_000_000)


def same(at: np.ndarray[tuple[int], np.dtype[np.int64]], values: list[float]) -> None:
    """The text of these points is JSON that holds them."""
    value = np.array(values)
    points = json.loads(b"[" + written(at, value) + b"]")
    assert [point[0] for point in points] == at.tolist()
    assert np.array([point[1] for point in points], float).tobytes() == value.tobytes()


@given(START, st.lists(st.integers(1, 90_000), min_size=MANY, max_size=MANY), st.data())
def test_any_points_are_read_back(start: int, gaps: list[int], data: st.DataObject) -> None:
    """Whatever times and values: few digits, many, mixed lengths, negative ones."""
    values = data.draw(st.lists(data.draw(st.sampled_from([VALUES, WILD])), min_size=MANY, max_size=MANY))
    same(start + np.cumsum(gaps), values)


@given(st.integers(1, 8), st.integers(0, 6), st.data())
def test_values_of_one_kind_are_read_back(length: int, decimals: int, data: st.DataObject) -> None:
    """A column of numbers with so many decimals, at an even pace, as most are; and its thirds."""
    numbers = data.draw(st.lists(st.integers(0, 10 ** (length + decimals)), min_size=MANY, max_size=MANY))
    at = 1_763_778_000_000 + 60_000 * np.arange(MANY)
    same(at, [number / 10**decimals for number in numbers])
    same(at, [number / 10**decimals / 3 for number in numbers])


@given(st.integers(2, 4), st.sampled_from([VALUES, WILD]), st.data())
def test_curves_with_the_same_times_are_read_back(
    curves: int, kind: st.SearchStrategy[float], data: st.DataObject
) -> None:
    """Written together, each curve's text is the JSON of its own points."""
    at = 1_763_778_000_000 + 60_000 * np.arange(MANY)
    values = [np.array(data.draw(st.lists(kind, min_size=MANY, max_size=MANY))) for _ in range(curves)]
    texts = points_text.points_texts(at, values)
    for value, text in zip(values, texts, strict=True):
        points = np.array(json.loads(b"[" + text + b"]"))
        assert points[:, 0].tolist() == at.tolist()
        assert points[:, 1].tobytes() == value.tobytes()


def test_common_kinds_are_written_by_columns() -> None:
    """Averages and readings of two decimals go the quick way: what this module is for."""
    at = 1_763_778_000_000 + 60_000 * np.arange(1_440)
    readings = np.round(np.linspace(3, 98, 1_440), 2)
    for value in (readings, readings / 60 + 1, np.floor(readings * 1e5), readings * 0):
        assert points_text.by_columns(at, value) is not None
