"""Points written as JSON text are read back to the last bit, by the native library and without it."""

from __future__ import annotations

import json
from decimal import Decimal
from unittest.mock import patch

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bongsu import native
from bongsu.server.points_text import points_texts

SIZE = st.sampled_from([1e-9, 1e-3, 1.0, 10.0, 100.0, 1e4, 1e5, 1e9, 1e15])
VALUES = st.one_of(
    st.builds(lambda number, decimals: number / 10**decimals, st.integers(-(10**9), 10**9), st.integers(0, 7)),
    st.builds(lambda share, size: share * size, st.floats(0, 1), SIZE),
    st.builds(lambda total: total / 6_000, st.integers(0, 10**8)),
    st.builds(
        lambda exponent, nearby: np.nextafter(2.0**exponent, nearby),
        st.integers(-90, 64),
        st.just(0.0) | st.just(1e300),
    ),
)
WILD = st.one_of(VALUES, st.floats(allow_nan=False, allow_infinity=False), st.just(-0.0))
START = st.integers(-(10**14), 10**14) | st.just(1_763_778_000_000)
CURVES = st.integers(1, 60).flatmap(
    lambda count: st.lists(st.lists(st.one_of(VALUES, WILD), min_size=count, max_size=count), min_size=1, max_size=3)
)


def test_the_library_is_there() -> None:
    """Where there is a compiler it was built, so that what these tests see is what is measured."""
    assert native.why_missing() is None


@given(START, st.integers(1, 10**10), CURVES)
def test_points_are_read_back(start: int, pace: int, curves: list[list[float]]) -> None:
    """Whatever times and values, one curve or several: each text is the JSON of its own points."""
    at = start + pace * np.arange(len(curves[0]))
    values = [np.array(curve, np.float64) for curve in curves]
    texts = native.points(at, values)
    assert texts is not None
    with patch.object(native, "points", return_value=None):
        plain = points_texts(at, values)
    for value, *written in zip(values, texts, plain, strict=True):
        for text in written:
            points = json.loads(b"[" + text + b"]")
            assert [point[0] for point in points] == at.tolist()
            assert np.array([point[1] for point in points], np.float64).tobytes() == value.tobytes()


SHORT = st.builds(lambda number, decimals: number / 10**decimals, st.integers(-(10**12), 10**12), st.integers(0, 6))


@given(st.lists(SHORT | st.just(1 / 3)))
def test_six_decimals_are_told_and_no_more(values: list[float]) -> None:
    """What six decimals hold is written with them, without noughts at the end, whatever came before it."""
    texts = native.points(np.arange(len(values)), [np.array(values, np.float64)])
    assert texts is not None
    for value, point in zip(values, bytes(texts[0])[1:-1].decode().split("],["), strict=bool(values)):
        told = point.partition(",")[2]
        assert told == _short(value) or value == 1 / 3


def _short(value: float) -> str:
    """As Python writes it, without an exponent."""
    return f"{Decimal(repr(value)):f}"


def test_neighbours_of_powers_of_two_are_told_apart() -> None:
    """Where the gap to the next number changes, for all that there are."""
    powers = 2.0 ** np.arange(-1_074, 1_024)
    value = np.concatenate([np.nextafter(powers, 0), powers, np.nextafter(powers, np.inf), -powers])
    texts = native.points(1_763_778_000_000 + np.arange(len(value)), [value])
    assert texts is not None
    assert np.array([point[1] for point in json.loads(b"[" + texts[0] + b"]")]).tobytes() == value.tobytes()


def test_room_is_used_again_once_a_text_is_sent() -> None:
    """While somebody holds a text the next one goes elsewhere; once nobody does, it takes its place."""
    at, value = 1_763_778_000_000 + np.arange(3), np.array([1.5, 2.5, 3.5])
    first = native.points(at, [value])
    second = native.points(at, [value * 2])
    assert first is not None
    assert second is not None
    assert bytes(first[0]) == b"[1763778000000,1.5],[1763778000001,2.5],[1763778000002,3.5]"
    assert bytes(second[0]) == b"[1763778000000,3.0],[1763778000001,5.0],[1763778000002,7.0]"
    place = id(second[0].obj)
    del second
    third = native.points(at, [value])
    assert third is not None
    assert id(third[0].obj) == place


@given(st.binary(max_size=200), START, st.lists(WILD, max_size=60), st.binary(max_size=20))
def test_one_text_is_its_pieces(before: bytes, start: int, values: list[float], behind: bytes) -> None:
    """What stands before a curve, its points, and what stands behind them, as if each were written alone."""
    at, value = start + np.arange(len(values)), np.array(values, np.float64)
    texts = native.points(at, [value])
    assert texts is not None
    text = native.TextWriter().text(before, at, value, behind)
    assert text is not None
    assert bytes(text) == before + bytes(texts[0]) + behind


def test_no_number_is_null() -> None:
    """JSON has no NaN; nothing that is stored is one, but what is written stays JSON."""
    texts = native.points(np.arange(3), [np.array([np.nan, np.inf, -np.inf])])
    assert texts is not None
    assert json.loads(b"[" + texts[0] + b"]") == [[0, None], [1, None], [2, None]]


def test_none_is_nothing() -> None:
    """Curves without points have no text."""
    empty = np.empty(0)
    assert [bytes(text) for text in native.points(np.empty(0, np.int64), [empty, empty]) or []] == [b"", b""]
    assert native.points(np.empty(0, np.int64), []) == []
