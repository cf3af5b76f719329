"""Points of curves as JSON text."""

from __future__ import annotations

import sys
from array import array
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bongsu.model.sample import Float64s, Int64s
from bongsu.native.library import function, library, made

_POINT = 64
"""Bytes that a point takes at most, and that are written to beyond the last."""
_OPENING = 24
_LEAST = 1 << 17
_KEPT = 1 << 21
"""Bytes of text that stay reserved for the next: fresh memory costs as much as writing into it."""


class _Room:
    """Memory for one text after another; a new one where the last is still being sent."""

    def __init__(self) -> None:
        self._kept = bytearray()

    def take(self, size: int) -> memoryview:
        """So many bytes, or some more, of any content."""
        if size > _KEPT:
            return np.empty(size, np.uint8).data
        if size > len(self._kept) or sys.getrefcount(self._kept) > _UNUSED:
            self._kept = bytearray(max(size, _LEAST))
        return memoryview(self._kept)


_UNUSED = sys.getrefcount(bytearray()) + 1
_room = _Room()
_TIMES, _VALUES = np.dtype(np.int64), np.dtype(np.float64)


@cache
def _write() -> Callable[..., int] | None:
    return None if library() is None else function("bongsu_points")


def points(at: Int64s, values: Sequence[Float64s]) -> list[memoryview] | None:
    """`[ms,value],[ms,value]…` of curves with the same times, each; None without the library.

    Numbers read back to the same float64; what is no number (nothing that is stored) is written as null.
    """
    write = _write()
    if write is None:
        return None
    count, curves = len(at), len(values)
    if not curves:
        return []
    at = _plain(at, _TIMES)
    values = [_plain(value, _VALUES) for value in values]
    if any(len(value) != count for value in values):
        raise ValueError(f"curves of {[len(value) for value in values]} values have {count} points")
    room = _POINT * (count + 1)
    out = _room.take(room * curves + _OPENING * count)
    ends = array("q", bytes(8 * curves))
    write(at, values, count, curves, out[room * curves :], out, room, ends)
    return [out[begin:end] for begin, end in zip(range(0, room * curves, room), ends, strict=True)]


class TextWriter:
    """Writes the text of one curve with what stands before and behind it."""

    def __init__(self) -> None:
        self._write: Callable[[memoryview, bytes, Int64s, Float64s, bytes], int] | None = made("bongsu_text")

    def text(self, before: bytes, at: Int64s, value: Float64s, behind: bytes) -> memoryview | None:
        """All of it in one piece; None without the library, or where numbers don't lie as it reads them."""
        if self._write is None:
            return None
        room = _room.take(_POINT * (len(at) + 1) + len(before) + len(behind))
        end = self._write(room, before, at, value, behind)
        return room[:end] if end >= 0 else None


def _plain(numbers: NDArray[Any], kind: np.dtype[Any]) -> NDArray[Any]:
    """These numbers as the library reads them: of that kind, one behind the other."""
    if numbers.dtype is kind and numbers.flags.c_contiguous:
        return numbers
    return np.ascontiguousarray(numbers, kind)
