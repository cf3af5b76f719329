"""Rules keep their promises of speed with wide margins; `make bench` measures in earnest."""

from __future__ import annotations

import asyncio

import numpy as np
from bench.figures import quantile
from bench.rules import SERIES, crossings, month, rounds, rules_of, table_of


def test_ten_thousand_rules_take_a_small_part_of_a_second() -> None:
    """10,000 rules over 10,000 series: the promise is 300 ms of one core a round, far more than it takes."""
    spent, rows, state = rounds(rules_of(SERIES), table_of(SERIES), SERIES, 10)
    assert rows == SERIES
    assert np.median(spent) < 100
    assert state < 32e6


def test_a_signal_leaves_room_for_its_message() -> None:
    """From a crossing sample to its signal, with 10,000 rules evaluated beside: well within the 500 ms to a webhook."""
    assert quantile(asyncio.run(crossings(30)), 0.9) < 250


def test_a_month_is_tested_within_a_second() -> None:
    """A back-test of one rule over 30 days by minute takes less than a second of one core."""
    cpu, _ = asyncio.run(month())
    assert cpu < 1
