"""Curves by step out of blocks of samples: unpacked and counted by two threads while rows come."""

from __future__ import annotations

import ctypes
from array import array
from collections.abc import Callable, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np

from bongsu.model.sample import Float64s, Int64s
from bongsu.native.library import function
from bongsu.native.steps import KINDS, Tails, address

BLOCKS = 4_096
"""Blocks that there is room for."""
_STEPS = 65_536
"""Steps whose room is kept for the next question; more are made room for."""
_MOST_STEPS = 2_097_152
"""Steps that room is made for, at most (32 MB): a range may have more, but each that is told of has samples."""
_BLOCK, _CURVE = 14, 3
"""64-bit numbers in the library's structures."""
_NUMBER, _PLACE = ctypes.c_int64, ctypes.c_void_p


class Curve(NamedTuple):
    """A series: how many points it has (-1 where it isn't plain), the start (UTC ms) of the first step, and whether no
    step is missing."""

    points: int
    first: int
    whole: int


class _Sharing(ctypes.Structure):
    _fields_ = (
        ("work", _PLACE),
        ("argument", _PLACE),
        ("items", _NUMBER),
        ("next", _NUMBER),
        ("shared", ctypes.c_int),
    )


class _Curves(ctypes.Structure):
    _fields_ = (
        ("start", _NUMBER),
        ("end", _NUMBER),
        ("step", _NUMBER),
        ("kinds", _NUMBER * 2),
        ("columns", _NUMBER),
        ("blocks", _PLACE),
        ("room", _NUMBER),
        ("filled", _NUMBER),
        ("steps", _PLACE * 2),
        ("steps_room", _NUMBER),
        ("steps_filled", _NUMBER),
        ("sharing", _Sharing),
        ("helped", _NUMBER),
    )


class Gathering:
    """Room for one question after another: `with gathering.begun(…)`, `add` all blocks, and what is `told` of them."""

    def __init__(self) -> None:
        self._blocks = np.empty(BLOCKS * _BLOCK, np.int64)
        self._order = np.empty(BLOCKS, np.int64)
        self._order_at = address(self._order)
        self._steps = np.empty(2 * _STEPS)
        self._steps_at = address(self._steps)  # which takes a tenth of a small question, asked each time
        self._raw = _Curves(blocks=address(self._blocks), room=BLOCKS)
        self._place = ctypes.addressof(self._raw)
        self._kept: list[object] = []

    def begun(self, start: int, end: int, step: int, names: Sequence[str], *, series: int, shared: bool) -> Gathering:
        """A question after so many series' steps (ms) with start ≤ at < end, both of them whole steps, by one or two
        columns of these names. `shared`: it is worth waking the second thread. What has more steps than there is
        room for isn't plain.
        """
        if self._kept:  # an interrupt may have come before the former question was ended: what it held goes now
            self.__exit__()
        room = min(series * ((end - start) // step + 2), _MOST_STEPS) + 2 * BLOCKS
        steps, place = self._steps, self._steps_at
        if room > _STEPS:
            steps = np.empty(2 * room)
            place = address(steps)
        raw, kinds = self._raw, [KINDS[name] for name in names]
        raw.start, raw.end, raw.step, raw.columns, raw.helped = start, end, step, len(names), shared
        raw.kinds[:] = [kinds[0], kinds[-1]]
        raw.steps_room = len(steps) // 2
        raw.steps[:] = [place, place + 4 * len(steps)]
        self._kept = [steps]
        return self

    def __enter__(self) -> Gathering:
        _functions().begin(self._place)
        return self

    def add(
        self,
        series: Sequence[int],
        start: Sequence[int],
        last: Sequence[int],
        count: Sequence[int],
        data: Sequence[bytes],
    ) -> bool:
        """Some more blocks, which may be unpacked from now on: of which series, times (UTC ms) of the first and last
        sample, how many, and bytes. False where there are more than there is room for.
        """
        numbers, sizes = array("q", (*series, *start, *last, *count)), array("q", map(len, data))
        blocks = list(data)
        self._kept.append(blocks)
        return _functions().add(self._place, len(blocks), blocks, sizes, numbers) == 0

    def __exit__(self, *_: object) -> None:
        _functions().end(self._place)  # whatever happened: the second thread reads what we keep
        self._kept = self._kept[:1]

    def told(self, tails: Tails) -> tuple[list[Curve], Int64s, Float64s]:
        """The curves of these series; starts of steps and points of all, one after the other."""
        columns, series = tails.columns, tails.series
        count = len(series)
        most = self._raw.steps_filled + columns.filled
        at, value = np.empty(most, np.int64), np.empty(most)
        found = array("q", bytes(8 * _CURVE * count))
        _functions().told(
            self._place,
            series,
            count,
            tails.found,
            columns.starts_address,
            *columns.addresses,
            self._order_at,
            found,
            at,
            value,
        )
        self._kept = []
        told = iter(found)
        return [Curve(*three) for three in zip(told, told, told, strict=True)], at, value


class _Functions(NamedTuple):
    begin: Callable[..., int]
    add: Callable[..., int]
    end: Callable[..., int]
    told: Callable[..., int]


@cache
def _functions() -> _Functions:
    return _Functions(
        function("bongsu_curves_begin"),
        function("bongsu_curves_add"),
        function("bongsu_curves_end", apart=True),  # unpacking takes a while
        function("bongsu_curves_told"),
    )
