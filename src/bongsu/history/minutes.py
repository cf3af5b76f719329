"""Minutes without a gap, of one series or many: what charts ask for most, in as few strokes as can be.

One statement reads how far the series have come and their blocks; what was sealed lately is in memory, what wasn't is
in the tail. Whatever isn't plain (a gap, a late sample, minutes that must be made from samples or hours) is left out
and asked for as usual (`sweep.sweep`, `curves.curve`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby, starmap
from operator import itemgetter
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from bongsu.history.block import DamagedBlock
from bongsu.history.curves import grid, tier_of
from bongsu.history.files import ReadConnection
from bongsu.history.fresh import Fresh, FreshMinutes
from bongsu.history.journal import marks
from bongsu.history.rollup import MINUTE, Packed, columns_of
from bongsu.history.steps import COLUMNS, MERGED, Curve, columns_of_even, columns_of_many
from bongsu.history.tail import Joint, Tail
from bongsu.model.query import RangeQuery
from bongsu.model.sample import Int64s

_Row: TypeAlias = tuple[Any, ...]
_SERIES = itemgetter(0)
_GAP = -1
"""In place of a time: a minute is missing."""
_ROWS = """
SELECT p.series, p.sealed, p.minute, (SELECT at FROM floor WHERE tier = 'raw'),
    (SELECT at FROM floor WHERE tier = 'minute'), m.start, m.last, m.count, m.data
FROM progress p LEFT JOIN minute m ON m.series = p.series AND m.start < ? AND m.last >= ?
WHERE p.series IN ({}) ORDER BY p.series, m.start
"""


@dataclass(slots=True)
class _Stretch:
    """Minutes that follow each other: the first, how many, and the columns asked for."""

    first: int
    count: int
    columns: list[NDArray[Any]]


_Tail: TypeAlias = tuple[int | None, _Stretch | None]
"""When a series' first unsealed sample was taken, and its minutes; no stretch where one is missing."""


@dataclass(slots=True)
class _Plan:
    """Where a series' minutes are: in blocks, each from one place to before another, and then in memory."""

    series: int
    begin: int
    kept: list[Packed]
    places: list[slice]
    recent: list[_Stretch]


def by_minutes(
    connection: ReadConnection, ids: Sequence[int], query: RangeQuery, tail: Tail, fresh: Fresh
) -> dict[int, Curve]:
    """The curves of those series that are plain to answer, by series."""
    if query.agg == "rate" or (query.step or MINUTE) != MINUTE or tier_of(query) != "minute":
        return {}
    joint = tail.joint(ids)  # before the blocks: what is sealed isn't missed
    if joint is None:
        return {}
    start, end = query.start // MINUTE * MINUTE, -(-query.end // MINUTE) * MINUTE
    names = COLUMNS[query.agg]
    rows = connection.rows(_ROWS.format(marks(ids)), (end, start, *ids))
    if not rows or (query.tier == "auto" and (rows[0][4] or 0) > start):
        return {}
    tails = _tails(joint, names)
    if tails is None:
        return {}
    by_series = dict(zip(ids, tails, strict=True))
    plans = []
    for series, some in groupby(rows, _SERIES):
        blocks = list(some)
        plan = _plan(series, blocks, by_series[series], fresh.get(series, blocks[0][1]), (start, end), names)
        if plan is not None:
            plans.append(plan)
    return _curves(plans, query.agg == "avg", names) if plans else {}


def _tails(joint: Joint, names: Sequence[str]) -> list[_Tail] | None:
    """Of each series the time of its first unsealed sample, and the minutes of all; None where some came late."""
    edges: list[list[int]] = joint.edges.reshape(-1, 2).tolist()
    if not len(joint.at):
        return [(None, _Stretch(0, 0, [])) for _ in edges]
    pace = joint.pace()
    minutes: Iterable[_Stretch | None]
    if pace and MINUTE % pace == 0:
        counted = columns_of_even(joint.at, joint.value, joint.edges, pace, MINUTE, names)
        minutes = [_Stretch(first, len(columns[0]), columns) for first, columns in counted]
    elif joint.ascending:
        found = columns_of_many(joint.at, joint.value, joint.edges, MINUTE, names)
        minutes = starmap(_whole, found)
    else:
        return None
    return [
        (int(joint.at[begin]) if past > begin else None, stretch)
        for (begin, past), stretch in zip(edges, minutes, strict=True)
    ]


def _plan(
    series: int,
    rows: list[_Row],
    unsealed: _Tail,
    fresh: FreshMinutes | None,
    within: tuple[int, int],
    names: Sequence[str],
) -> _Plan | None:
    """None where the series isn't plain."""
    (start, end), (oldest, tail) = within, unsealed
    seam, floor = rows[0][2], rows[0][3] or 0
    if oldest is not None:
        if oldest < floor:
            return None
        seam = min(seam, oldest // MINUTE * MINUTE)
    border = min(max(max(seam, floor) // MINUTE * MINUTE, start), end)
    plan = _Plan(series, start, [], [], [])
    if border < end:
        if fresh is None or fresh.since > border or (oldest is not None and oldest <= fresh.until):
            return None
        recent = _recent(fresh, tail, border, end, names)
        if recent is None:
            return None
        plan.recent = recent
    try:
        due = _add_kept(plan, rows, start, border)
    except DamagedBlock:
        return None  # whoever reads the blocks one by one tells which it is
    for stretch in plan.recent:
        if due is None:
            due = plan.begin = stretch.first
        if stretch.first != due:
            return None
        due += stretch.count * MINUTE
    return None if due == _GAP else plan


def _add_kept(plan: _Plan, rows: list[_Row], start: int, border: int) -> int | None:
    """Add those blocks that have minutes before the border; returns when the next is due, or `_GAP`."""
    due = None
    for *_, first, last, count, data in rows:
        if data is None or first >= border:
            continue
        low, high = max(0, (start - first) // MINUTE), min(count, (border - first) // MINUTE)
        if due is None:
            due = plan.begin = first + low * MINUTE
        if last - first != (count - 1) * MINUTE or first + low * MINUTE != due:
            return _GAP
        plan.kept.append(Packed(data, start=first, last=last, count=count, width=MINUTE))
        plan.places.append(slice(low, high))
        due = first + high * MINUTE
    return due


def _recent(
    fresh: FreshMinutes, tail: _Stretch | None, border: int, end: int, names: Sequence[str]
) -> list[_Stretch] | None:
    """What isn't rolled up: sealed lately, and not yet; None where a minute is missing. May change the tail's."""
    records = fresh.records
    old = _whole(records.at, [getattr(records, name) for name in names])
    if old is None or tail is None:
        return None
    old, new = _cut(old, border, end), _cut(tail, border, end)
    if old.count and new.count and old.first + (old.count - 1) * MINUTE == new.first:
        for name, before, after in zip(names, old.columns, new.columns, strict=True):
            if name != "last":
                after[0] = MERGED[name](before[-1], after[0])
        old.count -= 1
        old.columns = [column[:-1] for column in old.columns]
    return [stretch for stretch in (old, new) if stretch.count]


def _whole(at: Int64s, columns: list[NDArray[Any]]) -> _Stretch | None:
    """These minutes; None where one is missing between them."""
    if not len(at):
        return _Stretch(0, 0, [])
    first = int(at[0])
    return _Stretch(first, len(at), columns) if int(at[-1]) - first == (len(at) - 1) * MINUTE else None


def _cut(stretch: _Stretch, start: int, end: int) -> _Stretch:
    """Those of the minutes with start ≤ at < end."""
    first, count = stretch.first, stretch.count
    low, high = max(0, (start - first) // MINUTE), min(count, (end - first) // MINUTE)
    if low >= high:
        return _Stretch(start, 0, [])
    if low or high < count:
        return _Stretch(first + low * MINUTE, high - low, [column[low:high] for column in stretch.columns])
    return stretch


def _curves(plans: list[_Plan], mean: bool, names: Sequence[str]) -> dict[int, Curve]:
    """All series' columns behind each other, each made in one stroke."""
    packed = [block for plan in plans for block in plan.kept]
    flat: list[NDArray[Any]] = []
    ends: list[int] = []
    for i, name in enumerate(names):
        columns = iter(columns_of(packed, name) if packed else ())
        parts: list[NDArray[Any]] = []
        ends, filled = [], 0
        for plan in plans:
            own = [next(columns)[place] for place in plan.places]
            own += [stretch.columns[i] for stretch in plan.recent]
            filled += sum(map(len, own))
            ends.append(filled)
            parts += own
        flat.append(np.concatenate(parts) if parts else np.empty(0))
    values = flat[0] / flat[1] if mean else np.asarray(flat[0], np.float64)
    begins = [0, *ends[:-1]]
    return {
        plan.series: (grid(plan.begin, MINUTE, past - begin), values[begin:past])
        for plan, begin, past in zip(plans, begins, ends, strict=True)
    }
