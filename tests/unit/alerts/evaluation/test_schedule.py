"""When a rule is in force."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bongsu.alerts.evaluation.schedule import Schedule
from bongsu.calendars.weekly import parse

SEOUL = ZoneInfo("Asia/Seoul")
CHUSEOK = {date(2026, 9, 25)}
"""A Friday."""


def schedule(text: str) -> Schedule:
    """A schedule with that one holiday."""
    return Schedule(parse(text, holidays=CHUSEOK))


def ms(text: str, zone: ZoneInfo = SEOUL) -> int:
    """UTC milliseconds of a wall time."""
    return round(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp() * 1000)


@pytest.mark.parametrize(
    ("text", "moment", "holds"),
    [
        ("", "2026-09-27T03:00", True),
        ("weekday 09:00-18:00 Asia/Seoul", "2026-09-24T09:00", True),
        ("weekday 09:00-18:00 Asia/Seoul", "2026-09-24T18:00", False),
        ("weekday 09:00-18:00 Asia/Seoul", "2026-09-26T12:00", False),
        ("weekday 09:00-18:00", "2026-09-25T12:00", True),
        ("weekday not holiday 09:00-18:00", "2026-09-25T12:00", False),
        ("holiday", "2026-09-25T23:59", True),
        ("holiday", "2026-09-24T23:59", False),
        ("mon,thu 10:00-11:00,14:00-15:00", "2026-09-24T14:30", True),
        ("mon,thu 10:00-11:00,14:00-15:00", "2026-09-24T12:00", False),
        ("fri-mon", "2026-09-27T12:00", True),
        ("fri-mon", "2026-09-23T12:00", False),
        ("thu 22:00-06:00", "2026-09-25T05:59", True),
        ("thu 22:00-06:00", "2026-09-25T06:00", False),
        ("thu 22:00-06:00", "2026-09-24T05:00", False),
        ("not holiday 22:00-06:00", "2026-09-26T01:00", False),
        ("not holiday 22:00-06:00", "2026-09-25T01:00", True),
        ("weekday 09:00-18:00; weekend 10:00-12:00", "2026-09-26T11:00", True),
        ("weekday 09:00-24:00", "2026-09-24T23:59", True),
        ("09:00-10:00 Asia/Tokyo", "2026-09-24T09:30", True),
        ("00:00-01:00 UTC", "2026-09-24T09:30", True),
        ("Weekday 09:00-18:00 Asia/Seoul", "2026-09-24T09:30", True),
    ],
)
def test_in_force(text: str, moment: str, holds: bool) -> None:
    """Days, holidays, several ranges, nights and zones mean what they say."""
    assert schedule(text).at(ms(moment))[0] is holds


def test_a_day_with_a_changed_clock_has_its_ranges_where_the_clocks_say() -> None:
    """Over the spring change in Berlin, 01:00-04:00 is two hours long; the night of a zone is its own."""
    berlin = ZoneInfo("Europe/Berlin")
    start = ms("2026-03-29T01:00", berlin)
    assert schedule("01:00-04:00 Europe/Berlin").at(start) == (True, start + 2 * 3_600_000)


@given(
    st.sampled_from(
        ["", "weekday 09:00-18:00", "holiday", "thu 22:00-06:00; sat", "not holiday 00:00-24:00", "mon 23:00-22:00 UTC"]
    ),
    st.integers(ms("2026-09-20T00:00"), ms("2026-10-04T00:00")),
)
def test_the_answer_holds_until_it_says(text: str, moment: int) -> None:
    """`at` and `mask` agree, up to the last moment before the change that `at` foretells, and not beyond."""
    when = schedule(text)
    holds, until = when.at(moment)
    assert until > moment
    end = min(until, moment + 20 * 86_400_000)
    times = np.array([moment, (moment + end) // 2, end - 1, end], np.int64)
    mask = when.mask(times)
    assert list(mask[:3]) == [holds] * 3
    if end == until:
        assert mask[3] != holds
