"""Values come back with every bit, however they were kept."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bongsu.history import block, scaling

WHOLE = st.integers(-(2**53), 2**53).map(float)
DECIMAL = st.builds(lambda number, decimals: number / 10**decimals, st.integers(-(10**9), 10**9), st.integers(0, 7))
ANY = st.floats(allow_nan=False, allow_infinity=False)
COLUMNS = st.one_of(
    st.lists(WHOLE, min_size=1, max_size=80),
    st.lists(DECIMAL, min_size=1, max_size=80),
    st.lists(ANY, min_size=1, max_size=80),
    st.lists(st.one_of(WHOLE, DECIMAL, ANY, st.just(-0.0)), min_size=1, max_size=80),
)


@given(COLUMNS)
def test_values_come_back_with_every_bit(values: list[float]) -> None:
    """Whatever floats a column holds, the same bits are read back."""
    column = np.array(values)
    read = np.empty(len(column))
    block.unpack(memoryview(block.pack_values(column)), 0, read)
    assert read.tobytes() == column.tobytes()


@given(st.integers(0, scaling.DECIMALS), st.lists(st.integers(-(10**6), 10**6), min_size=1, max_size=80))
def test_few_decimals_become_whole_numbers(decimals: int, numbers: list[int]) -> None:
    """Values with up to six decimals are kept as whole numbers, in no more decimals than they have."""
    scaled = scaling.scaled(np.array(numbers) / 10**decimals)
    assert scaled is not None
    assert scaled.form - 1 <= decimals


def test_a_negative_nought_and_a_third_stay_as_they_are() -> None:
    """Where dividing would change a bit, the numbers are not scaled."""
    assert scaling.scaled(np.array([1.0, -0.0])) is None
    assert scaling.scaled(np.array([1.0, 1 / 3])) is None
    assert scaling.scaled(np.array([1e300])) is None


def test_the_smallest_differences_are_chosen() -> None:
    """Noise is kept as it is, a walk by its steps, a smooth curve by the change of its steps."""
    draw = np.random.default_rng(5)
    noise = draw.normal(5_000, 50, 900)
    walk = np.cumsum(draw.normal(0, 20, 900))
    curve = 1e6 * np.sin(np.arange(900) / 600)
    assert [scaling.order_of(np.rint(one).astype(np.int32)) for one in (noise, walk, curve)] == [0, 1, 2]


def test_a_counter_is_kept_by_its_growth() -> None:
    """Growth that wavers around some number is smaller than its own differences; a straight line has neither."""
    grown = np.random.default_rng(4).poisson(200, 3_000)
    assert scaling.order_of(np.cumsum(grown)) == 1
    assert scaling.order_of(np.cumsum(np.cumsum(grown))) == 2
    assert scaling.order_of(grown) == 0
