"""Declared windows of maintenance."""

from __future__ import annotations

from datetime import datetime

import pytest

from bongsu.calendars.window import window_of


def ms(text: str) -> int:
    """An RFC 3339 time as UTC ms."""
    return round(datetime.fromisoformat(text).timestamp() * 1000)


def test_a_span_holds_its_beginning_and_not_its_end() -> None:
    """From one instant up to another, whatever the offsets."""
    window = window_of("2026-12-01T02:00+09:00/2026-11-30T21:00Z")
    assert window.contains(ms("2026-12-01T02:00+09:00"))
    assert not window.contains(ms("2026-12-01T06:00+09:00"))
    assert not window.contains(ms("2026-12-01T01:59:59+09:00"))


def test_a_weekly_window_is_in_the_zone_given() -> None:
    """`sun 02:00-06:00` is meant where the operator lives."""
    window = window_of("sun 02:00-06:00", zone="Asia/Seoul")
    assert window.contains(ms("2026-11-29T02:00+09:00"))
    assert not window.contains(ms("2026-11-29T02:00Z"))


@pytest.mark.parametrize(
    "text", ["", "2026-12-01T02:00/2026-12-01T06:00", "2026-12-01T06:00Z/2026-12-01T02:00Z", "sometimes", "2026/2027"]
)
def test_what_is_no_window_is_refused(text: str) -> None:
    """A text that would mean always, or nothing, is refused."""
    with pytest.raises(ValueError):
        window_of(text)
