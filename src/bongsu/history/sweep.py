"""Answers for many series in one pass: one statement for all blocks, one stroke of unpacking for all their columns.

Only what is plain goes this way. Whatever isn't is left out, and asked for series by series (`curves.curve`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import repeat

import numpy as np

from bongsu.history.curves import as_curve, cut_to, of_parts, tier_of
from bongsu.history.loading import Scratch, load_packed_of, raw_rows_of
from bongsu.history.rollup import MINUTE, columns_of
from bongsu.history.samples import GUESSED_PACE, MOST, SHARED
from bongsu.history.steps import COLUMNS, Curve, Curves, columns_of_even, columns_of_many
from bongsu.history.strides import Strides
from bongsu.history.tail import Joint
from bongsu.history.team import Team
from bongsu.history.view import View
from bongsu.model.query import RangeQuery


def sweep(views: Sequence[View], query: RangeQuery, team: Team, joint: Joint | None) -> dict[int, Curve]:
    """The curves of those series that are plain to answer, by series; `joint` is the tail of all if it ascends."""
    step = query.step or MINUTE
    start, end = query.start // step * step, -(-query.end // step) * step
    if query.agg == "rate" or not views:
        return {}
    tier = tier_of(query)
    if tier == "minute" and step % MINUTE == 0:
        return _by_minutes(views, query, start, end, step, joint)
    if tier == "raw" and query.step is not None and (end - start) // GUESSED_PACE * len(views) <= MOST:
        return _by_samples(views, query, start, end, step, team, joint)
    return {}


def _by_minutes(
    views: Sequence[View], query: RangeQuery, start: int, end: int, step: int, joint: Joint | None
) -> dict[int, Curve]:
    """Kept minutes and then recent ones, where hours aren't needed and no sample is late."""
    if query.tier == "auto" and views[0].floors["minute"] > start:
        return {}
    names = COLUMNS[query.agg]
    plain: list[tuple[View, int, list[Curves]]] = []
    tails: Iterator[Curves | None] = repeat(None)
    if joint is not None and len(joint.at):
        tails = _steps(joint, MINUTE, names)
    for view, tail in zip(views, tails, strict=False):
        border = min(max(view.seam("minute") // step * step, start), end)
        recent = None if view.has_ancient(start, border) else view.recent(border, end, names, tail)
        if recent is not None:
            plain.append((view, border, recent))
    if not plain:
        return {}
    one = views[0]
    kept = load_packed_of(one.connection, "minute", [view.series for view, _, _ in plain], start, end, one.report)
    packed = [block for view, border, _ in plain for block in kept.get(view.series, ()) if block.start < border]
    columns = [iter(columns_of(packed, name)) for name in names]
    found = {}
    for view, border, recent in plain:
        parts = [
            cut_to(start, border, block, [next(column) for column in columns])
            for block in kept.get(view.series, ())
            if block.start < border
        ]
        found[view.series] = of_parts([*parts, *recent], step, query.agg)
    return found


def _by_samples(
    views: Sequence[View], query: RangeQuery, start: int, end: int, step: int, team: Team, joint: Joint | None
) -> dict[int, Curve]:
    """Samples by step, where all of them are kept and come at an even pace."""
    one = views[0]
    if query.tier == "auto" and one.floors["raw"] > start:
        return {}
    names = COLUMNS[query.agg]

    rows = raw_rows_of(one.connection, [view.series for view in views], start, end)
    plans = [(view, view.ready(rows[view.series], start, end, step)) for view in views]
    ready = [(view, plan) for view, plan in plans if plan is not None]

    def unpacked(item: tuple[View, Strides], scratch: Scratch) -> tuple[View, Curves | None]:
        return item[0], item[1].columns(names, scratch)

    tails: dict[int, Curves] = {}
    if joint is not None and len(joint.at):
        tails = dict(zip([view.series for view in views], _steps(joint, step, names), strict=True))
    shared = sum(plan.count for _, plan in ready) >= SHARED
    return {
        view.series: as_curve(view.with_tail(columns, start, end, step, names, tails.get(view.series)), query.agg)
        for view, columns in team.each(unpacked, ready, one.scratch, shared=shared)
        if columns is not None
    }


def _steps(joint: Joint, step: int, names: Sequence[str]) -> Iterator[Curves]:
    """The columns of each series' unsealed samples."""
    pace = joint.pace()
    if pace == 0 or step % pace:
        yield from columns_of_many(joint.at, joint.value, joint.edges, step, names)
        return
    for first, columns in columns_of_even(joint.at, joint.value, joint.edges, pace, step, names):
        yield np.arange(first, first + step * len(columns[0]), step, dtype=np.int64), columns
