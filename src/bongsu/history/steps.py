"""Points of a chart: samples or records gathered by step. Pure."""

from __future__ import annotations

import operator
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bongsu.history.rollup import Records, bounds, rises
from bongsu.model.query import Aggregation
from bongsu.model.sample import Float64s, Int64s

Curve = tuple[Int64s, Float64s]
Curves = tuple[Int64s, list[NDArray[Any]]]
"""Times and the columns that belong to them."""


def of_samples(at: Int64s, value: Float64s, step: int, agg: Aggregation) -> Curve:
    """One point a step that holds samples, stamped with the step's start. Times ascend and none occurs twice."""
    if agg == "rate":
        return _rates(at[1:], rises(value, None)[1:], np.diff(at), step)
    starts, where = bounds(at, step)
    if not len(where):
        return starts, value[:0]
    past = np.append(where[1:], len(at))
    if agg == "avg":
        return starts, np.add.reduceat(value, where) / (past - where)
    if agg == "sum":
        return starts, np.add.reduceat(value, where)
    if agg == "min":
        return starts, np.minimum.reduceat(value, where)
    if agg == "max":
        return starts, np.maximum.reduceat(value, where)
    if agg == "count":
        return starts, (past - where).astype(np.float64)
    return starts, value[past - 1]


def rate_of_samples(at: Int64s, value: Float64s) -> Curve:
    """A counter's growth a second at each sample that has one before it."""
    return at[1:], rises(value, None)[1:] / (np.diff(at) / 1000)


COLUMNS: dict[Aggregation, tuple[str, ...]] = {
    "avg": ("total", "count"),
    "sum": ("total",),
    "min": ("low",),
    "max": ("high",),
    "last": ("last",),
    "count": ("count",),
}
"""The columns of records that each aggregation needs; a rate needs them all."""


def of_columns(at: Int64s, columns: Sequence[NDArray[Any]], step: int, agg: Aggregation) -> Curve:
    """One point a step out of those columns of records that the aggregation needs."""
    starts, where = bounds(at, step)
    if not len(where):
        return starts, np.empty(0)
    column = columns[0].astype(np.float64)
    if agg == "last":
        return starts, column[np.append(where[1:], len(at)) - 1]
    if agg in ("min", "max"):
        return starts, (np.minimum if agg == "min" else np.maximum).reduceat(column, where)
    total = np.add.reduceat(column, where)
    return starts, total / np.add.reduceat(columns[1], where) if agg == "avg" else total


def columns_of_samples(at: Int64s, value: Float64s, step: int, names: Sequence[str], *, even: bool = False) -> Curves:
    """Those columns of steps that are asked for; times ascend and none occurs twice. `even`: they have one pace."""
    starts, where = _even_bounds(at, step) if even else bounds(at, step)
    return starts, [_column(name, value, where) for name in names]


def columns_of_many(at: Int64s, value: Float64s, edges: Int64s, step: int, names: Sequence[str]) -> Iterator[Curves]:
    """The same for stretches of samples, each ascending; `edges` tell by turns where one begins and where it ends."""
    steps = at // step
    fresh = np.empty(len(at) + 1, np.bool_)
    np.not_equal(steps[1:], steps[:-1], out=fresh[1:-1])
    fresh[edges] = fresh[0] = True
    fresh[-1] = False
    where = np.flatnonzero(fresh)
    starts, columns = steps[where] * step, [_column(name, value, where) for name in names]
    borders = np.searchsorted(where, edges).tolist()
    for begin, past in zip(borders[::2], borders[1::2], strict=True):
        yield starts[begin:past], [column[begin:past] for column in columns]


def columns_of_even(
    at: Int64s, value: Float64s, edges: Int64s, pace: int, step: int, names: Sequence[str]
) -> list[tuple[int, list[NDArray[Any]]]]:
    """The first step of each stretch and the columns of all, where samples come at a pace that divides the step.

    Steps are counted instead of searched; none is missing.
    """
    each, first_steps, filled = step // pace, list[int](), 0
    where, borders = [np.empty(0, np.int64)], [0]
    for begin, past in edges.reshape(-1, 2).tolist():
        count = 0
        first_steps.append(int(at[begin]) // step * step if past > begin else 0)
        if past > begin:
            second = begin - (int(at[begin]) - first_steps[-1] - step) // pace
            count = 1 - (second - past) // each if past > second else 1
            places = np.arange(second - each, second + each * count, each)
            places[0], places[count] = begin, past  # what lies between stretches is a step of its own
            where.append(places)
        borders += (filled, filled + count)
        filled += len(where[-1]) if count else 0
    places = np.concatenate(where)
    if len(places) and places[-1] == len(at):
        places = places[:-1]
    columns = [_column(name, value, places) if len(places) else value[:0] for name in names]
    return [
        (first, [column[begin:past] for column in columns])
        for first, begin, past in zip(first_steps, borders[1::2], borders[2::2], strict=True)
    ]


def _even_bounds(at: Int64s, step: int) -> tuple[Int64s, NDArray[np.intp]]:
    """As `bounds`, counted instead of searched where the pace divides the step."""
    first, pace, count = int(at[0]), int(at[1] - at[0]), len(at)
    if step % pace:
        return bounds(at, step)
    begin = first // step * step
    where = np.arange(-((first - begin) // pace), count, step // pace)
    where[0] = 0
    return np.arange(begin, int(at[-1]) + 1, step, dtype=np.int64), where


def _column(name: str, value: Float64s, where: NDArray[np.intp]) -> NDArray[Any]:
    if name == "low":
        return np.minimum.reduceat(value, where)
    if name == "high":
        return np.maximum.reduceat(value, where)
    if name == "total":
        return np.add.reduceat(value, where)
    past = np.append(where[1:], len(value))
    return past - where if name == "count" else value[past - 1]


def follow(old: Curves, new: Curves, names: Sequence[str]) -> list[Curves]:
    """Steps and later ones as stretches that follow each other; the step that both may have a part of becomes one."""
    if not len(old[0]) or not len(new[0]):
        return [part for part in (old, new) if len(part[0])]
    if old[0][-1] != new[0][0]:
        return [old, new]
    for name, before, after in zip(names, old[1], new[1], strict=True):
        if name != "last":
            after[0] = MERGED[name](before[-1], after[0])
    return [(old[0][:-1], [column[:-1] for column in old[1]]), new]


def joined_steps(old: Curves, new: Curves, names: Sequence[str]) -> Curves:
    """Steps and later ones; the step that both may have a part of becomes one."""
    if not len(old[0]):
        return new
    at, columns = new
    shared = 1 if old[0][-1] == at[0] else 0
    joined = []
    for name, before, after in zip(names, old[1], columns, strict=True):
        column = np.concatenate([before, after[shared:]])
        if shared and name != "last":
            column[len(before) - 1] = MERGED[name](before[-1], after[0])
        elif shared:
            column[len(before) - 1] = after[0]
        joined.append(column)
    return np.concatenate([old[0], at[shared:]]), joined


MERGED: dict[str, Any] = {"low": min, "high": max, "total": operator.add, "count": operator.add}


def of_records(records: Records, step: int, agg: Aggregation) -> Curve:
    """One point a step out of minutes or hours."""
    if agg == "rate":
        return _rates(records.at, records.rise, records.elapsed, step)
    if not len(records):
        return records.at, records.last
    return of_columns(records.at, [getattr(records, name) for name in COLUMNS[agg]], step, agg)


def _rates(at: Int64s, rise: Float64s, elapsed: Int64s, step: int) -> Curve:
    """Growth by step over the time in which it grew."""
    starts, where = bounds(at, step)
    if not len(where):
        return starts, rise[:0]
    seconds = np.add.reduceat(elapsed, where) / 1000
    known = seconds > 0
    return starts[known], np.add.reduceat(rise, where)[known] / seconds[known]
