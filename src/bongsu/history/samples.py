"""Curves by step out of samples, of one series or many, where these lie at an even pace: blocks in memory, or one
statement for all of them, unpacked by two threads while the rows still come.

As with `minutes.by_minutes`, whatever isn't plain is left out, and so is everything without the native library.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing

from bongsu.history.curves import grid
from bongsu.history.files import ReadConnection
from bongsu.history.journal import of_many
from bongsu.history.loading import SAMPLES, Scratch
from bongsu.history.recent import RecentBlocks, Row
from bongsu.history.steps import COLUMNS, Curve
from bongsu.history.tail import Tail
from bongsu.model.query import RangeQuery
from bongsu.native.curves import Gathering
from bongsu.native.steps import Columns, Tails

GUESSED_PACE = 1_000
"""Milliseconds between two samples, as a guess before they are read."""
MOST = 2_000_000
"""Samples whose blocks are held at once, at most (1.6 MB)."""
SHARED = 40_000
"""Samples from which on a second thread takes part: waking it takes 35 µs, in which one unpacks 15,000."""
_COUNT = 4
"""Where in a row of `SAMPLES` stands how many there are."""
_FIRST, _CHUNK = 2, 8
"""Rows handed over at once: few, so that the second thread has something soon, then some 150 µs of unpacking."""


def by_samples(
    connection: ReadConnection,
    ids: Sequence[int],
    query: RangeQuery,
    step: int,
    tail: Tail,
    recent: RecentBlocks,
    columns: Columns,
    gathering: Gathering,
    scratch: Scratch,
) -> dict[int, Curve]:
    """The curves by step (ms), no rates, of those series that are plain to answer. Only where `native.available()`.

    `columns` are room for what is in the tail, `gathering` for what is in blocks; `scratch` has the budget.
    """
    start, end = query.start // step * step, -(-query.end // step) * step
    samples = (end - start) // GUESSED_PACE * len(ids)
    if samples > MOST:
        return {}
    names = COLUMNS[query.agg]
    with gathering.begun(start, end, step, names, series=len(ids), shared=samples >= SHARED):
        tails = tail.steps(ids, step, names, columns)  # before the blocks: what is sealed isn't missed
        if tails is None:
            return {}
        rows = recent.of(ids, start, end)
        if rows is not None:
            whole = _added(rows, gathering, scratch)
        else:
            chunks = connection.chunks(of_many(SAMPLES, len(ids)), (*ids, end, start), _FIRST, _CHUNK)
            with closing(chunks):
                whole = _gathered(chunks, gathering, start if query.tier == "auto" else None, scratch)
    return _curves(ids, gathering, tails, step) if whole else {}


def _gathered(chunks: Iterator[list[Row]], gathering: Gathering, since: int | None, scratch: Scratch) -> bool:
    """Whether there are blocks, all of them were added, and all samples `since` then are kept."""
    rows: list[Row] = []
    for rows in chunks:
        if since is not None and (rows[0][-1] or 0) > since:
            return False
        if not _added(rows, gathering, scratch):
            return False
    return bool(rows)


def _added(rows: list[Row], gathering: Gathering, scratch: Scratch) -> bool:
    scratch.spend(sum([row[_COUNT] for row in rows]))
    return bool(rows) and gathering.add(rows)


def _curves(ids: Sequence[int], gathering: Gathering, tails: Tails, step: int) -> dict[int, Curve]:
    """Those series that were plain; the ones with the same steps share their starts."""
    told, at, values = gathering.told(tails)
    if len(ids) == 1:
        points = told[0].points
        return {} if points < 0 else {ids[0]: (at[:points], values[:points])}
    curves, past = dict[int, Curve](), 0
    common, times = (0, -1), at
    for series, (points, first, whole) in zip(ids, told, strict=True):
        if points < 0:
            continue
        begin, past = past, past + points
        if not whole:
            curves[series] = at[begin:past], values[begin:past]
            continue
        if (first, points) != common:
            common, times = (first, points), grid(first, step, points)
        curves[series] = times, values[begin:past]
    return curves
