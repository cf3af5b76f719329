"""Snapshots that are shared, and the sequence numbers after which nobody can be resumed."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import Final

from bongsu.live.frame import Frame

_MOST_RANGES: Final = 4_096


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The frames that tell all values of some topics: `first` is the lowest sequence number among them."""

    first: int
    moment: float
    losses: int
    frames: tuple[Frame, ...]


class Unfinished:
    """Sequence numbers that a client may know without having everything up to them.

    A hello carries a number but no values; a snapshot is several frames, and a connection may break between two.
    Who comes back with such a number needs a snapshot. Bounded: of the oldest ranges only the end is remembered,
    and everything below counts as unfinished too.
    """

    def __init__(self) -> None:
        self._firsts: list[int] = []
        self._lasts: list[int] = []
        self._floor = 0  # no frame has the number 0: who sends it has seen none
        self._greeting = -1

    def greeting(self, seq: int) -> None:
        """A hello carries this number."""
        self._greeting = seq
        self._add(seq, seq)

    def is_greeting(self, seq: int) -> bool:
        """Whether the number belongs to the latest hello."""
        return seq == self._greeting

    def several(self, first: int, last: int) -> None:
        """A snapshot's frames carry these numbers; only with the last one is it complete."""
        if last > first:
            self._add(first, last - 1)

    def _add(self, first: int, last: int) -> None:
        if self._lasts and self._lasts[-1] == first - 1:
            self._lasts[-1] = last
            return
        self._firsts.append(first)
        self._lasts.append(last)
        if len(self._firsts) > _MOST_RANGES:
            half = len(self._firsts) // 2
            self._floor = self._lasts[half - 1]
            del self._firsts[:half]
            del self._lasts[:half]

    def __contains__(self, seq: int) -> bool:
        if seq <= self._floor:
            return True
        place = bisect_right(self._firsts, seq) - 1
        return place >= 0 and seq <= self._lasts[place]
