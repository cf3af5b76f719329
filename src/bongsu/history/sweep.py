"""Answers for many series in one pass: one statement for all blocks, one stroke of unpacking for all their columns.

Only what is plain goes this way. Whatever isn't is left out, and asked for series by series (`curves.curve`).
"""

from __future__ import annotations

from collections.abc import Sequence

from bongsu.history.curves import cut_to, of_parts, tier_of
from bongsu.history.loading import load_packed_of
from bongsu.history.rollup import MINUTE, columns_of
from bongsu.history.steps import COLUMNS, Curve, Curves
from bongsu.history.view import View
from bongsu.model.query import RangeQuery


def sweep(views: Sequence[View], query: RangeQuery) -> dict[int, Curve]:
    """The curves of those series that are plain to answer, by series."""
    step = query.step or MINUTE
    start, end = query.start // step * step, -(-query.end // step) * step
    if query.agg == "rate" or not views:
        return {}
    if tier_of(query) == "minute" and step % MINUTE == 0:
        return _by_minutes(views, query, start, end, step)
    return {}


def _by_minutes(views: Sequence[View], query: RangeQuery, start: int, end: int, step: int) -> dict[int, Curve]:
    """Kept minutes and then recent ones, where hours aren't needed and no sample is late."""
    if query.tier == "auto" and views[0].floors["minute"] > start:
        return {}
    names = COLUMNS[query.agg]
    plain: list[tuple[View, int, list[Curves]]] = []
    for view in views:
        border = min(max(view.seam("minute") // step * step, start), end)
        recent = None if view.has_ancient(start, border) else view.recent(border, end, names)
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
