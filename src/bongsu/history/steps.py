"""Points of a chart: samples or records gathered by step. Pure."""

from __future__ import annotations

import numpy as np

from bongsu.history.rollup import Records, bounds, coarser, rises
from bongsu.model.query import Aggregation
from bongsu.model.sample import Float64s, Int64s

Curve = tuple[Int64s, Float64s]


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


def of_records(records: Records, step: int, agg: Aggregation) -> Curve:
    """One point a step out of minutes or hours."""
    if agg == "rate":
        return _rates(records.at, records.rise, records.elapsed, step)
    if not len(records):
        return records.at, records.last
    gathered = coarser(records, step)
    if agg == "avg":
        return gathered.at, gathered.total / gathered.count
    if agg == "count":
        return gathered.at, gathered.count.astype(np.float64)
    columns = {"sum": gathered.total, "min": gathered.low, "max": gathered.high, "last": gathered.last}
    return gathered.at, columns[agg]


def _rates(at: Int64s, rise: Float64s, elapsed: Int64s, step: int) -> Curve:
    """Growth by step over the time in which it grew."""
    starts, where = bounds(at, step)
    if not len(where):
        return starts, rise[:0]
    seconds = np.add.reduceat(elapsed, where) / 1000
    known = seconds > 0
    return starts[known], np.add.reduceat(rise, where)[known] / seconds[known]
