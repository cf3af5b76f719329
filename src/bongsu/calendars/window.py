"""Declared stretches of time: once (`2026-12-01T02:00+09:00/2026-12-01T06:00+09:00`) or weekly (`sun 02:00-06:00`)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bongsu.calendars.weekly import ZONE, parse


class Window(Protocol):
    """A stretch of time, once or again and again."""

    def contains(self, at_ms: int) -> bool:
        """Whether the instant (UTC ms) lies in it; its beginning does, its end doesn't."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """From one instant to another, UTC ms."""

    start: int
    end: int

    def contains(self, at_ms: int) -> bool:
        """Whether the instant lies in it."""
        return self.start <= at_ms < self.end


def window_of(text: str, *, zone: str = ZONE) -> Window:
    """Read a window; `zone` holds for a weekly one that names none.

    Raises:
        ValueError: it is written otherwise.
    """
    start, divider, end = text.partition("/")
    if not (divider and start.strip()[:4].isdigit()):
        if not text.strip():
            raise ValueError("an empty text would mean always")
        return parse(text, zone=zone)
    moments = [datetime.fromisoformat(one.strip()) for one in (start, end)]
    if any(one.tzinfo is None for one in moments):
        raise ValueError(f"{text!r} has no time zone: add Z or an offset such as +09:00")
    first, last = (round(one.timestamp() * 1000) for one in moments)
    if first >= last:
        raise ValueError(f"{text!r} ends before it begins")
    return Span(start=first, end=last)
