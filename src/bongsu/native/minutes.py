"""Minutes of series put together out of blocks, memory and tail."""

from __future__ import annotations

import ctypes
import struct
from array import array
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bongsu.model.sample import Float64s, Int64s
from bongsu.native.library import function
from bongsu.native.steps import KINDS, Operand, Tails, address, join

_RECENT = struct.Struct("<6q" + "qqd" * len(KINDS))
_QUESTION = struct.Struct("<17q")
_PIECE, _COLUMN, _CURVE = 7, 6, 4
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
    """What is to be unpacked by itself: where in which block, for an operand (0 or 1) of a piece, which begins with the
    number `low`."""

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
    """Where what was found is put down: pieces of curves, whose numbers are still to be unpacked. Used again and again,
    larger where that is needed."""

    def __init__(self) -> None:
        self._rows = self._minutes = self._bytes = 0
        self.make(_ROWS, _MINUTES, _BYTES)

    def make(self, rows: int, minutes: int, size: int) -> None:
        """Make sure that there is room for so many rows, minutes, and bytes of blocks."""
        if rows <= self._rows and minutes <= self._minutes and size <= self._bytes:
            return
        self._rows, self._minutes = max(rows, self._rows), max(minutes, self._minutes)
        self._bytes = max(size, self._bytes)
        self._numbers = np.empty(self._minutes, np.int32)
        self.times: Int64s = np.empty(self._minutes, np.int64)
        """The starts of all series' minutes."""
        self._counts = np.empty(self._minutes)
        self._packed = np.empty(self._bytes, np.uint8)
        self._pieces = np.empty((3 * self._rows, _PIECE), np.int64)
        self._columns = np.empty((2 * self._rows, _COLUMN), np.int64)
        self._curves = np.empty((self._rows, _CURVE), np.int64)
        self._places = [address(one) for one in (self._counts, self.times, self._packed)]
        self._heads = [address(one) for one in (self._pieces, self._columns, self._curves)]
        self._numbers_at = address(self._numbers)
        self._found = (ctypes.c_int64 * 10)()

    def gather(
        self,
        start: int,
        end: int,
        floor: int,
        names: Sequence[str],
        tails: Tails,
        rows: list[int],
        data: list[bytes | None],
    ) -> None:
        """Find where the minutes with start ≤ at < end of some series are; their samples are kept since `floor`.

        `rows` (of `row`) stand one after the other, those of a series together, with the bytes of their blocks.
        """
        places = (ctypes.c_char_p * len(data))(*data)
        numbers, columns = array("q", rows), tails.columns
        asked = _QUESTION.pack(
            start,
            end,
            floor,
            len(names),
            KINDS[names[0]],
            KINDS[names[-1]],
            *tails.places,
            self._numbers_at,
            *columns.addresses,
            columns.starts_address,
            *self._places,
            ctypes.addressof(places),
        )
        self._found[:] = [*self._heads, 0, 0, 0, 0, 0, 0, 0]
        _gather()(asked, numbers, len(data), ctypes.addressof(self._found))

    @property
    def packed(self) -> bytes:
        """What is to be unpacked all at once, into `unpacked`; nothing where nothing is."""
        length = self._found[9]
        return self._packed[:length].tobytes() if length else b""

    @property
    def unpacked(self) -> NDArray[np.int32]:
        """The numbers that it is to be unpacked to."""
        return self._numbers[: self._found[5]]

    def columns(self) -> list[Column]:
        """What is to be unpacked by itself."""
        count = self._found[4]
        return [Column(*one) for one in self._columns[:count].tolist()] if count else []

    def curves(self) -> list[Curve]:
        """One by series."""
        return [Curve(*one) for one in self._curves[: self._found[8]].tolist()]

    def replace(self, column: Column, numbers: Float64s) -> None:
        """These are the numbers that the column stood for; they must outlive the joining."""
        self._pieces[column.piece, 1 + 3 * column.operand] = address(numbers) + 8 * column.low

    def joined(self) -> Float64s:
        """The numbers of all curves, once they are unpacked."""
        return join(self._heads[0], self._found[3], self._found[7])


_ROWS = 32
_MINUTES = 32_768
_BYTES = 1 << 18
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


@cache
def _gather() -> Callable[..., int]:
    return function("bongsu_minutes")
