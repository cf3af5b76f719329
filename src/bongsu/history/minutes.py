"""Curves by minute, of one series or many: what charts ask for most, in as few strokes as can be.

Where their blocks are on the shelf no statement is needed, else one reads how far the series have come and their
blocks. What was sealed lately is in memory, what wasn't is in the tail. The native library finds out which minutes are
where, unpacks and joins them. Whatever isn't plain (a late sample, minutes that must be made from samples or hours) is
left out and asked for as usual (`sweep.sweep`, `curves.curve`), and so is everything where the library wasn't built.

Between two questions a machine does other things, so what counts here is how little code a question runs through.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any, TypeAlias

from bongsu.history.block import DamagedBlock
from bongsu.history.curves import grid
from bongsu.history.files import ReadConnection
from bongsu.history.fresh import Fresh
from bongsu.history.journal import Block, of_many
from bongsu.history.rollup import MINUTE, Packed
from bongsu.history.shelf import REACH, Shelf, shelved
from bongsu.history.steps import COLUMNS, Curve
from bongsu.history.tail import Tail
from bongsu.model.query import RangeQuery
from bongsu.model.sample import Float64s, Int64s
from bongsu.native.minutes import Room, row
from bongsu.native.steps import Columns

_HELD = 20_000
"""Minutes of the range of all series, at most, for which there is room without reading."""
_Row: TypeAlias = tuple[Any, ...]
_ROWS = """
SELECT p.series, p.sealed, p.minute, (SELECT at FROM floor WHERE tier = 'raw'),
    (SELECT at FROM floor WHERE tier = 'minute'), m.start, m.last, m.count, m.data
FROM progress p LEFT JOIN minute m ON m.series = p.series AND m.start < ? AND m.last >= ?
    AND m.start >= ifnull((SELECT max(start) FROM minute WHERE series = p.series AND start <= ?), ?)
WHERE p.series IN ({}) ORDER BY p.series, m.start
"""
"""Blocks of minutes don't overlap: of those that begin before the range only the newest can reach into it, and the
pages of the others aren't looked at."""


def by_minutes(
    connection: ReadConnection,
    ids: Sequence[int],
    query: RangeQuery,
    tail: Tail,
    fresh: Fresh,
    shelf: Shelf,
    columns: Columns,
    room: Room,
) -> dict[int, Curve]:
    """The curves by minute, no rates, of those series that are plain to answer. Only where `native.available()`.

    `columns` are room for what is in the tail, `room` for what is found.
    """
    names = COLUMNS[query.agg]
    held = _held(ids, query, names, tail, shelf, columns, room)
    return _read(connection, ids, query, names, tail, fresh, shelf, columns, room) if held is None else held


def _held(
    ids: Sequence[int],
    query: RangeQuery,
    names: tuple[str, ...],
    tail: Tail,
    shelf: Shelf,
    columns: Columns,
    room: Room,
) -> dict[int, Curve] | None:
    """The same where all blocks are on the shelf; None where the file must be asked."""
    start, end = query.start // MINUTE * MINUTE, -(-query.end // MINUTE) * MINUTE
    if (end - start) // MINUTE * len(ids) > _HELD:
        return None
    with tail.lock:
        if tail.sealing(ids):
            return {}
        floor = shelf.floors.get("raw", 0)  # before the blocks: when it rises, these have come further already
        entries = shelf.of(ids, start)
        if entries is None:
            return None
        rows, data, minutes = entries[0].rows, entries[0].data, entries[0].minutes
        for entry in entries[1:]:
            rows, data, minutes = rows + entry.rows, data + entry.data, minutes + entry.minutes
        series = array("q", ids)
        at, values = room.gather_held(start, end, floor, names, tail.place, series, rows, data, minutes, columns)
    if len(ids) == 1:
        return {ids[0]: (at, values)} if room.is_plain() else None
    return None if room.columns() else _curves(room, at, values)


def _read(
    connection: ReadConnection,
    ids: Sequence[int],
    query: RangeQuery,
    names: tuple[str, ...],
    tail: Tail,
    fresh: Fresh,
    shelf: Shelf,
    columns: Columns,
    room: Room,
) -> dict[int, Curve]:
    """By the statement; the shelf then has what was read."""
    changes = shelf.changes
    tails = tail.steps(ids, MINUTE, names, columns)  # before the blocks: what is sealed isn't missed
    if tails is None:
        return {}
    start, end = query.start // MINUTE * MINUTE, -(-query.end // MINUTE) * MINUTE
    rows = connection.rows(of_many(_ROWS, len(ids)), (end, start, start, start, *ids))
    if not rows or (query.tier == "auto" and (rows[0][4] or 0) > start):
        return {}
    told, blocks, alive = list[int](), list[bytes | None](), list[object]()
    minutes = columns.filled
    try:
        for series, sealed, seam, _, _, first, last, count, data in rows:
            memory = fresh.get(series, sealed)
            alive.append(memory)  # the writer may put another in its place meanwhile
            recent = None if memory is None else memory.placed
            minutes += 0 if recent is None else recent.minutes
            blocks.append(data)
            if data is None:
                told += row(series, seam, recent)
                continue
            at = None if last - first == (count - 1) * MINUTE else _unpacked(first, last, count, data).at
            alive.append(at)
            told += row(series, seam, recent, len(data), first, count, at)
            minutes += count
        values = room.gather(start, end, rows[0][3] or 0, names, tails, told, blocks, minutes)
        if others := _unpack(room, rows, names):
            alive += others
            values = room.joined()
    except DamagedBlock:
        return {}  # whoever reads the blocks one by one tells which it is
    curves = _curves(room, room.times[: len(values)].copy(), values)
    _offer([row for row in rows if row[0] in curves], start, end, fresh, shelf, changes)
    return curves


def _offer(rows: list[_Row], start: int, end: int, fresh: Fresh, shelf: Shelf, changes: int) -> None:
    """Have the shelf keep what was read, where that is all from `start` on."""
    for series, those in groupby(rows, itemgetter(0)):
        some = list(those)
        _, sealed, seam = some[0][:3]
        memory = fresh.get(series, sealed)
        if memory is None or end < seam or shelf.of([series], max(start, seam - REACH)) is not None:
            continue
        blocks = [
            Block(tier="minute", series=series, start=first, last=last, count=count, data=data)
            for *_, first, last, count, data in some
            if data is not None
        ]
        shelf.offer(shelved(series, start, seam, blocks, memory), changes)


def _unpack(room: Room, rows: list[_Row], names: Sequence[str]) -> list[Float64s]:
    """Have pcodec unpack what the library didn't; returns what must be kept until it is joined."""
    others = []
    for place in room.columns():
        *_, first, last, count, data = rows[place.block]
        column = _unpacked(first, last, count, data).column(names[place.operand])
        room.replace(place, column)
        others.append(column)
    return others


def _unpacked(first: int, last: int, count: int, data: bytes) -> Packed:
    return Packed(data, start=first, last=last, count=count, width=MINUTE)


def _curves(room: Room, at: Int64s, values: Float64s) -> dict[int, Curve]:
    """The points of those series that were plain; those with the same minutes share their times."""
    curves, begin = dict[int, Curve](), 0
    common, times = (0, -1), at
    for series, minutes, first, whole in room.curves():
        if minutes < 0:
            continue
        past = begin + minutes
        if not whole:
            curves[series] = at[begin:past], values[begin:past]
        else:
            if (first, minutes) != common:
                common, times = (first, minutes), grid(first, MINUTE, minutes)
            curves[series] = times, values[begin:past]
        begin = past
    return curves
