"""Rates from counters that only rise, until they wrap or start again."""

from __future__ import annotations

import sys
from collections.abc import Hashable, Mapping, Sequence
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)

WORD = 32 if sys.maxsize < 2**32 else 64
"""Bits of the kernel's `unsigned long`."""


def increase(before: int, now: int, *, bits: int = WORD) -> int | None:
    """How far a counter went up; None when it started again.

    A counter of 32 bits that falls has wrapped (a link of 1 Gbit/s does so every 34 s); one of 64 bits never lives
    long enough, so it was reset, and what happened meanwhile is unknown.
    """
    if now >= before:
        return now - before
    return now - before + (1 << bits) if bits <= 32 else None


class Rates(Generic[Key]):
    """Increase a second of rows of counters, by key (an interface, a device).

    A key's first row gives nothing, for one reading is no rate. Keys that are gone are forgotten.
    `bits` gives the width of each column, where it isn't the kernel's word.
    """

    def __init__(self, bits: Sequence[int]) -> None:
        self._bits = tuple(bits)
        self._before: Mapping[Key, tuple[int, ...]] = {}
        self._moment: float | None = None

    def of(self, rows: Mapping[Key, tuple[int, ...]], moment: float) -> dict[Key, tuple[float, ...]]:
        """Rates since the last call for each key; `moment` in monotonic seconds. A key whose counters
        started again is left out."""
        before, self._before = self._before, rows
        last, self._moment = self._moment, moment
        if last is None or moment <= last:
            return {}
        elapsed = moment - last
        found: dict[Key, tuple[float, ...]] = {}
        for key, row in rows.items():
            earlier = before.get(key)
            if earlier is None:
                continue
            steps = [increase(a, b, bits=w) for a, b, w in zip(earlier, row, self._bits, strict=True)]
            if None not in steps:
                found[key] = tuple(step / elapsed for step in steps if step is not None)
        return found
