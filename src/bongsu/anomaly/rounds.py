"""Readings in rounds: each series at most once a round, its readings in the order of their times."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from bongsu.model.sample import Int64s


def rounds(rows: Int64s, at: Int64s, *, most: int) -> tuple[list[Int64s], int]:
    """Places in the arrays by round, and how many readings were left out.

    The common case, every row once, costs no sorting. Of a row with more than `most` readings the newest are taken.
    """
    if not len(rows):
        return [], 0
    last = np.zeros(int(rows.max()) + 1, np.int64)
    places = np.arange(len(rows), dtype=np.int64)
    last[rows] = places
    if np.array_equal(last[rows], places):
        return [places], 0
    order = np.lexsort((at, rows))
    ordered = rows[order]
    starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
    lengths = np.diff(np.concatenate((starts, [len(ordered)])))
    rank = np.arange(len(ordered)) - np.repeat(starts, lengths)
    skipped = np.repeat(np.maximum(lengths - most, 0), lengths)
    rank = rank - skipped
    kept = rank >= 0
    order, rank = order[kept], rank[kept]
    return list(_by_rank(order, rank)), len(rows) - len(order)


def _by_rank(order: Int64s, rank: Int64s) -> Iterator[Int64s]:
    by = np.argsort(rank, kind="stable")
    ends = np.cumsum(np.bincount(rank))
    begin = 0
    for end in ends.tolist():
        yield order[by[begin:end]]
        begin = end
