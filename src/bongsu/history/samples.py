"""Curves by step out of samples, of one series or many, where these lie at an even pace: one statement for all blocks,
whole numbers gathered as they are unpacked.

As with `minutes.by_minutes`, whatever isn't plain is left out, and so is everything without the native library.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bongsu import native
from bongsu.history.curves import grid, tier_of
from bongsu.history.journal import marks
from bongsu.history.loading import SAMPLES, Report, Row, Scratch, by_series
from bongsu.history.steps import COLUMNS, MERGED, Curve, Curves
from bongsu.history.strides import strides_of
from bongsu.history.tail import Tail
from bongsu.history.team import Desk, Team
from bongsu.model.query import RangeQuery
from bongsu.native.steps import DOUBLES, ONE, Columns, TailSteps, address, join, piece

_GUESSED_PACE = 1_000
"""Milliseconds between two samples, as a guess before they are read."""
MOST = 2_000_000
"""Samples whose blocks are held at once, at most (1.6 MB)."""
SHARED = 200_000
"""Samples from which on a second thread takes part: it needs 0.1 ms to begin, in which one unpacks 30,000."""
_EACH = 8
"""Bytes of a number in the columns."""


def by_samples(
    ids: Sequence[int], query: RangeQuery, tail: Tail, columns: Columns, *, team: Team, desk: Desk, report: Report
) -> dict[int, Curve]:
    """The curves of those series that are plain to answer, by series. `columns` are room for what is in the tail."""
    step = query.step
    if step is None or query.agg == "rate" or tier_of(query) != "raw" or not native.available():
        return {}
    start, end = query.start // step * step, -(-query.end // step) * step
    samples = (end - start) // _GUESSED_PACE * len(ids)
    told = tail.steps(ids, step, COLUMNS[query.agg], columns) if samples <= MOST else None
    if told is None:
        return {}
    recent, past = dict[int, tuple[TailSteps, int]](), 0
    for series, one in zip(ids, told, strict=True):
        recent[series] = one, past
        past += max(0, one.steps)
    asking = _Asking(query, step, start, end, recent, columns, report)
    shared = samples >= SHARED and len(ids) > 1
    found = team.each(asking.curves, [[series] for series in ids] if shared else [ids], desk, shared=shared)
    return {series: curve for curves in found for series, curve in curves.items()}


@dataclass(frozen=True, slots=True)
class _Asking:
    """One question, and the tail's steps of all its series, made before any block was read: what is sealed meanwhile
    isn't missed."""

    query: RangeQuery
    step: int
    start: int
    end: int
    recent: dict[int, tuple[TailSteps, int]]
    """Of each series, and where in the columns they begin."""
    columns: Columns
    report: Report

    def curves(self, ids: Sequence[int], desk: Desk) -> dict[int, Curve]:
        """Of those of some series that are plain."""
        rows = desk.connection.rows(SAMPLES.format(marks(ids)), (*ids, self.end, self.start))
        if not rows or (self.query.tier == "auto" and (rows[0][-1] or 0) > self.start):
            return {}
        found = {}
        for series, blocks in by_series(rows, ids).items():
            curve = self._curve(blocks, *self.recent[series], desk.scratch)
            if curve is not None:
                found[series] = curve
        return found

    def _curve(self, blocks: list[Row], tail: TailSteps, begin: int, scratch: Scratch) -> Curve | None:
        """None where the series isn't plain."""
        if not blocks or tail.steps < 0 or (tail.steps and tail.oldest <= max([block[2] for block in blocks])):
            return None
        scratch.spend(sum([block[3] for block in blocks]))
        ready = strides_of(blocks, self.start, self.end, self.step, self.report)
        names = COLUMNS[self.query.agg]
        sealed = ready.columns(names, scratch) if ready is not None else None
        if sealed is None:
            return None
        within = (self.start, self.end)
        low, high = np.searchsorted(self.columns.starts[begin : begin + tail.steps], within).tolist()
        return _joined(sealed, slice(begin + low, begin + high), self.step, names, self.columns)


def _joined(sealed: Curves, recent: slice, step: int, names: Sequence[str], columns: Columns) -> Curve:
    """Sealed steps and the tail's; one that is half in each becomes one."""
    at, values = sealed
    count, tail, later = len(at), recent.stop - recent.start, columns.starts[recent]
    if count and tail and at[-1] == later[0]:
        count -= 1
        for name, own, column in zip(names, values, columns.values, strict=False):
            if name != "last":
                column[recent.start] = MERGED[name](float(own[-1]), column[recent.start])
    parts = []
    for length, places in (
        (count, [address(column) for column in values]),
        (tail, [place + _EACH * recent.start for place in columns.addresses]),
    ):
        over, under = ((place, DOUBLES, 0.0) for place in (places[0], places[-1]))
        parts.append(piece(length, over, under if len(names) > 1 else ONE))
    points = join(parts, count + tail)
    if not count + tail:
        return at[:0], points
    first, last = int(at[0] if count else later[0]), int(later[-1] if tail else at[-1])
    if last - first == (count + tail - 1) * step:
        return grid(first, step, count + tail), points
    return np.concatenate([at[:count], later]), points
