"""How many samples the tail's blobs hold in the file: sealed ones too, as long as a blob holds one that isn't.

A series of few samples holds back the blobs of all others. At a sample a second that is an hour of them; while days are
loaded at once it would be all of them: 1.5 GB of a day of 2,000 series, to be read at the next start.
"""

from __future__ import annotations

from collections import deque

_APART = 65_536
"""Samples between two blobs of which is known how many came up to them."""


class Backlog:
    """After how many samples in all blobs ended, roughly."""

    def __init__(self) -> None:
        self._ends: deque[tuple[int, int]] = deque()
        self._gone = 0

    def note(self, blob: int, written: int) -> None:
        """This is the newest blob, and so many samples were written with it."""
        before = self._ends[-2][1] if len(self._ends) > 1 else self._gone
        if self._ends and written - before < _APART:
            self._ends.pop()
        self._ends.append((blob, written))

    def behind(self, oldest: int, most: int) -> int:
        """The newest blob that should go where those from the `oldest` on hold more than `most` samples; else 0.

        With it go so many that half of that is left.
        """
        while self._ends and self._ends[0][0] < oldest:
            self._gone = self._ends.popleft()[1]
        written = self._ends[-1][1] if self._ends else self._gone
        if written - self._gone <= most:
            return 0
        return max((blob for blob, upto in self._ends if upto <= written - most // 2), default=0)
