"""Feeds in which nothing is wrong are quiet, and a fault in them is not."""

from __future__ import annotations

import numpy as np
import pytest
from bench.anomaly_series import DAY, quiet_feeds

from bongsu.anomaly.lane import Lane
from bongsu.anomaly.plan import Plan

SYMBOLS, DAYS = 20, 1
SEED = 7_041_776


@pytest.mark.guide("G048")
def test_feeds_tell_at_most_one_anomaly_a_series_and_day() -> None:
    """Log-normal delays and thin symbols: less than one a series and day by the defaults; delays fivefold are told.

    `python -m bench anomaly` does the same with 200 symbols over 30 days.
    """
    lanes: dict[str, Lane] = {}
    told = dict.fromkeys(("feed_delay_seconds", "feed_events_per_second", "feed_quality"), 0)
    found: set[int] = set()
    for index, minute in enumerate(quiet_feeds(symbols=SYMBOLS, days=DAYS, seed=SEED)):
        fault = DAYS * DAY - index <= 5
        for name in told:
            if name not in lanes:
                spec = Plan().spec(name)
                assert spec is not None
                lanes[name] = Lane(spec)
                for symbol in range(SYMBOLS):
                    lanes[name].take(symbol)
            values = minute.values[name] * (5 if fault and name == "feed_delay_seconds" else 1)
            (rows,) = np.nonzero(~np.isnan(values))
            judged = lanes[name].judge(rows, np.full(len(rows), minute.at), values[rows])
            if fault and name == "feed_delay_seconds":
                found |= set(judged.rows[judged.worth].tolist())
            else:
                told[name] += int(judged.worth.sum())
    assert all(count <= SYMBOLS * DAYS for count in told.values()), told
    assert len(found) >= 3, "symbols that trade at night"
