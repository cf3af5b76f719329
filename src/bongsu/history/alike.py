"""Many series at once: what was collected together has the same times, and is worked out together.

A call into numpy costs as much as the numbers of one series, and with other threads at work the interpreter's lock is
handed over at each. Series that stand alone are worked out one by one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from bongsu.history import block as blocks
from bongsu.history import rollup
from bongsu.history.rollup import MINUTE, Records
from bongsu.history.steps import Curve
from bongsu.model.sample import Float64s, Int64s

_NUMBERS = 65_536
"""Numbers worked out at once, about: with what is made of them they stay in a core's own cache."""
_Made = TypeVar("_Made")


def minutes_of(curves: Sequence[Curve]) -> list[Records]:
    """What is kept of each minute of these samples; growth begins with the first of each."""
    return _each(curves, lambda at, value: rollup.roll_up(at, value, MINUTE), _minutes_alike)


def blocks_of(curves: Sequence[Curve]) -> list[bytes]:
    """These samples as blocks."""
    return _each(curves, blocks.encode, blocks.encode_alike)


def _minutes_alike(at: Int64s, values: NDArray[np.float64]) -> list[Records]:
    return rollup.roll_up_alike(at, values, MINUTE)


def _each(
    curves: Sequence[Curve],
    single: Callable[[Int64s, Float64s], _Made],
    alike: Callable[[Int64s, NDArray[np.float64]], list[_Made]],
) -> list[_Made]:
    made: dict[int, _Made] = {}
    for group in _groups(curves):
        at, value = curves[group[0]]
        if len(group) == 1:
            made[group[0]] = single(at, value)
        else:
            made.update(zip(group, alike(at, np.array([curves[i][1] for i in group])), strict=True))
    return [made[i] for i in range(len(curves))]


def _groups(curves: Sequence[Curve]) -> Iterator[list[int]]:
    """Places of curves with the same times, some at once."""
    known: dict[tuple[int, int, int], list[int]] = defaultdict(list)
    for place, (at, _) in enumerate(curves):
        if not len(at):
            yield [place]
            continue
        group = known[len(at), int(at[0]), int(at[-1])]
        if group and not np.array_equal(at, curves[group[0]][0]):
            yield [place]
            continue
        group.append(place)
        if (len(group) + 1) * len(at) > _NUMBERS:
            yield group.copy()
            group.clear()
    yield from (group for group in known.values() if group)
