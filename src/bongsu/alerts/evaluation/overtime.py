"""A rule over the past: value and condition at many moments at once, by the same definitions as live windows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bongsu.alerts.evaluation.columns import measure_of
from bongsu.alerts.evaluation.condition import CLEAR, Codes, Comparison
from bongsu.alerts.evaluation.rings import BUCKETS, bucket_ms
from bongsu.alerts.evaluation.rows import needs_whole
from bongsu.alerts.evaluation.schedule import Schedule
from bongsu.calendars.weekly import parse
from bongsu.model.query import Aggregation
from bongsu.model.rule import Rule
from bongsu.model.sample import Float64s, Int64s, Labels

NEEDED: Mapping[str, tuple[Aggregation, ...]] = {
    "avg": ("sum", "count"),
    "sum": ("sum",),
    "count": ("count",),
    "min": ("min",),
    "max": ("max",),
    "rate": ("rate",),
}
"""What of each step of history a measure is made from; the others from `last`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """One series over time: when (UTC ms, ascending) and the figures that the measure needs, by aggregation.

    `took` is how many milliseconds each point of `rate` stands for.
    """

    labels: Labels
    at: Int64s
    figures: Mapping[Aggregation, Float64s]
    took: Float64s | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """How one row went: at each moment its value (NaN where there was none) and its condition's code."""

    labels: Labels
    values: Float64s
    conditions: Codes


def course(
    rule: Rule, labels: Labels, tracks: Sequence[Track], moments: Int64s, *, since: int, timezone: str
) -> Course:
    """What evaluation at these moments (UTC ms, ascending) would have found for one series or group of them.

    A series with samples up to `since`, when looking began, was there before; others begin at the moment after their
    first sample. Nothing stood in breach before.
    """
    values, newest = _values(rule, tracks, moments)
    firsts = [int(track.at[0]) for track in tracks if len(track.at)]
    first = min(firsts) if firsts else int(moments[-1]) + 1
    place = int(np.searchsorted(moments, first))
    born = first if first <= since else int(moments[min(place, len(moments) - 1)])
    if needs_whole(rule):
        values = np.where(moments < born + rule.window_ms, np.nan, values)
    seen = moments >= first
    silent = seen & (moments - np.maximum(newest, born) >= rule.no_data_after_ms)
    active = seen
    if rule.when.strip():
        active = active & Schedule(parse(rule.when, zone=timezone)).mask(moments)
    comparison = Comparison.of([rule])
    held = comparison.held_over_time(values, silent=silent, active=active)
    conditions = comparison.conditions(held, silent, active)
    return Course(labels=labels, values=values, conditions=np.where(seen, conditions, CLEAR).astype(np.int8))


def _values(rule: Rule, tracks: Sequence[Track], moments: Int64s) -> tuple[Float64s, Int64s]:
    """The row's values, and when its newest sample had come, at each moment."""
    each = [_single(rule, track, moments) for track in tracks]
    newest = np.max([one[1] for one in each], axis=0)
    if rule.by is None:
        return each[0][0], newest
    fresh = [np.where(moments - at >= rule.no_data_after_ms, np.nan, value) for value, at in each]
    grid = np.array(fresh)
    known = ~np.isnan(grid)
    count = known.sum(axis=0)
    joined: dict[str, Any] = {
        "sum": lambda: np.where(known, grid, 0.0).sum(axis=0),
        "avg": lambda: np.where(known, grid, 0.0).sum(axis=0) / np.maximum(count, 1),
        "min": lambda: np.where(known, grid, np.inf).min(axis=0),
        "max": lambda: np.where(known, grid, -np.inf).max(axis=0),
    }
    return np.where(count > 0, joined[rule.across](), np.nan), newest


def _single(rule: Rule, track: Track, moments: Int64s) -> tuple[Float64s, Int64s]:
    at, measure = track.at, measure_of(rule)
    if not len(at):
        return np.full(len(moments), np.nan), np.zeros(len(moments), np.int64)
    bucket = bucket_ms(rule.window_ms)
    end = np.searchsorted(at, moments, side="right")
    begin = np.minimum(np.searchsorted(at, (moments // bucket - BUCKETS + 1) * bucket), end)
    newest = np.where(end > 0, at[end - 1], 0)
    if measure == "silence":
        return np.full(len(moments), np.nan), newest
    if measure in ("last", "score"):
        return np.where(end > 0, track.figures["last"][end - 1], np.nan), newest
    if measure in ("difference", "percent"):
        last = track.figures["last"]
        before = _before(last, at // bucket, begin, end, moments // bucket)
        change = np.where(end > 0, last[end - 1], np.nan) - before
        if measure == "percent":
            with np.errstate(divide="ignore", invalid="ignore"):
                change = np.where(before != 0, change / np.abs(before) * 100, np.nan)
        return change, newest
    return _joined(measure, track, begin, end), newest


def _joined(measure: str, track: Track, begin: Int64s, end: Int64s) -> Float64s:
    """Windows [begin, end) of a track, joined as the measure wants."""
    if measure in ("min", "max"):
        join = np.minimum if measure == "min" else np.maximum
        return _each_window(join, track.figures["min" if measure == "min" else "max"], begin, end, np.nan)
    if measure == "count":
        return _each_window(np.add, track.figures["count"], begin, end, 0.0)
    if measure == "sum":
        return _each_window(np.add, track.figures["sum"], begin, end, np.nan)
    if measure == "avg":
        above, below = track.figures["sum"], track.figures["count"]
    else:
        below = np.ones(len(track.at)) if track.took is None else track.took / 1000
        above = track.figures["rate"] * below
    total = _each_window(np.add, below, begin, end, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(total > 0, _each_window(np.add, above, begin, end, 0.0) / total, np.nan)


def _each_window(join: np.ufunc, values: Float64s, begin: Int64s, end: Int64s, empty: float) -> Float64s:
    """`join` over values[begin:end] for each pair; `empty` where a window holds none."""
    edges = np.empty(2 * len(begin), np.intp)
    edges[::2], edges[1::2] = begin, end
    padded = np.append(values, values[-1])  # so that an end may lie behind the last value
    found: Float64s = np.where(end > begin, join.reduceat(padded, edges)[::2], empty)
    return found


def _before(last: Float64s, number: Int64s, begin: Int64s, end: Int64s, head: Int64s) -> Float64s:
    """The value one window ago, as `Ring.before` defines it."""
    base = begin - 1
    left = (base >= 0) & (number[base] > head - 2 * BUCKETS)
    oldest = np.searchsorted(number, number[np.minimum(begin, len(number) - 1)], side="right") - 1
    within = np.where(end > begin, last[np.minimum(oldest, end - 1)], np.nan)
    return np.where(left, last[base], within)
