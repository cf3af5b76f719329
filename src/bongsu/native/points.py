"""Points of curves as JSON text."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Sequence
from functools import cache
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from bongsu.model.sample import Float64s, Int64s
from bongsu.native.library import library

_POINT = 64
"""Bytes that a point takes at most, and that are written to beyond the last."""
_OPENING = 24
_LEAST = 1 << 17
_KEPT = 1 << 21
"""Bytes of text that stay reserved for the next: fresh memory costs as much as writing into it."""


Characters: TypeAlias = NDArray[np.uint8]


class _Write(Protocol):
    def __call__(self, at: int, value: int, count: int, curves: int, openings: int, out: int, ends: int, /) -> None: ...


class _Room:
    """Memory for one text after another; a new one where the last is still being sent."""

    def __init__(self) -> None:
        self._kept = np.empty(0, np.uint8)

    def take(self, size: int) -> Characters:
        """So many bytes, or some more, of any content."""
        if size > _KEPT:
            return np.empty(size, np.uint8)
        if size > len(self._kept) or sys.getrefcount(self._kept) > _UNUSED:
            self._kept = np.empty(max(size, _LEAST), np.uint8)
        return self._kept


_UNUSED = sys.getrefcount(np.empty(0)) + 1
_room = _Room()


@cache
def _write() -> _Write | None:
    found = library()
    if found is None:
        return None
    write = found.bongsu_points
    write.argtypes = (*(ctypes.c_void_p,) * 2, *(ctypes.c_int64,) * 2, *(ctypes.c_void_p,) * 3)
    write.restype = None
    return write


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
    at = np.ascontiguousarray(at, np.int64)
    joined = np.ascontiguousarray(values[0] if curves == 1 else np.concatenate(values), np.float64)
    if len(joined) != count * curves:
        raise ValueError(f"{curves} curves of {count} points have {len(joined)} values")
    size = _POINT * (len(joined) + 1)
    out = _room.take(size + _OPENING * count)
    address, ends = out.ctypes.data, (ctypes.c_int64 * curves)()
    write(at.ctypes.data, joined.ctypes.data, count, curves, address + size, address, ctypes.addressof(ends))
    text, begin, texts = out.data, 0, []
    for end in ends:
        texts.append(text[begin:end])
        begin = end
    return texts
