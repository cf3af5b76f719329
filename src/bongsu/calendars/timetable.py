"""Open times as sorted arrays: every question is a bisection, for one instant or for a million."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from bongsu.model.sample import Int64s

Bools: TypeAlias = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One opening: its name, and from when to when (UTC ms, the end excluded)."""

    name: str
    opens: int
    closes: int


class Timetable:
    """Sessions of some years. Where they touch or overlap they are one opening; times are UTC ms."""

    def __init__(self, sessions: Iterable[Session]) -> None:
        self._sessions = sorted(sessions, key=lambda one: (one.opens, one.closes))
        self._session_opens = np.array([one.opens for one in self._sessions], np.int64)
        merged: list[list[int]] = []
        for one in self._sessions:
            if merged and one.opens <= merged[-1][1]:
                merged[-1][1] = max(merged[-1][1], one.closes)
            else:
                merged.append([one.opens, one.closes])
        table = np.array(merged, np.int64).reshape(-1, 2)
        self._opens, self._closes = np.ascontiguousarray(table[:, 0]), np.ascontiguousarray(table[:, 1])
        self._before = np.concatenate(([0], np.cumsum(self._closes - self._opens)))[:-1].astype(np.int64)

    def open_many(self, at: Int64s) -> Bools:
        """Whether each instant lies in an opening."""
        position = np.searchsorted(self._opens, at, "right") - 1
        if not len(self._opens):
            return np.zeros(np.shape(at), np.bool_)
        found: Bools = (position >= 0) & (at < self._closes[np.maximum(position, 0)])
        return found

    def open_clock(self, at: Int64s) -> Int64s:
        """A clock that runs only while open: open milliseconds from the table's start to each instant."""
        if not len(self._opens):
            return np.zeros(np.shape(at), np.int64)
        position = np.searchsorted(self._opens, at, "right") - 1
        known = np.maximum(position, 0)
        inside = np.minimum(at, self._closes[known]) - self._opens[known]
        clock: Int64s = np.where(position >= 0, self._before[known] + inside, 0)
        return clock

    def session(self, at: int) -> Session | None:
        """The session at an instant; where several overlap, the one that began last."""
        position = int(np.searchsorted(self._session_opens, at, "right")) - 1
        while position >= 0 and self._sessions[position].opens > at - _LONGEST:
            if at < self._sessions[position].closes:
                return self._sessions[position]
            position -= 1
        return None

    def next_open(self, at: int) -> int | None:
        """When it opens next, after `at`; None beyond the table's end."""
        position = int(np.searchsorted(self._opens, at, "right"))
        return int(self._opens[position]) if position < len(self._opens) else None

    def next_close(self, at: int) -> int | None:
        """When it closes next, after `at`; None beyond the table's end."""
        position = int(np.searchsorted(self._closes, at, "right"))
        return int(self._closes[position]) if position < len(self._closes) else None


_LONGEST = 2 * 86_400_000
"""No session lasts longer: a pattern's ranges end within a day of their start."""
