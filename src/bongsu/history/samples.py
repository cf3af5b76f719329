"""Curves by step out of samples, of one series or many, where these lie at an even pace: one statement for all blocks,
whole numbers gathered as they are unpacked.

As with `minutes.by_minutes`, whatever isn't plain is left out, and so is everything without the native library.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

from bongsu import native
from bongsu.history.curves import grid, tier_of
from bongsu.history.files import ReadConnection
from bongsu.history.journal import marks
from bongsu.history.loading import SAMPLES, Report, Row, Scratch, by_series
from bongsu.history.steps import COLUMNS, MERGED, Curve, Curves
from bongsu.history.strides import strides_of
from bongsu.history.tail import Tail
from bongsu.history.team import Team
from bongsu.model.query import RangeQuery
from bongsu.native.steps import DOUBLES, ONE, Columns, address, join, piece

_Plan: TypeAlias = tuple[int, list[Row], slice]
"""A series, its blocks, and where in the columns its tail's steps are."""
GUESSED_PACE = 1_000
"""Milliseconds between two samples, as a guess before they are read."""
MOST = 2_000_000
"""Samples whose blocks are held at once, at most (1.6 MB)."""
SHARED = 200_000
"""Samples from which on a second thread takes part: it needs 0.1 ms to begin, in which one unpacks 30,000."""
_EACH = 8
"""Bytes of a number in the columns."""


def by_samples(
    connection: ReadConnection,
    ids: Sequence[int],
    query: RangeQuery,
    tail: Tail,
    columns: Columns,
    *,
    team: Team,
    scratch: Scratch,
    report: Report,
) -> dict[int, Curve]:
    """The curves of those series that are plain to answer, by series. `columns` are room for what is in the tail."""
    step = query.step
    if step is None or query.agg == "rate" or tier_of(query) != "raw" or not native.available():
        return {}
    start, end = query.start // step * step, -(-query.end // step) * step
    if (end - start) // GUESSED_PACE * len(ids) > MOST:
        return {}
    names = COLUMNS[query.agg]
    tails = tail.steps(ids, step, names, columns)  # before the blocks: what is sealed isn't missed
    if tails is None:
        return {}
    rows = connection.rows(SAMPLES.format(marks(ids)), (*ids, end, start))
    if not rows or (query.tier == "auto" and (rows[0][-1] or 0) > start):
        return {}
    kept, plans, begin = by_series(rows, ids), list[_Plan](), 0
    for series, one in zip(ids, tails.each(), strict=True):
        blocks, past = kept[series], begin + max(0, one.steps)
        if blocks and one.steps >= 0 and not (one.steps and one.oldest <= max([block[2] for block in blocks])):
            scratch.spend(sum([block[3] for block in blocks]))
            low, high = np.searchsorted(columns.starts[begin:past], (start, end)).tolist()
            plans.append((series, blocks, slice(begin + low, begin + high)))
        begin = past

    def made(plan: _Plan, scratch: Scratch) -> Curve | None:
        ready = strides_of(plan[1], start, end, step, report)
        sealed = None if ready is None else ready.columns(names, scratch)
        return None if sealed is None else _joined(sealed, plan[2], step, names, columns)

    shared = (end - start) // GUESSED_PACE * len(plans) >= SHARED
    curves = team.each(made, plans, scratch, shared=shared)
    return {plan[0]: curve for plan, curve in zip(plans, curves, strict=True) if curve is not None}


def _joined(sealed: Curves, recent: slice, step: int, names: Sequence[str], columns: Columns) -> Curve:
    """Sealed steps and the tail's; one that is half in each becomes one."""
    at, values = sealed
    count, tail, later = len(at), recent.stop - recent.start, columns.starts[recent]
    if count and tail and at[-1] == later[0]:
        count -= 1
        for name, own, column in zip(names, values, columns.values, strict=False):
            if name != "last":
                column[recent.start] = MERGED[name](float(own[-1]), column[recent.start])
    parts = b""
    for length, places in (
        (count, [address(column) for column in values]),
        (tail, [place + _EACH * recent.start for place in columns.addresses]),
    ):
        over, under = ((place, DOUBLES, 0.0) for place in (places[0], places[-1]))
        parts += piece(length, over, under if len(names) > 1 else ONE)
    points = join(parts, 2, count + tail)
    if not count + tail:
        return at[:0], points
    first, last = int(at[0] if count else later[0]), int(later[-1] if tail else at[-1])
    if last - first == (count + tail - 1) * step:
        return grid(first, step, count + tail), points
    return np.concatenate([at[:count], later]), points
