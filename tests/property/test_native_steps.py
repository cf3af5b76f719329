"""What the native library makes of samples is what numpy makes of them."""

from __future__ import annotations

import ctypes
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bongsu import native
from bongsu.history import block, scaling
from bongsu.history.loading import Scratch
from bongsu.history.steps import columns_of_samples
from bongsu.history.strides import Strides
from bongsu.history.tail import Tail
from bongsu.model.sample import Batch
from bongsu.native import steps
from bongsu.native.steps import DOUBLES, KINDS, ONE, SCALED, WHOLE, Columns, address, join, piece

NAMES = tuple(KINDS)
STEP = st.sampled_from([1_000, 7_000, 60_000])
PAIRS = st.sampled_from([(name,) for name in NAMES] + [("total", "count"), ("low", "high")])
START = st.integers(-(10**13), 10**13)
GAPS = st.lists(st.integers(1, 200_000) | st.sampled_from([1_000] * 3), max_size=200)


@given(STEP, PAIRS, st.lists(st.tuples(START, GAPS), min_size=1, max_size=4))
def test_steps_of_the_tail(width: int, names: tuple[str, ...], given: list[tuple[int, list[int]]]) -> None:
    """Of several series, empty ones among them, with gaps or without: their columns, starts and first samples."""
    tail, columns = Tail(20_000), Columns(2_000)
    samples = []
    for series, (start, gaps) in enumerate(given):
        at = start + np.cumsum(np.array(gaps, np.int64))
        value = np.round(np.sin(at * (series + 1)) * 1e4, 2)
        samples.append((at, value))
        for first in range(0, len(at), 37):
            part = slice(first, first + 37)
            batch = Batch(series=np.full(len(at[part]), series, np.int32), at=at[part], value=value[part])
            tail.push(batch, seq=first + 1, now=0)
    told = tail.steps(range(len(given) + 1), width, names, columns)
    assert told is not None
    assert told.each()[-1] == (0, 0, 0, 0)  # a series that has none
    begin = 0
    for one, (at, value) in zip(told.each(), samples, strict=False):
        assert one.steps >= 0
        if not len(at):
            assert one == (0, 0, 0, 0)
            continue
        starts, expected = columns_of_samples(at, value, width, names)
        past = begin + one.steps
        assert (one.steps, one.first, one.last, one.oldest) == (len(starts), starts[0], starts[-1], at[0])
        np.testing.assert_array_equal(columns.starts[begin:past], starts)
        for name, column, wanted in zip(names, columns.values, expected, strict=False):
            found = column[begin:past]
            np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-6 if name == "total" else 0)
        begin = past


def test_sums_of_the_tail_lose_nothing() -> None:
    """Sixty hundredths add up to six tenths, not to 0.6000000000000003."""
    tail, columns = Tail(1_000), Columns(10)
    at = 1_763_778_000_000 + 1_000 * np.arange(60)
    tail.push(Batch(series=np.zeros(60, np.int32), at=at, value=np.full(60, 0.01)), seq=1, now=0)
    told = tail.steps([0], 60_000, ("total",), columns)
    assert told is not None
    assert columns.values[0][0] == 0.6


@pytest.mark.parametrize("late", [[5, 4], [5, 5], [0, 1, 2, 3, 2]])
def test_late_samples_are_told(late: list[int]) -> None:
    """A time that isn't newer than the one before it: that series alone has no steps."""
    tail, columns = Tail(1_000), Columns(10)
    for series, times in enumerate(([1, 2], late, [3])):
        batch = Batch(series=np.full(len(times), series, np.int32), at=np.array(times), value=np.ones(len(times)))
        tail.push(batch, seq=series + 1, now=0)
    told = tail.steps([0, 1, 2], 1_000, ("count",), columns)
    assert told is not None
    assert [one.steps for one in told.each()] == [1, -1, 1]
    assert columns.values[0][:2].tolist() == [2, 1]


@pytest.mark.parametrize("names", [("total", "count"), ("high",)])
@pytest.mark.parametrize("room", [20_000, 5_000])
def test_two_threads_tell_what_one_does(names: tuple[str, ...], room: int) -> None:
    """So many samples that both take part: of five series each as if it were asked for alone, a late one's too; and
    who doesn't fit is told so."""
    tail, columns, alone = Tail(40_000), Columns(room), Columns(room)
    seeded = np.random.default_rng(5)
    for series in range(5):
        at = 1_763_778_000_000 + np.cumsum(seeded.integers(1, 2_000, 3_000 + series))
        at[2_000] -= 10_000 * (series == 3)
        batch = Batch(series=np.full(len(at), series, np.int32), at=at, value=seeded.normal(50, 9, len(at)).round(2))
        tail.push(batch, seq=series + 1, now=0)
    told = tail.steps(range(5), 1_000, names, columns)
    assert told is not None
    begin = 0
    for series, one in enumerate(told.each()):
        single = tail.steps([series], 1_000, names, alone)
        assert single is not None
        if one.steps < 0:
            assert series == 3 or room == 5_000
            continue
        assert one == single.each()[0]
        past = begin + one.steps
        assert columns.starts[begin:past].tolist() == alone.starts[: one.steps].tolist()
        for both, own, _ in zip(columns.values, alone.values, names, strict=False):
            assert both[begin:past].tolist() == own[: one.steps].tolist()
        begin = past
    assert begin == columns.filled > 0


@pytest.mark.parametrize("room", [1, 2, 3, 4])
def test_no_more_steps_than_there_is_room_for(room: int) -> None:
    """Whoever doesn't fit is told so; nothing is written behind the room."""
    tail, columns = Tail(1_000), Columns(room)
    guard = np.full(room + 8, 7.0)
    columns._raw.first, columns._raw.second = address(guard), address(guard) + 8
    for series in range(2):
        batch = Batch(series=np.full(2, series, np.int32), at=np.array([0, 1_000]), value=np.ones(2))
        tail.push(batch, seq=series + 1, now=0)
    told = tail.steps([0, 1], 1_000, ("count",), columns)
    assert told is not None
    assert [one.steps for one in told.each()] == [2 if room >= 2 else -1, 2 if room >= 4 else -1]
    assert (guard[room + 1 :] == 7.0).all()


@given(
    st.lists(st.integers(-(2**31), 2**31 - 1), min_size=1, max_size=300),
    st.integers(1, 70),
    st.integers(1, 70),
    st.integers(0, 6),
)
def test_steps_of_whole_numbers(numbers: list[int], head: int, stride: int, decimals: int) -> None:
    """Out of blocks: the first step shorter, the last cut off, sums beyond 32 bits."""
    head = min(head, stride, len(numbers))
    count = len(numbers)
    starts = np.arange(1 + -(-(count - head) // stride))
    strides = Strides(
        packed=b"", form=decimals + 1, count=count, low=0, high=count, starts=starts, head=head, stride=stride
    )

    def unpack(_: object, into: np.ndarray[tuple[int], np.dtype[np.int32]]) -> None:
        into[:] = numbers

    with patch.object(block, "unpack_joined", unpack):
        ours = strides.columns(NAMES, Scratch())
        with patch.object(native, "available", return_value=False):
            theirs = strides.columns(NAMES, Scratch())
    assert ours is not None
    assert theirs is not None
    for one, other in zip(ours[1], theirs[1], strict=True):
        np.testing.assert_array_equal(one, other)
    assert scaling.decimals_of(decimals + 1) == decimals


@given(
    st.lists(st.tuples(st.integers(0, 20), st.sampled_from([DOUBLES, WHOLE, *range(SCALED, SCALED + 7)])), max_size=5)
)
def test_pieces_of_all_forms_are_joined(parts: list[tuple[int, int]]) -> None:
    """Each number divided as Python would, whatever it is kept as; a constant stands for all."""
    pieces, wanted, alive = [], list[float](), []
    for count, form in parts:
        kind: type[np.generic] = np.float64 if form == DOUBLES else np.int64 if form == WHOLE else np.int32
        over = np.arange(3, 3 + count).astype(kind)
        under = np.arange(1, 1 + count).astype(np.float64)
        alive.append((over, under))
        scale = 10.0 ** (form - SCALED) if form >= SCALED else 1.0
        for divisor, by in ((ONE, [1.0] * count), ((0, 0, 60.0), [60.0] * count), ((address(under), 0, 0.0), under)):
            pieces.append(piece(count, (address(over), form, 0.0), divisor))
            wanted += [float(number) / scale / float(one) for number, one in zip(over, by, strict=True)]
    pieces.append(piece(2, (0, 0, 60.0), ONE))
    assert join(b"".join(pieces), len(pieces), len(wanted) + 2).tolist() == [*wanted, 60.0, 60.0]
    assert len(alive) == len(parts)


def test_structures_are_laid_out_as_in_c() -> None:
    """Nothing but pointers and 64-bit numbers, one behind the other."""
    assert ctypes.sizeof(steps.TailMemory) == 7 * 8
    assert ctypes.sizeof(steps._Columns) == 7 * 8
    assert len(piece(1, ONE, ONE)) == 7 * 8
