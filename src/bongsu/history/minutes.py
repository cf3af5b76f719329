"""Curves by minute, of one series or many: what charts ask for most, in as few strokes as can be.

One statement reads how far the series have come and their blocks; what was sealed lately is in memory, what wasn't is
in the tail. Whatever isn't plain (a late sample, minutes that must be made from samples or hours) is left out and asked
for as usual (`sweep.sweep`, `curves.curve`), and so is everything where the native library wasn't built.

Between two questions a machine does other things, so what counts here is how little code a question runs through.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from bongsu import native
from bongsu.history.block import DamagedBlock
from bongsu.history.curves import grid, tier_of
from bongsu.history.files import ReadConnection
from bongsu.history.fresh import Fresh, FreshMinutes
from bongsu.history.journal import marks
from bongsu.history.rollup import MINUTE, Packed, Records, numbers_of
from bongsu.history.steps import COLUMNS, MERGED, Curve
from bongsu.history.tail import Tail
from bongsu.model.query import RangeQuery
from bongsu.model.sample import Int64s
from bongsu.native.steps import DOUBLES, ONE, WHOLE, Columns, Operand, TailSteps, address, join, piece

_Row: TypeAlias = tuple[Any, ...]
_SERIES = itemgetter(0)
_ROWS = """
SELECT p.series, p.sealed, p.minute, (SELECT at FROM floor WHERE tier = 'raw'),
    (SELECT at FROM floor WHERE tier = 'minute'), m.start, m.last, m.count, m.data
FROM progress p LEFT JOIN minute m ON m.series = p.series AND m.start < ? AND m.last >= ?
WHERE p.series IN ({}) ORDER BY p.series, m.start
"""
_EACH = 8
"""Bytes of a number in memory, but for the whole numbers of blocks."""


class _Stretch(NamedTuple):
    """Minutes out of one source: the start of the first, how many, their starts where some are missing, and from which
    one of the source's on. The source is a block, minutes in memory, or (None) the tail's columns."""

    first: int
    minutes: int
    at: Int64s | None
    low: int
    source: Packed | Records | None


def by_minutes(
    connection: ReadConnection, ids: Sequence[int], query: RangeQuery, tail: Tail, fresh: Fresh, columns: Columns
) -> dict[int, Curve]:
    """The curves of those series that are plain to answer, by series. `columns` are room for what is in the tail."""
    if query.agg == "rate" or (query.step or MINUTE) != MINUTE or tier_of(query) != "minute" or not native.available():
        return {}
    names = COLUMNS[query.agg]
    told = tail.steps(ids, MINUTE, names, columns)  # before the blocks: what is sealed isn't missed
    if told is None:
        return {}
    start, end = query.start // MINUTE * MINUTE, -(-query.end // MINUTE) * MINUTE
    rows = connection.rows(_ROWS.format(marks(ids)), (end, start, *ids))
    if not rows or (query.tier == "auto" and (rows[0][4] or 0) > start):
        return {}
    tails, begin = dict[int, tuple[TailSteps, int]](), 0
    for series, one in zip(ids, told, strict=True):
        tails[series] = one, begin
        begin += max(0, one.steps)
    planning = _Planning(start, end, names, columns)
    plans = dict[int, list[_Stretch]]()
    for series, some in groupby(rows, _SERIES):
        blocks = list(some)
        plan = planning.plan(blocks, *tails[series], fresh.get(series, blocks[0][1]))
        if plan is not None:
            plans[series] = plan
    return _curves(plans, names, columns) if plans else {}


class _Planning(NamedTuple):
    """Where the minutes of series are, for one question."""

    start: int
    end: int
    names: Sequence[str]
    columns: Columns

    def plan(self, rows: list[_Row], tail: TailSteps, begin: int, fresh: FreshMinutes | None) -> list[_Stretch] | None:
        """Of one series, whose tail's steps are in the columns from `begin` on; None where it isn't plain."""
        seam, floor = rows[0][2], rows[0][3] or 0
        if tail.steps:
            if tail.steps < 0 or tail.oldest < floor:
                return None
            seam = min(seam, tail.oldest // MINUTE * MINUTE)
        border = min(max(max(seam, floor) // MINUTE * MINUTE, self.start), self.end)
        try:
            stretches = self._kept(rows, border)
        except DamagedBlock:
            return None  # whoever reads the blocks one by one tells which it is
        if border < self.end:
            if fresh is None or fresh.since > border or (tail.steps and tail.oldest <= fresh.until):
                return None
            stretches += self._recent(fresh.records, tail, begin, border)
        due = self.start
        for stretch in stretches:
            if stretch.first < due:
                return None
            due = stretch.first + stretch.minutes * MINUTE
        return stretches

    def _kept(self, rows: list[_Row], border: int) -> list[_Stretch]:
        """The minutes of blocks before the border."""
        found = []
        for *_, first, last, count, data in rows:
            if data is not None and first < border:
                block = Packed(data, start=first, last=last, count=count, width=MINUTE)
                at = None if last - first == (count - 1) * MINUTE else block.at
                found += _cut(first, count, at, (self.start, border), 0, block)
        return found

    def _recent(self, records: Records, tail: TailSteps, begin: int, border: int) -> list[_Stretch]:
        """What isn't rolled up: sealed lately, and not yet. May change the tail's."""
        within = border, self.end
        recent = list[_Stretch]()
        if len(records):
            first, last = int(records.at[0]), int(records.at[-1])
            at = None if last - first == (len(records) - 1) * MINUTE else records.at
            if tail.steps and last == tail.first:  # a minute that was half sealed
                self._merge(records, begin)
                within = border, min(self.end, last)
            recent = _cut(first, len(records), at, within, 0, records)
        if tail.steps:
            whole = tail.last - tail.first == (tail.steps - 1) * MINUTE
            at = None if whole else self.columns.starts[begin : begin + tail.steps]
            recent += _cut(tail.first, tail.steps, at, (border, self.end), begin, None)
        return recent

    def _merge(self, records: Records, begin: int) -> None:
        """Into the tail's first minute what of it was sealed."""
        for name, column in zip(self.names, self.columns.values, strict=False):
            if name != "last":
                column[begin] = MERGED[name](float(getattr(records, name)[-1]), column[begin])


def _cut(
    first: int, count: int, at: Int64s | None, within: tuple[int, int], low: int, source: Packed | Records | None
) -> list[_Stretch]:
    """Those of a source's minutes with start ≤ at < end; the first of them is its number `low`."""
    start, end = within
    if at is None:
        skipped, past = max(0, (start - first) // MINUTE), min(count, (end - first) // MINUTE)
        first += skipped * MINUTE
    else:
        skipped, past = np.searchsorted(at, (start, end)).tolist()
        at = at[skipped:past]
        first = int(at[0]) if len(at) else start
    return [_Stretch(first, past - skipped, at, low + skipped, source)] if past > skipped else []


def _curves(plans: dict[int, list[_Stretch]], names: Sequence[str], columns: Columns) -> dict[int, Curve]:
    """All series' points, made in one stroke."""
    packed = [stretch.source for plan in plans.values() for stretch in plan if isinstance(stretch.source, Packed)]
    kept = [dict(zip(map(id, packed), numbers_of(packed, name), strict=True)) for name in names]
    pieces, lengths = list[bytes](), list[int]()
    for plan in plans.values():
        length = 0
        for stretch in plan:
            operands = [_operand(stretch, i, name, kept[i], columns) for i, name in enumerate(names)]
            pieces.append(piece(stretch.minutes, operands[0], operands[1] if len(names) > 1 else ONE))
            length += stretch.minutes
        lengths.append(length)
    values = join(pieces, sum(lengths))
    curves, begin = dict[int, Curve](), 0
    for (series, plan), length in zip(plans.items(), lengths, strict=True):
        curves[series] = _times(plan, length), values[begin : begin + length]
        begin += length
    return curves


def _operand(stretch: _Stretch, i: int, name: str, kept: dict[int, Any], columns: Columns) -> Operand:
    """Where a stretch's numbers of this name are; it is the one asked for `i`th."""
    if stretch.source is None:
        return columns.addresses[i] + _EACH * stretch.low, DOUBLES, 0.0
    if isinstance(stretch.source, Records):
        form = WHOLE if name == "count" else DOUBLES
        return address(getattr(stretch.source, name)) + _EACH * stretch.low, form, 0.0
    found = kept[id(stretch.source)]
    if isinstance(found, float):
        return 0, DOUBLES, found
    numbers, form = found
    return address(numbers) + numbers.itemsize * stretch.low, form, 0.0


def _times(plan: list[_Stretch], length: int) -> Int64s:
    """When each of a series' minutes began."""
    if not plan:
        return np.empty(0, np.int64)
    first, last = plan[0], plan[-1]
    if all(stretch.at is None for stretch in plan) and (
        last.first + last.minutes * MINUTE - first.first == length * MINUTE
    ):
        return grid(first.first, MINUTE, length)
    return np.concatenate([grid(one.first, MINUTE, one.minutes) if one.at is None else one.at for one in plan])
