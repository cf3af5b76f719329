"""Minutes of series put together out of blocks, memory and tail."""

from __future__ import annotations

import struct
from array import array
from collections.abc import Callable, Mapping
from functools import cache
from typing import NamedTuple

import numpy as np

from bongsu.model.sample import Float64s, Int64s
from bongsu.native.library import function
from bongsu.native.steps import FOUND, KINDS, Columns, Operand, Tails, address, join, kinds_of

MINUTE = 60_000
"""Milliseconds."""
_RECENT = struct.Struct("<6q" + "qqd" * len(KINDS))
_PIECE, _COLUMN, _CURVE, _FOUND = 7, 6, 4, 9
"""64-bit numbers in each of the library's structures."""


class Recent:
    """What memory has of a series: all samples from `since` to `until` (UTC ms), as `minutes` from the start of the
    `first` to that of the `last`; their starts (an address) where some are missing; and the columns.

    What the addresses lead to must outlive it.
    """

    def __init__(
        self, *, since: int, until: int, first: int, last: int, minutes: int, at: int, columns: Mapping[str, Operand]
    ) -> None:
        self.minutes = minutes
        operands = [part for name in KINDS for part in columns[name]]
        self._kept = np.frombuffer(_RECENT.pack(since, until, first, last, minutes, at, *operands), np.uint8)
        self.address = address(self._kept)
        """Where the library finds it."""


class Column(NamedTuple):
    """What pcodec is to unpack: where in which block, for an operand (0 or 1) of a piece, which begins with the number
    `low`."""

    block: int
    offset: int
    length: int
    piece: int
    operand: int
    low: int


class Curve(NamedTuple):
    """A series: how many minutes it has (-1 where it isn't plain), the first of them, and whether none is missing."""

    series: int
    minutes: int
    first: int
    whole: int


class Room:
    """Where what was found is put down: pieces of curves. Used again and again, larger where that is needed."""

    def __init__(self) -> None:
        self._rows = self._minutes = 0
        self._found = array("q", bytes(8 * _FOUND))
        self._make(_ROWS, _MINUTES)

    def _make(self, rows: int, minutes: int) -> None:
        if rows <= self._rows and minutes <= self._minutes:
            return
        self._rows, self._minutes = max(rows, self._rows), max(minutes, self._minutes)
        self._numbers = np.empty(self._minutes, np.int32)
        self.times: Int64s = np.empty(self._minutes, np.int64)
        """The starts of all series' minutes."""
        self._counts = np.empty(self._minutes)
        self._pieces = np.empty((3 * self._rows, _PIECE), np.int64)
        self._columns = np.empty((2 * self._rows, _COLUMN), np.int64)
        self._curves = array("q", bytes(8 * _CURVE * self._rows))
        self._places = [address(one) for one in (self._numbers, self._counts, self.times)]
        self._heads = [address(self._pieces), address(self._columns), self._curves.buffer_info()[0]]

    def gather(
        self,
        start: int,
        end: int,
        floor: int,
        names: tuple[str, ...],
        tails: Tails,
        rows: list[int],
        data: list[bytes | None],
        most: int,
    ) -> Float64s:
        """The minutes with start ≤ at < end of some series (`most` at most), one after the other; where `columns` have
        anything, only once that is unpacked and joined. Their samples are kept since `floor`.

        `rows` (of `row`) stand one after the other, those of a series together, with the bytes of their blocks.
        """
        self._make(len(data), most)
        columns, out = tails.columns, np.empty(most)
        asked = array("q", (start, end, floor, *kinds_of(names), len(tails.series), *columns.places, *self._places))
        found = self._found = array("q", (*self._heads, 0, 0, 0, 0, 0, 0))
        minutes = _functions().gather(asked, tails.series, tails.found, array("q", rows), data, len(data), found, out)
        return out[:minutes]

    def gather_held(
        self,
        start: int,
        end: int,
        floor: int,
        names: tuple[str, ...],
        tail: int,
        series: array[int],
        rows: array[int],
        data: list[bytes],
        minutes: int,
        columns: Columns,
    ) -> tuple[Int64s, Float64s]:
        """The same where all blocks, of so many `minutes` together, are in memory: the tail (the place of its
        `TailMemory`), which must not change meanwhile, is gathered first into `columns`. With the starts of all.
        """
        points = (end - start) // MINUTE * len(series)
        self._make(len(data), max(minutes, points))
        out, times = np.empty(points), np.empty(points, np.int64)
        asked = array("q", (start, end, floor, *kinds_of(names), len(series), *columns.places, *self._places))
        found = self._found = array("q", (*self._heads, 0, 0, 0, 0, 0, 0))
        tails = array("q", bytes(8 * FOUND * len(series)))
        gather = _functions().held
        count = gather(asked, tail, columns.address, series, tails, rows, data, len(data), found, times, out)
        return times[:count], out[:count]

    def is_plain(self) -> bool:
        """Whether all that was found was unpacked, and the first series is plain."""
        return self._found[4] == 0 and self._curves[1] >= 0

    def columns(self) -> list[Column]:
        """What pcodec is to unpack."""
        count = self._found[4]
        return [Column(*one) for one in self._columns[:count].tolist()] if count else []

    def curves(self) -> list[Curve]:
        """One by series."""
        told = iter(self._curves[: _CURVE * self._found[8]])
        return [Curve(*four) for four in zip(told, told, told, told, strict=True)]

    def replace(self, column: Column, numbers: Float64s) -> None:
        """These are the numbers that the column stood for; they must outlive the joining."""
        self._pieces[column.piece, 1 + 3 * column.operand] = address(numbers) + 8 * column.low

    def joined(self) -> Float64s:
        """The numbers of all curves, once those of `columns` are there."""
        return join(self._heads[0], self._found[3], self._found[7])


_ROWS = 32
_MINUTES = 32_768
"""What there is room for without asking: 16 series of a day and more."""


def row(
    series: int,
    seam: int,
    recent: Recent | None,
    size: int = 0,
    first: int = 0,
    count: int = 0,
    at: Int64s | None = None,
) -> tuple[int, int, int, int, int, int, int]:
    """A series for `Room.gather`, with one of its blocks: as many rows as blocks, at least one.

    Its blocks are right up to the `seam`; `recent` is what memory has. The block: bytes, start of the first minute, how
    many, and all starts where some are missing (they must outlive it).
    """
    memory, starts = 0 if recent is None else recent.address, 0 if at is None else address(at)
    return series, seam, memory, size, first, count, starts


class _Functions(NamedTuple):
    gather: Callable[..., int]
    held: Callable[..., int]


@cache
def _functions() -> _Functions:
    return _Functions(function("bongsu_minutes"), function("bongsu_minutes_held"))
