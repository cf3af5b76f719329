"""Curves that the native library makes of blocks of samples are those that pcodec and numpy would make."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from pcodec import ChunkConfig, DeltaSpec, standalone

from bongsu.history import block
from bongsu.model.sample import Float64s
from bongsu.native import curves
from bongsu.native.curves import BLOCKS, Gathering
from bongsu.native.steps import Columns, Tails

START = 1_763_778_000_000
FORM = 3
"""Hundredths."""
NAMES = ("low", "high", "total", "count", "last")
Numbers = NDArray[np.int32]


def rows_of(
    series: Sequence[int], start: Sequence[int], last: Sequence[int], count: Sequence[int], data: Sequence[bytes]
) -> list[tuple[Any, ...]]:
    """Blocks as the statement gives them."""
    return [
        (one, 0, begin, end, some, content, None)
        for one, begin, end, some, content in zip(series, start, last, count, data, strict=True)
    ]


def packed(numbers: Numbers, order: int, level: int = block.LEVEL) -> bytes:
    """What pcodec makes of them as differences of this order."""
    delta = DeltaSpec.try_consecutive(order) if order else DeltaSpec.no_op()
    made: bytes = standalone.simple_compress(numbers, ChunkConfig(compression_level=level, delta_spec=delta))
    return made


def _column(draw: st.DrawFn, kind: str, count: int) -> NDArray[Any]:
    seeded = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    if kind == "walk":
        return np.cumsum(seeded.normal(0, draw(st.sampled_from([0.4, 3, 900, 10**6])), count))
    if kind == "counter":
        return np.cumsum(seeded.poisson(draw(st.sampled_from([0.01, 3, 400, 10**5])), count)).astype(np.float64)
    if kind == "multiples":
        return seeded.integers(-50, 9_000, count) * 4_096.0 + draw(st.sampled_from([0, 7]))
    if kind == "few":
        return seeded.choice([0.0, 1.0, 250.0, -(2.0**31)], count)
    if kind == "ramp":
        return np.arange(count) * draw(st.integers(-90, 90)) + draw(st.integers(-9_000, 9_000)) * 1.0
    return seeded.integers(-(2**31), 2**31, count).astype(np.float64)


@st.composite
def columns(draw: st.DrawFn) -> Numbers:
    """Whole numbers as gauges and counters have them, and as nothing has them."""
    kind = draw(st.sampled_from(["walk", "counter", "multiples", "few", "ramp", "any"]))
    column = _column(draw, kind, draw(st.sampled_from([1, 2, 3, 255, 256, 257, 511, 700, 1_300, 2_000])))
    clipped: Numbers = np.clip(column, -(2**31), 2**31 - 1).astype(np.int32)
    return clipped


def sealed(packed: bytes, form: int = FORM) -> bytes:
    """A block at an even pace of what pcodec made."""
    return block.seal(b"\x00" + struct.pack("<I", len(packed) | form << 24) + packed)


def gathered(
    blocks: Sequence[tuple[int, bytes]],
    start: int,
    end: int,
    step: int,
    names: tuple[str, ...],
    room: Gathering | None = None,
) -> tuple[list[int], list[float]] | None:
    """The curve of one series' blocks (start, and the bytes of numbers a second apart) without a tail; None where it
    isn't plain."""
    gathering = room or Gathering()
    with gathering.begun(start, end, step, names, series=1, shared=True):
        for first, data in blocks:
            count = _count(data)
            assert gathering.add(rows_of([7], [first], [first + 1_000 * (count - 1)], [count], [data]))
    ((points, first, whole),), at, values = gathering.told(Tails([7], Columns(1)))
    if points < 0:
        return None
    if points:
        assert first == at[0]
        assert bool(whole) == (int(at[points - 1] - first) == (points - 1) * step)
    return at[:points].tolist(), values[:points].tolist()


def _count(data: bytes) -> int:
    return len(standalone.simple_decompress(bytes(block.packed_at(memoryview(data), 1))))


@given(columns(), st.sampled_from([0, 1, 2]), st.sampled_from([0, 4, block.LEVEL, 12]))
def test_numbers_are_those_that_pcodec_unpacks(numbers: Numbers, order: int, level: int) -> None:
    """Whatever it made of them; of what blocks hold only columns without a single difference aren't plain."""
    data = sealed(packed(numbers, order, level))
    found = gathered([(START, data)], START, START + 1_000 * len(numbers), 1_000, ("last",))
    if level == block.LEVEL:
        assert (found is None) == (len(numbers) <= order)
    if found is not None:
        assert found[1] == (numbers / 100).tolist()
        assert found[0] == [START + 1_000 * i for i in range(len(numbers))]


@st.composite
def stretches(draw: st.DrawFn) -> list[tuple[int, Numbers]]:
    """Blocks of one series: where each begins (seconds), and its numbers; gaps between some, none overlaps."""
    found, at = [], draw(st.integers(0, 90))
    for _ in range(draw(st.integers(1, 4))):
        numbers = draw(columns())
        found.append((at, numbers))
        at += len(numbers) + draw(st.sampled_from([0, 0, 1, 61, 700]))
    return found


@given(
    stretches(),
    st.sampled_from([1_000, 7_000, 60_000, 3_600_000]),
    st.integers(-3, 60),
    st.integers(1, 90),
    st.sampled_from([("low",), ("high",), ("total",), ("count",), ("last",), ("total", "count")]),
)
def test_steps_are_those_of_the_samples(
    some: list[tuple[int, Numbers]], step: int, first: int, steps: int, names: tuple[str, ...]
) -> None:
    """Whatever the step, and wherever the range cuts blocks and steps."""
    blocks = [(START + 1_000 * at, sealed(packed(numbers, 1))) for at, numbers in some]
    start = START // step * step + first * step
    found = gathered(blocks, start, start + steps * step, step, names)
    if found is None:
        assert any(len(numbers) == 1 for _, numbers in some)  # see above
        return
    at = np.concatenate([START + 1_000 * (at + np.arange(len(numbers))) for at, numbers in some])
    number = np.concatenate([numbers for _, numbers in some]).astype(np.int64)
    within = (at >= start) & (at < start + steps * step)
    at, number = at[within], number[within]
    starts = sorted(set((at // step * step).tolist()))
    assert found[0] == starts
    expected = [_step(number[at // step * step == one], names) for one in starts]
    assert found[1] == expected


def _step(number: NDArray[np.int64], names: tuple[str, ...]) -> float:
    whole = {
        "low": number.min(),
        "high": number.max(),
        "total": number.sum(),
        "last": number[-1],
        "count": 100 * len(number),
    }
    told = float(whole[names[0]]) / 100
    return told / len(number) if len(names) > 1 else told


def walk(count: int, seed: int = 1) -> tuple[Numbers, bytes]:
    numbers = np.cumsum(np.random.default_rng(seed).normal(0, 9, count)).astype(np.int32)
    return numbers, sealed(packed(numbers, 1))


@given(st.integers(0, 2**32 - 1), st.integers(1, 3))
def test_a_damaged_column_harms_nobody(seed: int, times: int) -> None:
    """Other bytes under a checksum that fits them: whatever is told, nothing is read or written beside it."""
    seeded = np.random.default_rng(seed)
    _, data = walk(700)
    broken = bytearray(data[:-4])
    for _ in range(times):
        broken[int(seeded.integers(5, len(broken)))] ^= 1 << int(seeded.integers(0, 8))
    cut = bytes(broken[: int(seeded.integers(1, len(broken)))])
    gathering = Gathering()
    for one in (block.seal(bytes(broken)), block.seal(cut)):
        with gathering.begun(START, START + 700_000, 1_000, ("last",), series=1, shared=True):
            assert gathering.add(rows_of([0], [START], [START + 699_000], [700], [one]))
        gathering.told(Tails([0], Columns(1)))
    assert gathered([(START, data)], START, START + 700_000, 7_000, ("total",), room=gathering) is not None


@pytest.mark.parametrize("place", [0, 3, 40, -1])
def test_a_damaged_block_is_not_plain(place: int) -> None:
    """Whichever byte is another one; the other series are there."""
    numbers, data = walk(500)
    broken = bytearray(data)
    broken[place] ^= 4
    gathering = Gathering()
    with gathering.begun(START, START + 500_000, 1_000, ("last",), series=2, shared=True):
        assert gathering.add(rows_of([0, 1], [START] * 2, [START + 499_000] * 2, [500] * 2, [bytes(broken), data]))
    curves, _, values = gathering.told(Tails([0, 1], Columns(1)))
    assert [curve.points for curve in curves] == [-1, 500]
    assert values[:500].tolist() == (numbers / 100).tolist()


def test_blocks_that_are_something_else_are_not_plain() -> None:
    """Uneven times, doubles, another decimal within a series, another count than is told, blocks that overlap."""
    _, data = walk(500)
    uneven = block.encode(START + np.array([0, 1_000, 3_000], np.int64), np.array([1.0, 2.0, 3.5]))
    doubles = block.encode(START + np.array([0, 1_000, 2_000], np.int64), np.array([0.1234567891, 1e300, 5e-7]))
    other = sealed(bytes(block.packed_at(memoryview(data), 1)), FORM + 1)
    later = START + 500_000
    rows = [
        [(START, START + 3_000, 3, uneven)],
        [(START, START + 2_000, 3, doubles)],
        [(START, later - 1_000, 500, data), (later, later + 499_000, 500, other)],
        [(START, START + 498_000, 499, data)],
        [(START, later - 1_000, 500, data), (START + 1_000, later, 500, data)],
        [(START, later - 500, 500, data)],
        [],
    ]
    for some in rows:
        gathering = Gathering()
        with gathering.begun(START, START + 2_000_000, 60_000, ("total",), series=1, shared=False):
            for first, last, count, bytes_ in some:
                assert gathering.add(rows_of([0], [first], [last], [count], [bytes_]))
        assert gathering.told(Tails([0], Columns(1)))[0][0].points == -1


def test_more_blocks_than_there_is_room_for() -> None:
    """Whoever asks is told, and what was added before is unpacked."""
    _, data = walk(60)
    gathering = Gathering()
    with gathering.begun(START, START + 60_000, 60_000, ("total",), series=1, shared=True):
        for _ in range(BLOCKS // 64):
            assert gathering.add(rows_of([0] * 64, [START] * 64, [START + 59_000] * 64, [60] * 64, [data] * 64))
        assert not gathering.add(rows_of([0], [START], [START + 59_000], [60], [data]))


def test_a_step_much_finer_than_the_samples() -> None:
    """By the millisecond over three weeks: it isn't plain, and no room is made for steps without samples (32 GB)."""
    assert gathered([(START, walk(60)[1])], START - 1_900_000_000, START + 90_000_000, 1, ("last",)) is None


def test_more_steps_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """The series that have them aren't plain, and the others are."""
    monkeypatch.setattr(curves, "_MOST_STEPS", 100)
    numbers, data = walk(500)
    gathering = Gathering()
    with gathering.begun(START, START + 70_000_000, 1_000, ("last",), series=2, shared=True):
        assert gathering.add(rows_of([0], [START], [START + 499_000], [500], [data]))
        assert gathering.add(rows_of([1], [START], [START + 69_999_000], [70_000], [walk(70_000)[1]]))
    told, _, values = gathering.told(Tails([0, 1], Columns(1)))
    assert [curve.points for curve in told] == [500, -1]
    assert values[:500].tolist() == (numbers / 100).tolist()


def test_a_series_that_is_named_again() -> None:
    """Its curve is told once: there is no room for another."""
    numbers, data = walk(60_000)
    gathering = Gathering()
    with gathering.begun(START, START + 60_000_000, 1_000, ("last",), series=1, shared=True):
        assert gathering.add(rows_of([0], [START], [START + 59_999_000], [60_000], [data]))
    told, _, values = gathering.told(Tails([0] * 50, Columns(1)))
    assert [curve.points for curve in told] == [60_000, *[-1] * 49]
    assert values.tolist() == (numbers / 100).tolist()


def test_a_question_that_was_never_ended() -> None:
    """An interrupt came before its end: the next one ends it, else nobody would have the second thread again."""
    _, data = walk(2_000)
    interrupted, other = Gathering(), Gathering()
    interrupted.begun(START, START + 2_000_000, 1_000, ("last",), series=1, shared=True).__enter__()
    assert interrupted.add(rows_of([7], [START], [START + 1_999_000], [2_000], [data]))
    assert gathered([(START, data)], START, START + 2_000_000, 1_000, ("last",), room=interrupted) is not None
    with other.begun(START, START + 2_000_000, 1_000, ("last",), series=1, shared=True):
        assert other._raw[-1] & 1


def test_all_is_unpacked_at_the_end() -> None:
    """Also what the second thread has begun with while everything else was done."""
    made = [walk(60_000, seed) for seed in range(2)]
    length = 60_000_000
    gathering = Gathering()
    for turn in range(50):
        numbers, data = made[turn % 2]
        with gathering.begun(START, START + length, 1_000, ("last",), series=3, shared=True):
            for series in range(3):
                assert gathering.add(rows_of([series], [START], [START + length - 1_000], [60_000], [data]))
        curves, _, values = gathering.told(Tails(range(3), Columns(1)))
        assert [curve.points for curve in curves] == [60_000] * 3
        assert values.tolist() == (numbers / 100).tolist() * 3


def given_up(gathering: Gathering, data: bytes) -> None:
    """A question during which something else goes wrong."""
    with gathering.begun(START, START + 2_000_000, 1_000, ("last",), series=1, shared=True):
        gathering.add(rows_of([7], [START], [START + 1_999_000], [2_000], [bytes(data)]))
        raise ZeroDivisionError


def test_questions_at_once_from_many_threads() -> None:
    """One of them has the second thread; all are answered, also when one is given up in its middle."""
    made = [walk(2_000, seed) for seed in range(4)]

    def ask(turn: int) -> None:
        gathering, (numbers, data) = Gathering(), made[turn % 4]
        length = 2_000_000
        for _ in range(30):
            with pytest.raises(ZeroDivisionError):
                given_up(gathering, data)
            found = gathered([(START, data)], START, START + length, 1_000, ("last",), room=gathering)
            assert found is not None
            assert _same(np.array(found[1]), numbers)

    with ThreadPoolExecutor(6) as threads:
        list(threads.map(ask, range(12)))


def _same(value: Float64s, numbers: Numbers) -> bool:
    return bool(np.array_equal(value, numbers / 100))
