"""When a silence or a maintenance window is in force, and which alerts it keeps quiet. Pure; times are UTC ms."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bongsu.alerts.matching import matches
from bongsu.model.alert import Alert, Silence

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_NAMED = {"daily": frozenset(range(7)), "weekday": frozenset(range(5)), "weekend": frozenset((5, 6))}
_LOOK_AHEAD = 9
"""Days in which a window that comes back at least weekly comes back."""


def weekdays(repeats: str) -> frozenset[int]:
    """The days of the week (0 is Monday) that `daily`, `weekday`, `weekend` or `mon,thu` mean.

    Raises:
        ValueError: it means none.
    """
    if repeats in _NAMED:
        return _NAMED[repeats]
    try:
        return frozenset(DAYS.index(part.strip().lower()) for part in repeats.split(","))
    except ValueError:
        raise ValueError(f"{repeats!r} is none of daily, weekday, weekend, or days such as mon,thu") from None


def in_force(silence: Silence, now: int) -> bool:
    """Whether it keeps quiet at this moment."""
    if silence.ended_at is not None and silence.ended_at <= now:
        return False
    return any(start <= now < end for start, end in _windows(silence, now))


def next_change(silence: Silence, now: int) -> int | None:
    """The next moment at which it begins or ends; None where it never will again."""
    ended = silence.ended_at
    if ended is not None and ended <= now:
        return None
    moments = [moment for window in _windows(silence, now) for moment in window if moment > now]
    if ended is not None:
        moments.append(ended)
    return min(moments, default=None)


def silencer(alert: Alert, silences: Iterable[Silence]) -> str:
    """The id of one of these (in force) that means this alert; empty without one. One that still holds goes first."""
    found = [one.id for one in silences if matches(alert, one.matchers)]
    return alert.silenced_by if alert.silenced_by in found else next(iter(found), "")


def _windows(silence: Silence, now: int) -> Iterator[tuple[int, int]]:
    """Start and end of the windows around `now`: the only one, or those from yesterday to next week."""
    if not silence.repeats:
        yield silence.starts_at, silence.ends_at
        return
    zone = ZoneInfo(silence.timezone)
    begins, ends = _local(silence.starts_at, zone), _local(silence.ends_at, zone)
    last = None if silence.until is None else _local(silence.until, zone).date()
    days = weekdays(silence.repeats)
    nights = 1 if ends.time() <= begins.time() else 0
    first = max(_local(now, zone).date() - timedelta(days=nights + 1), begins.date())
    for ahead in range(_LOOK_AHEAD + nights + 1):
        day = first + timedelta(days=ahead)
        if last is not None and day > last:
            return
        if day.weekday() in days:
            yield _moment(day, begins.time(), zone), _moment(day + timedelta(days=nights), ends.time(), zone)


def _local(at: int, zone: ZoneInfo) -> datetime:
    return datetime.fromtimestamp(at / 1000, UTC).astimezone(zone)


def _moment(day: date, at: time, zone: ZoneInfo) -> int:
    return round(datetime.combine(day, at, zone).timestamp() * 1000)
