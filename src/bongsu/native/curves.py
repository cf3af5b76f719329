"""Curves by step out of blocks of samples: unpacked and counted by two threads while rows come."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from bongsu.model.sample import Float64s, Int64s
from bongsu.native.library import function, made
from bongsu.native.steps import Tails, address, kinds_of

BLOCKS = 4_096
"""Blocks that there is room for."""
_STEPS = 65_536
"""Steps whose room is kept for the next question; more are made room for."""
_MOST_STEPS = 2_097_152
"""Steps that room is made for, at most (32 MB): a range may have more, but each that is told of has samples."""
_BLOCK, _CURVE, _CURVES = 14, 3, 18
"""64-bit numbers in the library's structures."""
_BLOCKS, _ROOM = 6, 7
"""Where a question has its blocks, and how many there is room for."""


class Curve(NamedTuple):
    """A series: how many points it has (-1 where it isn't plain), the start (UTC ms) of the first step, and whether no
    step is missing."""

    points: int
    first: int
    whole: int


class Gathering:
    """Room for one question after another: `with gathering.begun(…)`, `add` all blocks, and what is `told` of them."""

    def __init__(self) -> None:
        self._blocks = np.empty(BLOCKS * _BLOCK, np.int64)
        self._order = np.empty(BLOCKS, np.int64)
        self._order_at = address(self._order)
        self._steps = np.empty(2 * _STEPS)
        self._raw = array("q", bytes(8 * _CURVES))
        self._raw[_BLOCKS], self._raw[_ROOM] = address(self._blocks), BLOCKS
        self._place = self._raw.buffer_info()[0]
        self._filled = 0
        self._kept: list[object] = []

    def begun(self, start: int, end: int, step: int, names: tuple[str, ...], *, series: int, shared: bool) -> Gathering:
        """A question after so many series' steps (ms) with start ≤ at < end, both of them whole steps, by one or two
        columns of these names. `shared`: it is worth waking the second thread. What has more steps than there is
        room for isn't plain.
        """
        if self._kept:  # an interrupt may have come before the former question was ended: what it held goes now
            self.__exit__()
        room = min(series * ((end - start) // step + 2), _MOST_STEPS) + 2 * BLOCKS
        steps = self._steps if room <= _STEPS else np.empty(2 * room)
        self._kept = [steps]
        _functions().begin(self._place, start, end, step, *kinds_of(names), steps, len(steps) // 2, int(shared))
        return self

    def __enter__(self) -> Gathering:
        return self

    def add(self, rows: list[tuple[Any, ...]]) -> bool:
        """Some more blocks, which may be unpacked from now on: of which series, a number of no meaning here, times
        (UTC ms) of the first and last sample, how many, and bytes; what else there is means nothing. False where there
        are more than there is room for.
        """
        self._kept.append(rows)
        return _functions().add(self._place, rows)

    def __exit__(self, *_: object) -> None:
        self._filled = _functions().end(self._place)  # whatever happened: the second thread reads what we keep
        self._kept = self._kept[:1]

    def told(self, tails: Tails) -> tuple[list[Curve], Int64s, Float64s]:
        """The curves of these series; starts of steps and points of all, one after the other."""
        columns, series = tails.columns, tails.series
        count = len(series)
        most = self._filled + tails.filled
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
    add: Callable[[int, list[tuple[Any, ...]]], bool]
    end: Callable[..., int]
    told: Callable[..., int]


@cache
def _functions() -> _Functions:
    return _Functions(
        function("bongsu_curves_begin"),
        made("bongsu_curves_add"),
        function("bongsu_curves_end", apart=True),  # unpacking takes a while
        function("bongsu_curves_told"),
    )
