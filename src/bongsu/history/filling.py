"""In which order rows fill the pages of the file best.

Rows of a table lie in the order they were inserted and none is spread over two pages: what is left at a page's end is
lost, half a row on average. Among some rows that come together, those that fit best go in first.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

_HEADER = 8
_ROW = 40
"""What SQLite adds to a block's bytes, about: number, series, times, counts and where the row stands in its page."""
_ROOM_FOR_TWO = 2.6
"""Rows of middling size: in what is left of a page then, two are looked for that fill it."""


class Filling:
    """The last page of one table, as far as we know it."""

    def __init__(self, page_size: int) -> None:
        """Bytes of a page."""
        self._whole = page_size - _HEADER
        self._left = 0

    def ordered(self, sizes: Sequence[int]) -> list[int]:
        """The rows (by position) with these bytes each, in the order in which they fill pages best."""
        waiting = sorted((min(size + _ROW, self._whole), position) for position, size in enumerate(sizes))
        order = []
        while waiting:
            if waiting[0][0] > self._left:
                self._left = self._whole
            for size, position in self._next(waiting):
                order.append(position)
                self._left -= size
        return order

    def _next(self, waiting: list[tuple[int, int]]) -> list[tuple[int, int]]:
        """Take what goes in next: the two that fill the page best, and before them one that leaves room for two."""
        mean = sum(size for size, _ in waiting) / len(waiting)
        if self._left > _ROOM_FOR_TWO * mean:
            wanted = mean if self._left > (_ROOM_FOR_TWO + 1) * mean else self._left - 2 * mean
            place = min(bisect_left(waiting, (int(wanted), 0)), len(waiting) - 1)
            return [waiting.pop(place)]
        one = bisect_right(waiting, (self._left, len(waiting) + self._whole)) - 1
        two = _best_pair(waiting, self._left)
        if two is None or waiting[two[0]][0] + waiting[two[1]][0] < waiting[one][0]:
            return [waiting.pop(one)]
        return [waiting.pop(two[1]), waiting.pop(two[0])]


def _best_pair(waiting: list[tuple[int, int]], room: int) -> tuple[int, int] | None:
    """The two (lower and higher place) that together come closest to the room without exceeding it."""
    low, high = 0, len(waiting) - 1
    best, found = 0, None
    while low < high:
        both = waiting[low][0] + waiting[high][0]
        if both > room:
            high -= 1
            continue
        if both > best:
            best, found = both, (low, high)
        low += 1
    return found
