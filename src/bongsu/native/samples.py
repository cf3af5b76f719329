"""Blocks of samples made ready to be unpacked in one stroke."""

from __future__ import annotations

import ctypes
from array import array
from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from bongsu.native.library import library
from bongsu.native.steps import address

_DAMAGED = -2


class Joined(NamedTuple):
    """The columns of some blocks as one, and their form; None and 0 where the blocks aren't such. Where one of them is
    damaged, which it is (else -1)."""

    packed: bytes | None
    form: int
    damaged: int


def join_samples(blocks: Sequence[bytes]) -> Joined:
    """The values of blocks whose times are even, where they are whole numbers of 32 bits of the same decimal.

    Only where `native.available()`.
    """
    sizes = array("q", map(len, blocks))
    room, form = np.empty(sum(sizes), np.uint8), ctypes.c_int64()
    places = (ctypes.c_char_p * len(blocks))(*blocks)
    place = address(room)
    length = _join()(places, sizes.buffer_info()[0], len(blocks), place, ctypes.byref(form))
    if length > 0:
        return Joined(ctypes.string_at(place, length), form.value, -1)
    return Joined(None, 0, max(-1, _DAMAGED - length))


@cache
def _join() -> Any:
    found = library()
    if found is None:
        raise RuntimeError("bongsu.native wasn't built: ask available() first")
    join = found.bongsu_samples
    join.argtypes = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64, ctypes.c_void_p, ctypes.c_void_p)
    join.restype = ctypes.c_int64
    return join
