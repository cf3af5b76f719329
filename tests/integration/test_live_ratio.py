"""The fan-out's cost beside a bare send loop, with margins wide enough for a busy machine."""

from __future__ import annotations

import pytest
from bench.live_fanout import apart


@pytest.mark.slow
def test_fan_out_costs_little_more_than_sending() -> None:
    """A shared frame to 1,000 clients: at most three times the bare loop's CPU, 12 KiB a connection, none lost."""
    bare = apart("bare", 1_000, 3, 24, "uvloop")
    ours = apart("deflate", 1_000, 3, 24, "uvloop")
    assert len(ours["lags"]) == 3 * 1_000
    assert ours["cpu"] <= 3 * bare["cpu"]
    assert ours["kib"] <= 12
