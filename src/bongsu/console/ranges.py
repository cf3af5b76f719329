"""The ranges that can be looked back over."""

from __future__ import annotations

from bongsu.console.words import Words

HOURS: dict[str, float] = {"15m": 0.25, "1h": 1, "6h": 6, "24h": 24, "7d": 168, "30d": 720}
"""A range's name, as in the address of the page, and its length in hours."""

ALERT_HOURS: dict[str, float] = {"24h": 24, "7d": 168, "30d": 720}
"""The ranges over which alerts can be looked back."""

CUSTOM = "custom"
"""The range between two moments of one's own."""

LONGEST_HOURS = 366 * 24
"""What may lie between them."""

DEFAULT = "1h"
"""Longer than what the live view shows at first: its 15 minutes need no second chart."""


def step_words(step: int, words: Words) -> str:
    """A step (ms) in words: `5초`, `2 min`."""
    seconds = step // 1000
    if seconds % 3_600 == 0:
        return words("step.hours", count=seconds // 3_600)
    if seconds % 60 == 0:
        return words("step.minutes", count=seconds // 60)
    return words("step.seconds", count=seconds)
