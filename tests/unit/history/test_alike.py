"""What is worked out for many series at once is what each would get on its own."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bongsu.history import block, rollup, scaling
from bongsu.history.alike import blocks_of, minutes_of
from bongsu.history.rollup import MINUTE, Records
from bongsu.history.steps import Curve
from bongsu.model.sample import Float64s, Int64s

T0 = 1_700_000_040_000
COLUMNS = ("at", "count", "low", "high", "total", "last", "rise", "elapsed", "until")

NUMBERS = st.one_of(
    st.integers(-(10**12), 10**12).map(float),
    st.integers(-(10**6), 10**6).map(lambda number: number / 100),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([0.0, -0.0, 2.0**31, 2.0**53, 1e300, 0.1]),
)
VALUES = st.integers(1, 40).flatmap(
    lambda length: st.lists(st.lists(NUMBERS, min_size=length, max_size=length), min_size=1, max_size=6)
)


def every(count: int, milliseconds: int = 1_000) -> Int64s:
    """So many times at an even pace."""
    return T0 + milliseconds * np.arange(count, dtype=np.int64)


def mixed() -> list[Curve]:
    """Gauges, counters that begin again, noise and a constant, at the same times; some with others."""
    rng = np.random.default_rng(7)
    kinds: list[Float64s] = [
        np.round(rng.normal(50, 5, 500), 2),
        np.cumsum(rng.poisson(40, 500)).astype(np.float64) % 9_000,
        rng.normal(0, 1, 500),
        np.full(500, 3.5),
        np.concatenate((np.ones(20), np.round(rng.normal(1, 0.1, 480), 4))),  # the first tell too few decimals
        np.where(np.arange(500) == 400, -0.0, 0.0),
    ]
    curves: list[Curve] = [(every(500), value) for value in kinds]
    uneven = every(500).copy()
    uneven[250] += 7
    curves.insert(2, (uneven, kinds[0]))  # as long, with the same first and last time
    curves.append((every(300, 777), kinds[1][:300]))
    curves.append((every(0), kinds[0][:0]))
    return curves


def test_blocks_made_together_are_those_made_alone() -> None:
    """Each is the block of its own samples, and in its place."""
    curves = mixed()
    for data, (at, value) in zip(blocks_of(curves), curves, strict=True):
        assert data == block.encode(at, value)


def test_many_more_than_fit_together_keep_their_places() -> None:
    """However many are alike, none is left out or mixed up."""
    curves: list[Curve] = [(every(2_000), np.full(2_000, float(i)) + np.arange(2_000) % 7) for i in range(70)]
    found = blocks_of(curves)
    at, value = np.empty(2_000, np.int64), np.empty(2_000)
    for i, data in enumerate(found):
        block.decode(data, at, value, T0, T0 + 1_999_000)
        assert np.array_equal(value, curves[i][1])


def test_minutes_made_together_are_those_made_alone() -> None:
    """Every column of every series."""
    curves = mixed()
    for records, (at, value) in zip(minutes_of(curves), curves, strict=True):
        assert same(records, rollup.roll_up(at, value, MINUTE))


@pytest.mark.parametrize("cut", [1, 59, 60, 61, 240])
def test_growth_goes_on_from_what_was_before(cut: int) -> None:
    """Minutes made without knowing those before them are put right afterwards, counters that began again included."""
    for at, value in mixed():
        before = rollup.roll_up(at[:cut], value[:cut], MINUTE)
        alone = rollup.roll_up(at[cut:], value[cut:], MINUTE)
        later = rollup.following(alone, float(value[cut]) if len(value) else 0.0, before)
        assert same(later, rollup.roll_up(at[cut:], value[cut:], MINUTE, before))


@given(values=VALUES)
def test_whole_numbers_found_together_are_those_found_alone(values: list[list[float]]) -> None:
    """The same form and numbers for each column, or none."""
    columns = np.array(values)
    for found, column in zip(scaling.scaled_alike(columns), columns, strict=True):
        alone = scaling.scaled(column)
        assert (found is None) == (alone is None)
        if found is not None and alone is not None:
            assert found.form == alone.form
            assert found.numbers.dtype == alone.numbers.dtype
            assert np.array_equal(found.numbers, alone.numbers)


@given(values=st.lists(st.lists(st.integers(-1_000, 1_000), min_size=9, max_size=9), min_size=1, max_size=5))
def test_the_order_of_differences_found_together_is_the_one_found_alone(values: list[list[int]]) -> None:
    """For each column."""
    columns = [np.array(column, np.int32) for column in values]
    assert scaling.orders_of(columns) == [scaling.order_of(column) for column in columns]


def same(one: Records, other: Records) -> bool:
    """Equal but for what sums of floats in another order differ by."""
    return all(np.allclose(getattr(one, name), getattr(other, name), rtol=1e-12, atol=1e-9) for name in COLUMNS)
