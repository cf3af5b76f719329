"""The points of a chart for one series, out of the tier that answers best."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bongsu.history.loading import NOTHING, WIDTHS
from bongsu.history.rollup import HOUR, MINUTE, Packed
from bongsu.history.steps import COLUMNS, Curve, Curves, of_columns, of_records, of_samples, rate_of_samples
from bongsu.history.view import View
from bongsu.model.query import Aggregation, RangeQuery, Tier
from bongsu.model.sample import Float64s, Int64s

_LOOK_BACK = 300_000
"""How far (ms) before its start a rate looks for the sample to count from, at least."""


def tier_of(query: RangeQuery) -> Tier:
    """The tier to read: the one asked for, else the coarsest whose width divides the step."""
    if query.tier != "auto":
        return query.tier
    if query.step is None or query.step % MINUTE:
        return "raw"
    return "hour" if query.step % HOUR == 0 else "minute"


def curve(view: View, query: RangeQuery) -> Curve:
    """The answer for one series."""
    tier = tier_of(query)
    if query.step is None and tier == "raw":
        return _each_sample(view, query)
    step = query.step or WIDTHS[tier]
    start, end = query.start // step * step, -(-query.end // step) * step
    fallback = query.tier == "auto"
    if tier == "raw":
        return _from_samples(view, start, end, step, query.agg, fallback=fallback)
    if tier == "minute":
        return _from_minutes(view, start, end, step, query.agg, fallback=fallback)
    return _from_hours(view, start, end, step, query.agg)


def _each_sample(view: View, query: RangeQuery) -> Curve:
    if query.agg != "rate":
        at, value = view.samples(query.start, query.end)
        return at.copy(), value.copy()
    at, value = rate_of_samples(*view.samples(query.start - _LOOK_BACK, query.end))
    return _since(query.start, at.copy(), value)


def _from_samples(view: View, start: int, end: int, step: int, agg: Aggregation, *, fallback: bool) -> Curve:
    """Samples by step; before their floor what is left of them, unless samples alone are wanted."""
    border = _border(view.floors["raw"] if fallback else start, start, end, step)
    old = _from_minutes(view, start, border, step, agg, fallback=True) if border > start else NOTHING
    if agg != "rate":
        columns = view.strides(border, end, step, COLUMNS[agg])
        if columns is not None:
            return _joined(old, as_curve(columns, agg))
        return _joined(old, of_samples(*view.samples(border, end), step, agg))
    at, value = of_samples(*view.samples(border - max(step, _LOOK_BACK), end), step, agg)
    return _joined(old, _since(border, at, value))


def _from_minutes(view: View, start: int, end: int, step: int, agg: Aggregation, *, fallback: bool) -> Curve:
    """Minutes as far as they are kept and right, samples after that; hours before the minutes' floor."""
    floor = _border(view.floors["minute"] if fallback else start, start, end, math.lcm(step, HOUR))
    oldest = _from_hours(view, start, floor, step, agg) if floor > start else NOTHING
    border = _border(view.seam("minute"), floor, end, math.lcm(step, MINUTE))
    if agg != "rate" and not view.has_ancient(floor, border):
        names = COLUMNS[agg]
        recent = view.recent(border, end, names)
        if recent is not None:
            return _joined(oldest, of_parts([*_kept_parts(view, "minute", floor, border, names), *recent], step, agg))
    old = _of_kept(view, "minute", floor, border, step, agg)
    return _joined(oldest, _joined(old, _from_samples(view, border, end, step, agg, fallback=False)))


def _from_hours(view: View, start: int, end: int, step: int, agg: Aggregation) -> Curve:
    """Hours as far as they are kept and right, minutes after that."""
    border = _border(view.seam("hour"), start, end, math.lcm(step, HOUR))
    old = _of_kept(view, "hour", start, border, step, agg)
    return _joined(old, _from_minutes(view, border, end, step, agg, fallback=False))


def _of_kept(view: View, tier: str, start: int, end: int, step: int, agg: Aggregation) -> Curve:
    """Kept records by step; only the columns that are needed are unpacked."""
    if start >= end:
        return NOTHING
    if agg == "rate" or view.has_ancient(start, end):
        return of_records(view.kept(tier, start, end), step, agg)
    return of_parts(_kept_parts(view, tier, start, end, COLUMNS[agg]), step, agg, WIDTHS[tier])


def _kept_parts(view: View, tier: str, start: int, end: int, names: Sequence[str]) -> list[Curves]:
    """Those columns of kept records that are needed, block by block, cut to the range."""
    packed = view.packed(tier, start, end)
    return [cut_to(start, end, block, [block.column(name) for name in names]) for block in packed]


def cut_to(start: int, end: int, block: Packed, columns: list[NDArray[Any]]) -> Curves:
    """Times and columns of a block's records with start ≤ at < end."""
    if block.start >= start and block.last < end:
        return block.at, columns
    first, past = np.searchsorted(block.at, (start, end))
    return block.at[first:past], [column[first:past] for column in columns]


def of_parts(parts: list[Curves], step: int, agg: Aggregation, width: int = MINUTE) -> Curve:
    """Stretches of records, one after the other, by step."""
    parts = [part for part in parts if len(part[0])]
    if not parts:
        return NOTHING
    first, last, count = int(parts[0][0][0]), int(parts[-1][0][-1]), sum([len(part[0]) for part in parts])
    even = last - first == width * (count - 1)
    at = grid(first, width, count) if even else np.concatenate([part[0] for part in parts])
    columns = [np.concatenate(column) for column in zip(*(part[1] for part in parts), strict=True)]
    return as_curve((at, columns), agg) if step == width else of_columns(at, columns, step, agg)


@lru_cache(2)
def grid(first: int, width: int, count: int) -> Int64s:
    """Times without a gap: series of one answer share them."""
    at = np.arange(first, first + width * count, width, dtype=np.int64)
    at.flags.writeable = False
    return at


def as_curve(columns: Curves, agg: Aggregation) -> Curve:
    """The aggregation's points out of the columns that it needs."""
    at, values = columns
    return at, values[0] / values[1] if agg == "avg" else np.asarray(values[0], np.float64)


def _border(moment: int, start: int, end: int, step: int) -> int:
    """The last whole step before a moment, within the range."""
    return min(max(moment // step * step, start), end)


def _since(start: int, at: Int64s, value: Float64s) -> Curve:
    first = int(np.searchsorted(at, start))
    return at[first:], value[first:]


def _joined(old: Curve, new: Curve) -> Curve:
    if not len(old[0]):
        return new
    if not len(new[0]):
        return old
    return np.concatenate([old[0], new[0]]), np.concatenate([old[1], new[1]])
