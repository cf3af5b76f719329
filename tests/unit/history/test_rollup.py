"""Roll-ups: what is kept of a minute, an hour, and a counter's growth."""

from __future__ import annotations

import numpy as np
import pytest

from bongsu.history import rollup
from bongsu.history.block import DamagedBlock, decode, encode
from bongsu.history.rollup import HOUR, MINUTE

T0 = 1_763_776_800_000


def test_a_minute_keeps_least_most_sum_count_and_last() -> None:
    """A record tells the samples of its minute; minutes without samples have none."""
    at = T0 + np.array([0, 1_000, 59_999, 120_000], np.int64)
    records = rollup.roll_up(at, np.array([3.0, 1.0, 2.0, 9.0]), MINUTE)
    assert records.at.tolist() == [T0, T0 + 120_000]
    assert (records.low[0], records.high[0], records.total[0], records.count[0], records.last[0]) == (1, 3, 6, 3, 2)


def test_hours_of_minutes_equal_hours_of_samples() -> None:
    """Rolling up in two steps gives what rolling up at once gives."""
    at = T0 + np.arange(0, 3 * HOUR, 7_000, dtype=np.int64)
    value = np.round(np.random.default_rng(1).normal(50, 9, len(at)), 2)
    direct = rollup.roll_up(at, value, HOUR)
    stepped = rollup.coarser(rollup.roll_up(at, value, MINUTE), HOUR)
    for name in ("at", "count", "low", "high", "last", "until", "elapsed"):
        np.testing.assert_array_equal(getattr(stepped, name), getattr(direct, name))
    np.testing.assert_allclose(stepped.total, direct.total)
    np.testing.assert_allclose(stepped.rise, direct.rise)


@pytest.mark.parametrize("resets", [(), (130,), (61, 400)])
def test_a_counters_growth_survives_its_block(resets: tuple[int, ...]) -> None:
    """Growth since the record before is exact after encoding, also where the counter began again from nought."""
    value = np.cumsum(np.random.default_rng(2).poisson(30, 600)).astype(np.float64)
    for reset in resets:
        value[reset:] -= value[reset] - 1
    at = T0 + np.arange(600, dtype=np.int64) * 1000
    before = rollup.roll_up(at, value, MINUTE)
    data = rollup.encode(before, MINUTE)
    after = rollup.Packed(data, start=T0, last=int(before.at[-1]), count=len(before), width=MINUTE).records()
    np.testing.assert_array_equal(after.rise, before.rise)
    np.testing.assert_array_equal(after.elapsed, before.elapsed)
    assert before.rise.sum() == rollup.rises(value, None).sum()


def test_a_gauge_that_goes_on_keeps_no_rises() -> None:
    """Hours of it that were rolled up before have none, so that those of the newest are few among all."""
    at = 1_763_776_800_000 + 1_000 * np.arange(86_400, dtype=np.int64)
    value = np.round(50 + np.cumsum(np.random.default_rng(3).normal(0, 0.2, len(at))), 2)
    records = rollup.roll_up(at, value, MINUTE)
    whole = rollup.encode(records, MINUTE)
    kept = rollup.Packed(
        rollup.encode(records.taken(slice(1_340)), MINUTE),
        start=int(at[0]),
        last=int(records.at[1_339]),
        count=1_340,
        width=MINUTE,
    ).records()
    again = rollup.encode(rollup.joined([kept, records.taken(slice(1_340, None))]), MINUTE)
    assert len(again) < len(whole) + 50


def test_sums_lose_the_noise_of_adding_decimals() -> None:
    """The sum of two-decimal values has two decimals: 0.1 + 0.2 is kept as 0.3."""
    records = rollup.roll_up(T0 + np.array([0, 1], np.int64), np.array([0.1, 0.2]), MINUTE)
    data = rollup.encode(records, MINUTE)
    assert rollup.Packed(data, start=T0, last=T0, count=1, width=MINUTE).column("total").tolist() == [0.3]


@pytest.mark.parametrize("place", [0, 5, -1])
def test_a_changed_byte_is_noticed(place: int) -> None:
    """A block whose bytes changed is refused, never read wrongly."""
    at = T0 + np.arange(100, dtype=np.int64) * 1000
    data = bytearray(encode(at, (at % 97).astype(np.float64) / 100))
    data[place] ^= 0x10
    with pytest.raises(DamagedBlock):
        decode(bytes(data), np.empty(100, np.int64), np.empty(100), int(at[0]), int(at[-1]))
