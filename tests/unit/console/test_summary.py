from __future__ import annotations

import pytest

from bongsu.console.figures import PerformanceDashboard
from bongsu.console.summary import shown, summary
from bongsu.console.words import words
from tests.fakes.clock import VirtualClock
from tests.unit.console.sources import NOW, Lines, points


def test_the_table_says_what_the_lines_show() -> None:
    """Each line is a row with its last, average, lowest and highest value, outages left out of them."""
    rows = [(NOW - 3_000_000, 10.0), (NOW - 2_995_000, 20.0), (NOW - 10_000, 60.0), (NOW - 5_000, 30.0)]
    source = Lines({"disk_usage": [points("disk_usage", rows, mount="/a<b>")]})
    figure = PerformanceDashboard(source, clock=VirtualClock(NOW)).create_system_status_dashboard()
    assert summary(figure, words("ko")) == {
        "항목": ["디스크 /a<b>"],
        "마지막": ["30.0%"],
        "평균": ["30.0%"],
        "최소": ["10.0%"],
        "최대": ["60.0%"],
    }


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (41.54, "%", "41.5%"),
        (1.25, "", "1.2"),
        (2_300_000, "B/s", "2.30MB/s"),
        (999, "B/s", "999B/s"),
        (0, "B/s", "0B/s"),
    ],
)
def test_values_read_as_in_the_charts(value: float, unit: str, text: str) -> None:
    """Bytes get a prefix, everything else one decimal."""
    assert shown(value, unit) == text
