"""Recent prices: what leaps is a spike, what walks is a price."""

from __future__ import annotations

import numpy as np

from bongsu.quality.grouping import grouped
from bongsu.quality.prices import PriceRules, Prices


def spikes(*batches: list[float]) -> list[list[bool]]:
    """What is called a spike of one symbol's prices, batch by batch, a second apart."""
    prices = Prices()
    prices.grow(1)
    found = []
    for second, batch in enumerate(batches):
        group = grouped(np.zeros(len(batch), np.int32))
        faults = prices.take(group, np.array(batch), 1_000_000 + second * 1_000, PriceRules())
        found.append(faults.spike.tolist())
    return found


def test_a_price_that_leaps_is_a_spike_and_those_after_it_are_not() -> None:
    """Two wrong prices among right ones are both named, also where the second is like the first."""
    assert spikes([100.0, 100.5] * 15, [100.0, 103.0, 103.0, 100.5], [103.0, 100.0])[1:] == [
        [False, True, True, False],
        [True, False],
    ]


def test_a_price_may_walk_away() -> None:
    """Farther from recent prices than chance and a per cent explain, but by small steps: none of it is a spike."""
    walk = [100.0 + 0.25 * step for step in range(1, 9)]
    assert abs(walk[-1] - 100.0) > 0.01 * 100.0
    assert not any(spikes([100.0] * 30, walk)[1])
