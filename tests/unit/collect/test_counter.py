"""Counters that wrap, start again, come and go."""

from __future__ import annotations

import pytest

from bongsu.collect.counter import Rates, increase


@pytest.mark.parametrize(
    ("before", "now", "bits", "step"),
    [
        (5, 9, 64, 4),
        (2**32 - 10, 5, 32, 15),
        (2**64 - 10, 5, 64, None),
        (100, 3, 64, None),
        (7, 7, 32, 0),
    ],
)
def test_increase(before: int, now: int, bits: int, step: int | None) -> None:
    """32 bits wrap; 64 bits that fall were reset, and nothing is known of the time between."""
    assert increase(before, now, bits=bits) == step


def test_a_rate_needs_two_readings() -> None:
    """The first reading of each key gives nothing, also of one that appears later."""
    rates: Rates[str] = Rates((64,))
    assert rates.of({"a": (10,)}, 1.0) == {}
    assert rates.of({"a": (30,), "b": (5,)}, 3.0) == {"a": (10.0,)}
    assert rates.of({"a": (30,), "b": (6,)}, 4.0) == {"a": (0.0,), "b": (1.0,)}


def test_a_reset_counter_is_left_out_once() -> None:
    """After a reset one reading is missing, then rates go on."""
    rates: Rates[str] = Rates((64, 64))
    rates.of({"a": (10, 10)}, 1.0)
    assert rates.of({"a": (0, 12)}, 2.0) == {}
    assert rates.of({"a": (4, 14)}, 3.0) == {"a": (4.0, 2.0)}


def test_no_time_no_rate() -> None:
    """Two readings at the same moment divide by nothing."""
    rates: Rates[str] = Rates((64,))
    rates.of({"a": (1,)}, 1.0)
    assert rates.of({"a": (5,)}, 1.0) == {}
