"""Times of the week as people write them."""

from __future__ import annotations

import contextlib
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bongsu.calendars.weekly import parse

SEOUL = ZoneInfo("Asia/Seoul")


def at(text: str, zone: ZoneInfo = SEOUL) -> int:
    """UTC milliseconds of a local time such as `2026-11-23 09:00` (a Monday)."""
    return round(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp() * 1000)


@pytest.mark.parametrize(
    ("spec", "inside", "outside"),
    [
        ("weekday 09:00-18:00 Asia/Seoul", "2026-11-23 09:00", "2026-11-23 18:00"),
        ("weekday 09:00-18:00", "2026-11-27 17:59:59", "2026-11-28 10:00"),
        ("mon,thu", "2026-11-26 23:59", "2026-11-27 00:00"),
        ("mon, thu", "2026-11-23 00:00", "2026-11-24 00:00"),
        ("sat-mon", "2026-11-29 12:00", "2026-11-24 12:00"),
        ("weekend", "2026-11-28 00:00", "2026-11-27 23:59"),
        ("holiday", "2026-12-25 12:00", "2026-12-24 12:00"),
        ("weekday not holiday 09:00-18:00", "2026-12-24 12:00", "2026-12-25 12:00"),
        ("22:00-06:00", "2026-11-24 05:59", "2026-11-24 06:00"),
        ("fri 22:00-06:00", "2026-11-28 02:00", "2026-11-27 02:00"),
        ("not holiday 22:00-06:00", "2026-12-25 03:00", "2026-12-26 03:00"),
        ("daily 09:00-12:00,13:00-18:00", "2026-11-23 13:00", "2026-11-23 12:30"),
        ("weekday 09:00-18:00; sat 10:00-14:00", "2026-11-28 13:00", "2026-11-29 13:00"),
        ("18:00-24:00", "2026-11-23 23:59", "2026-11-24 00:00"),
        ("평일 09:00-18:00; 토,일 10:00-12:00", "2026-11-29 11:00", "2026-11-29 12:00"),
        ("Monday 9:00-10:00", "2026-11-23 09:30", "2026-11-24 09:30"),
    ],
)
def test_holds_when_it_says(spec: str, inside: str, outside: str) -> None:
    """Each way of writing holds inside and not outside, in Seoul's time."""
    weekly = parse(spec)
    assert weekly.contains(at(inside))
    assert not weekly.contains(at(outside))


def test_no_text_means_always() -> None:
    """A rule without `when` is in force at every instant."""
    assert parse("").contains(at("2026-12-25 03:00"))
    assert parse("  ").contains(0)


def test_the_zone_of_the_text_goes_first() -> None:
    """A zone in the text holds for all of it, else the one given does."""
    assert parse("09:00-10:00 America/New_York").contains(at("2026-07-01 09:30", ZoneInfo("America/New_York")))
    assert parse("09:00-10:00", zone="UTC").contains(at("2026-07-01 18:30"))
    assert not parse("09:00-10:00 Asia/Seoul", zone="UTC").contains(at("2026-07-01 18:30"))


def test_a_day_with_a_changed_clock_keeps_its_wall_time() -> None:
    """Where summer time begins, nine in the morning stays nine on the wall."""
    york = ZoneInfo("America/New_York")
    weekly = parse("sun 09:00-10:00 America/New_York")
    assert weekly.contains(at("2026-03-08 09:00", york))
    assert not weekly.contains(at("2026-03-08 08:59", york))


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ("weekdays 09:00-18:00", "'weekdays' at 1 of 'weekdays 09:00-18:00' is not understood"),
        ("weekday 9-18", "'9-18' at 9 of 'weekday 9-18' is no range of times"),
        ("mon 25:00-26:00", "is no range of times"),
        ("mon 24:00-25:00", "is no range of times"),
        ("mon 09:00-09:00", "is empty: for the whole day"),
        ("mon Asia/Soul", "'Asia/Soul' at 5 of 'mon Asia/Soul' is no time zone"),
        ("mon Asia/Seoul; tue UTC", "several time zones"),
        ("mon not", "is not complete"),
        ("not mon", "can't follow not"),
        ("mon thu", "stands beside other days"),
        ("mon 09:00-10:00 11:00-12:00", "stands beside other times"),
        ("holiday not holiday", "is said twice"),
        ("mon;", "is not complete"),
        (",", "is not complete"),
        ("mon,,thu", "stands beside other days"),
        ("mon /etc/passwd", "is no time zone"),
        ("mon ../x", "is no time zone"),
    ],
)
def test_says_what_is_wrong_and_where(spec: str, words: str) -> None:
    """A mistake is told with the word, its place and what may stand there."""
    with pytest.raises(ValueError) as caught:
        parse(spec)
    assert words in str(caught.value)


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    """No text makes anything but a pattern or a ValueError."""
    with contextlib.suppress(ValueError):
        parse(text).contains(0)


@given(
    days=st.sets(st.integers(0, 6), min_size=1),
    start=st.integers(0, 1439),
    length=st.integers(1, 1440),
    minute=st.integers(0, 14 * 1440),
)
def test_agrees_with_counting_minutes(days: set[int], start: int, length: int, minute: int) -> None:
    """A range past midnight holds exactly for its minutes after each start."""
    names = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    end = (start + length) % 1440 or 1440
    if end == start:
        end = start = 0
    if start == end:
        return
    spec = f"{','.join(names[day] for day in days)} {start // 60:02}:{start % 60:02}-{end // 60:02}:{end % 60:02} UTC"
    true_length = (end - start) % 1440 or 1440
    monday = datetime(2026, 11, 23, tzinfo=UTC)
    moment = monday + timedelta(minutes=minute)
    starts = [monday + timedelta(days=day, minutes=start) for day in range(-2, 16) if day % 7 in days]
    expected = any(begin <= moment < begin + timedelta(minutes=true_length) for begin in starts)
    assert parse(spec).contains(round(moment.timestamp() * 1000)) == expected


def test_own_holidays_take_the_place_of_the_korean_ones() -> None:
    """A calendar of its own decides what a holiday is."""
    weekly = parse("not holiday", holidays={date(2026, 11, 24)})
    assert not weekly.contains(at("2026-11-24 12:00"))
    assert weekly.contains(at("2026-12-25 12:00"))
