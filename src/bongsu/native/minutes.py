"""Minutes of series put together out of blocks, memory and tail."""

from __future__ import annotations

import ctypes
import struct
from collections.abc import Sequence
from functools import cache
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bongsu.model.sample import Float64s, Int64s
from bongsu.native.library import library
from bongsu.native.steps import KINDS, Columns, Operand, TailSteps, address, join

NEVER: Final = (1 << 63) - 1
_ROW = struct.Struct("<9qqqdqqd5q4q")
_QUESTION = struct.Struct("<12q")
_PIECE, _CHUNK, _CURVE = 7, 7, 4
"""64-bit numbers in each of the library's structures."""


class Recent(NamedTuple):
    """What memory has of a series: all samples from `since` to `until` (UTC ms), as `minutes` from the start of the
    `first` to that of the `last`; their starts (an address) where some are missing; and the columns."""

    since: int
    until: int
    first: int
    last: int
    minutes: int
    at: int
    columns: dict[str, Operand]


class Chunk(NamedTuple):
    """What is to be unpacked: where in which block, and of what form; where that is negative by itself, for an operand
    (0 or 1) of a piece, which begins with the number `low`."""

    block: int
    offset: int
    length: int
    form: int
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
        self._rows = self._minutes = 0
        self.make(_ROWS, _MINUTES)

    def make(self, rows: int, minutes: int) -> None:
        """Make sure that there is room for so many rows and minutes."""
        if rows <= self._rows and minutes <= self._minutes:
            return
        self._rows, self._minutes = max(rows, self._rows), max(minutes, self._minutes)
        self.numbers = np.empty(self._minutes, np.int32)
        """Where whole numbers of 32 bits are to be unpacked to, chunk after chunk."""
        self.times: Int64s = np.empty(self._minutes, np.int64)
        """The starts of all series' minutes."""
        self._counts = np.empty(self._minutes)
        self._pieces = np.empty((3 * self._rows, _PIECE), np.int64)
        self._chunks = np.empty((2 * self._rows, _CHUNK), np.int64)
        self._curves = np.empty((self._rows, _CURVE), np.int64)
        self._places = [address(one) for one in (self.numbers, self._counts, self.times)]
        self._heads = [address(one) for one in (self._pieces, self._chunks, self._curves)]
        self._found = (ctypes.c_int64 * 9)()

    def gather(
        self, start: int, end: int, names: Sequence[str], columns: Columns, rows: list[bytes], data: list[bytes | None]
    ) -> None:
        """Find where the minutes with start ≤ at < end of some series are: `rows` with the bytes of their blocks."""
        numbers, counts, times = self._places
        places = (ctypes.c_char_p * len(data))(*data)
        asked = _QUESTION.pack(
            start,
            end,
            len(names),
            KINDS[names[0]],
            KINDS[names[-1]],
            numbers,
            *columns.addresses,
            columns.starts_address,
            counts,
            times,
            ctypes.addressof(places),
        )
        self._found[:] = [*self._heads, 0, 0, 0, 0, 0, 0]
        _gather()(asked, b"".join(rows), len(rows), ctypes.addressof(self._found))

    @property
    def unpacked(self) -> NDArray[np.int32]:
        """The part of the numbers that is to be unpacked."""
        return self.numbers[: self._found[5]]

    def chunks(self) -> list[Chunk]:
        """What is to be unpacked, in the order of the numbers."""
        return [Chunk(*one) for one in self._chunks[: self._found[4]].tolist()]

    def curves(self) -> list[Curve]:
        """One by series."""
        return [Curve(*one) for one in self._curves[: self._found[8]].tolist()]

    def replace(self, chunk: Chunk, column: Float64s) -> None:
        """These are the numbers that the chunk stood for; they must outlive the joining."""
        self._pieces[chunk.piece, 1 + 3 * chunk.operand] = address(column) + 8 * chunk.low

    def joined(self) -> Float64s:
        """The numbers of all curves, once they are unpacked."""
        return join(self._heads[0], self._found[3], self._found[7])


_ROWS = 32
_MINUTES = 32_768
"""What there is room for without asking: 16 series of a day and more."""
_NOTHING = Recent(NEVER, 0, 0, 0, 0, 0, dict.fromkeys(KINDS, (0, 0, 0.0)))


def row(
    series: int,
    seam: int,
    floor: int,
    recent: Recent | None,
    names: Sequence[str],
    tail: TailSteps,
    begin: int,
    block: tuple[int, int, int, Int64s | None],
) -> bytes:
    """A series for `Room.gather`, with one of its blocks: as many rows as blocks, at least one.

    Its blocks are right up to the `seam`, its samples are kept since `floor`; `recent` is what memory has; its tail's
    steps are in the columns from `begin` on. The block: bytes (0 where there is none), start of the first minute, how
    many, and all starts where some are missing (they must outlive it).
    """
    if recent is None:
        recent = _NOTHING
    over, under = recent.columns[names[0]], recent.columns[names[-1]]
    size, first, count, at = block
    place = 0 if at is None else address(at)
    return _ROW.pack(series, seam, floor, *recent[:6], *over, *under, *tail, begin, size, first, count, place)


@cache
def _gather() -> Any:
    found = library()
    if found is None:
        raise RuntimeError("bongsu.native wasn't built: ask available() first")
    gather = found.bongsu_minutes
    gather.argtypes = (ctypes.c_char_p, ctypes.c_char_p, ctypes.c_int64, ctypes.c_void_p)
    gather.restype = None
    return gather
