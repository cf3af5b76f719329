"""The exchange's days from the package that knows them, built in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from datetime import date

import pytest

from bongsu.calendars.exchanges import by_rule, closed_days, read


def test_the_rule_tells_what_the_package_tells() -> None:
    """Of the years 2015 to 2027 the two differ only where the package is known to be wrong, or not yet told."""
    pytest.importorskip("exchange_calendars", reason="the extra `calendars` is not installed")
    command = [sys.executable, "-m", "bongsu.calendars.build", "2027"]
    told = read(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    ruled = {day for day in by_rule() if told.first <= day <= told.last}
    assert ruled ^ told.closed == {date(2026, 6, 3), date(2026, 7, 17), date(2027, 7, 19)}
    assert {date(2026, 6, 3), date(2026, 7, 17)} <= closed_days(told)
