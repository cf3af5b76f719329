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
from bongsu.native.steps import address

_PLACE, _NUMBER = ctypes.c_void_p, ctypes.c_int64
_POINT = 64
"""Bytes that a point takes at most, and that are written to beyond the last."""
_OPENING = 24
_LEAST = 1 << 17
_KEPT = 1 << 21
"""Bytes of text that stay reserved for the next: fresh memory costs as much as writing into it."""


Characters: TypeAlias = NDArray[np.uint8]


class _Write(Protocol):
    def __call__(
        self, at: int, values: int, count: int, curves: int, openings: int, out: int, room: int, ends: int, /
    ) -> None: ...


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
    write.argtypes = (*(_PLACE,) * 2, *(_NUMBER,) * 2, *(_PLACE,) * 2, _NUMBER, _PLACE)
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
    values = [np.ascontiguousarray(value, np.float64) for value in values]
    if {len(value) for value in values} != {count}:
        raise ValueError(f"curves of {[len(value) for value in values]} values have {count} points")
    room = _POINT * (count + 1)
    out = _room.take(room * curves + _OPENING * count)
    place, places, ends = address(out), (_PLACE * curves)(*map(address, values)), (_NUMBER * curves)()
    write(
        address(at),
        ctypes.addressof(places),
        count,
        curves,
        place + room * curves,
        place,
        room,
        ctypes.addressof(ends),
    )
    text = out.data
    return [text[begin:end] for begin, end in zip(range(0, room * curves, room), ends, strict=True)]
