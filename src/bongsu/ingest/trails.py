"""Series by their order: most senders send the same series in the same order again and again.

Comparing a run of rows with what came last time costs a third less than looking up each one; what differs is looked up.
Nothing is taken on trust: a series is used only where its name and labels are, byte for byte, those looked up before.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import msgspec
import numpy as np

from bongsu.ingest.columns import REFUSED
from bongsu.ingest.identity import SeriesIds, Spelling
from bongsu.model.sample import Int32s

TRAILS = 16
"""Orders remembered at once."""

LENGTH = 20_000
"""Rows remembered of one order."""

PATIENCE = 3
"""Runs in a row that may differ before an order isn't worth writing down again."""


class Spelled(Protocol):
    """A row, as far as its series is concerned."""

    metric: str
    labels: msgspec.Raw


class Trail:
    """One order: three columns in step."""

    def __init__(self) -> None:
        self._metrics: list[str] = []
        self._labels: list[msgspec.Raw] = []
        self._series: Int32s = np.empty(0, np.int32)
        self._misses = 0

    def match(self, begin: int, metrics: list[str], labels: list[msgspec.Raw]) -> Int32s | None:
        """The series of these rows if they are what came at `begin` last time."""
        end = begin + len(metrics)
        if metrics == self._metrics[begin:end] and labels == self._labels[begin:end]:
            self._misses = 0
            return self._series[begin:end]
        return None

    def worth(self, begin: int, count: int) -> bool:
        """Whether rows at `begin` that didn't match are to be written down."""
        known = len(self._series)
        if begin < known:
            self._misses += 1
        return begin <= known and begin + count <= LENGTH and self._misses <= PATIENCE

    def write(self, begin: int, metrics: list[str], labels: list[msgspec.Raw], series: Int32s) -> None:
        """Let the order go on like this from `begin`. What was given out of it before stays as it is."""
        self._metrics[begin:] = metrics
        self._labels[begin:] = labels
        self._series = np.concatenate((self._series[:begin], series))

    def forget(self) -> None:
        """Begin anew."""
        self.write(0, [], [], np.empty(0, np.int32))


class Trails:
    """The orders of several senders, told apart by the first row of a body; bounded."""

    def __init__(self, ids: SeriesIds) -> None:
        self._ids = ids
        self._dropped = ids.dropped
        self._trails: dict[Spelling, Trail] = {}
        self._shared: dict[Spelling, tuple[str, msgspec.Raw]] = {}
        """One copy of each spelling, so that an order holds no body's text."""

    @property
    def epoch(self) -> int:
        """Changes when the ids learned so far may be no longer right; look after `refresh`."""
        return self._dropped

    def walk(self) -> Walk:
        """For one body."""
        return Walk(self)

    def trail(self, first: Spelled) -> Trail:
        """The order of bodies that begin with this row."""
        spelling = first.metric, bytes(first.labels)
        found = self._trails.get(spelling)
        if found is None:
            while len(self._trails) >= TRAILS:
                del self._trails[next(iter(self._trails))]
            found = self._trails[spelling] = Trail()
        return found

    def refresh(self) -> None:
        """Forget all orders if the ids in them may be no longer right."""
        self._ids.refresh()
        if self._dropped != self._ids.dropped:
            self._dropped = self._ids.dropped
            for trail in self._trails.values():
                trail.forget()
            self._trails.clear()
            self._shared.clear()

    def look_up(self, trail: Trail, begin: int, metrics: list[str], labels: list[msgspec.Raw]) -> Int32s:
        """The series of rows that left the trail; it goes on with them if that is worth while."""
        spellings = list(zip(metrics, map(bytes, labels), strict=True))
        series = np.fromiter(map(self._ids.__getitem__, spellings), np.int32, len(spellings))
        if trail.worth(begin, len(series)) and series.min() != REFUSED:
            shared = [self._shared.get(spelling) or self._share(spelling) for spelling in spellings]
            trail.write(begin, [metric for metric, _ in shared], [raw for _, raw in shared], series)
        return series

    def _share(self, spelling: Spelling) -> tuple[str, msgspec.Raw]:
        if len(self._shared) >= TRAILS * LENGTH:
            self._shared.clear()
        return self._shared.setdefault(spelling, (spelling[0], msgspec.Raw(spelling[1])))


class Walk:
    """One body on its way along a trail."""

    def __init__(self, trails: Trails) -> None:
        self._trails = trails
        self._trail: Trail | None = None
        self._position = 0
        self.known = False
        """Whether the rows looked at last came in a known order."""

    def series(self, rows: Sequence[Spelled]) -> Int32s:
        """The series of the next rows; `REFUSED` where the gate refuses one."""
        self._trails.refresh()
        if not rows:
            return np.empty(0, np.int32)
        trail = self._trail = self._trail or self._trails.trail(rows[0])
        begin = self._position
        self._position += len(rows)
        metrics, labels = [row.metric for row in rows], [row.labels for row in rows]
        found = trail.match(begin, metrics, labels)
        self.known = found is not None
        return self._trails.look_up(trail, begin, metrics, labels) if found is None else found
