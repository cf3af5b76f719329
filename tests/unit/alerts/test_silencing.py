"""When silences and maintenance windows are in force."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from bongsu.alerts.silencing import in_force, next_change, silencer, weekdays
from bongsu.model.alert import Alert, Silence

SEOUL = ZoneInfo("Asia/Seoul")


def ms(text: str, zone: str = "Asia/Seoul") -> int:
    """A local time as UTC ms."""
    return round(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)


def window(start: str, end: str, repeats: str = "", *, until: str = "", zone: str = "Asia/Seoul") -> Silence:
    return Silence(
        id="s",
        matchers=(("host", "a*"),),
        starts_at=ms(start, zone),
        ends_at=ms(end, zone),
        reason="",
        by="",
        created_at=0,
        repeats=repeats,
        timezone=zone,
        until=ms(until, zone) if until else None,
    )


NIGHT = window("2026-11-02T23:00", "2026-11-03T01:30", "weekday")
"""Monday to Friday, 23:00 to half past one of the next day."""


@pytest.mark.parametrize(
    ("now", "quiet"),
    [
        ("2026-11-23T22:59", False),
        ("2026-11-23T23:00", True),
        ("2026-11-24T01:29", True),
        ("2026-11-24T01:30", False),
        ("2026-11-27T23:30", True),  # Friday night …
        ("2026-11-28T01:00", True),  # … reaches into Saturday
        ("2026-11-28T23:30", False),  # Saturday has none of its own
        ("2026-11-29T01:00", False),
        ("2026-11-02T22:59", False),
        ("2026-11-02T23:00", True),
        ("2026-10-30T23:30", False),  # before its first day
    ],
)
def test_a_window_over_midnight(now: str, quiet: bool) -> None:
    """It belongs to the day on which it begins, and reaches into the next."""
    assert in_force(NIGHT, ms(now)) is quiet


def test_a_single_silence() -> None:
    """In force from its start to its end, the end excluded; over once ended by hand."""
    one = window("2026-11-23T09:00", "2026-11-23T10:00")
    assert [in_force(one, ms(f"2026-11-23T{at}")) for at in ("08:59", "09:00", "09:59", "10:00")] == [
        False,
        True,
        True,
        False,
    ]
    assert next_change(one, ms("2026-11-23T08:00")) == ms("2026-11-23T09:00")
    assert next_change(one, ms("2026-11-23T09:00")) == ms("2026-11-23T10:00")
    assert next_change(one, ms("2026-11-23T10:00")) is None
    ended = replace(one, ended_at=ms("2026-11-23T09:30"))
    assert in_force(ended, ms("2026-11-23T09:29"))
    assert next_change(ended, ms("2026-11-23T09:10")) == ms("2026-11-23T09:30")
    assert not in_force(ended, ms("2026-11-23T09:30"))
    assert next_change(ended, ms("2026-11-23T09:30")) is None


def test_the_last_day() -> None:
    """The day of `until` is the last on which it begins; afterwards nothing changes any more."""
    one = window("2026-11-01T02:00", "2026-11-01T04:00", "daily", until="2026-11-23T00:00")
    assert in_force(one, ms("2026-11-23T03:00"))
    assert not in_force(one, ms("2026-11-24T03:00"))
    assert next_change(one, ms("2026-11-23T04:00")) is None


def test_the_next_change_of_a_weekly_window() -> None:
    """From the end of one to the beginning of the next, a week on; a long past start doesn't matter."""
    one = window("2020-01-01T02:00", "2020-01-01T04:00", "mon")
    assert next_change(one, ms("2026-11-23T03:00")) == ms("2026-11-23T04:00")
    assert next_change(one, ms("2026-11-23T04:00")) == ms("2026-11-30T02:00")


def test_the_hour_of_the_day_holds_over_summer_time() -> None:
    """In Berlin the window stays at 02:30 to 04:00 by the clock on the wall on the days before and after the change."""
    one = window("2026-03-01T04:00", "2026-03-01T05:00", "daily", zone="Europe/Berlin")
    for day in ("2026-03-28", "2026-03-29", "2026-03-30", "2026-10-25"):
        assert in_force(one, ms(f"{day}T04:30", "Europe/Berlin")), day
        assert not in_force(one, ms(f"{day}T05:30", "Europe/Berlin")), day


def test_days() -> None:
    """Names of days and of kinds of days; anything else is refused with what may be written."""
    assert weekdays("daily") == set(range(7))
    assert weekdays("weekend") == {5, 6}
    assert weekdays("mon, Thu") == {0, 3}
    with pytest.raises(ValueError, match="mon,thu"):
        weekdays("someday")


def test_which_silence_means_an_alert() -> None:
    """All pairs must hold, prefixes too; the one that holds already stays."""
    alert = Alert(
        id="a",
        fingerprint="f",
        source="rule",
        severity="error",
        phase="firing",
        message="m",
        pending_at=0,
        changed_at=0,
        labels=(("host", "a1"),),
    )
    now = ms("2026-11-23T09:00")
    first = window("2026-11-23T09:00", "2026-11-23T10:00")
    second = replace(first, id="t")
    other = replace(first, id="u", matchers=(("host", "a*"), ("severity", "critical")))
    assert silencer(alert, [other]) == ""
    assert silencer(alert, [other, first, second]) == "s"
    assert silencer(replace(alert, silenced_by="t"), [first, second]) == "t"
    assert datetime.fromtimestamp(now / 1000, UTC).hour == 0
