"""Steps worked out on the whole numbers that blocks hold, where samples lie at an even pace that divides the step.

That is the rule, and it spares most of what unpacking and grouping cost: no time is read, no value is divided, and
samples become steps by counting.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bongsu.history import block as blocks
from bongsu.history import scaling
from bongsu.history.loading import Report, Row, Scratch, pace_of
from bongsu.history.steps import Curves
from bongsu.model.sample import Float64s

NAMES = frozenset({"low", "high", "total", "count", "last"})


def by_strides(
    rows: list[Row], start: int, end: int, step: int, names: Sequence[str], scratch: Scratch, report: Report
) -> Curves | None:
    """Columns by step of the samples with start ≤ at < end in blocks; None where samples must be looked at one by one.

    Both ends of the range are whole steps.
    """
    pace = pace_of(rows)
    if pace is None or step % pace or not rows:
        return None
    first, count = rows[0][1], sum(row[3] for row in rows)
    low = max(0, -((first - start) // pace))
    high = min(count, -((first - end) // pace))
    if high <= low:
        return np.empty(0, np.int64), [np.empty(0) for _ in names]
    numbers = scratch.whole(count)
    form = _unpack(rows, numbers, report)
    if form is None:
        return None
    begin = first + low * pace
    starts = np.arange(begin // step * step, first + (high - 1) * pace + 1, step, dtype=np.int64)
    head = min(-(-(int(starts[0]) + step - begin) // pace), high - low)
    edges = _Edges(numbers[low:high], head, step // pace)
    scale = 10.0 ** (form - 1)
    return starts, [edges.counts() if name == "count" else edges.column(name) / scale for name in names]


def _unpack(rows: list[Row], numbers: NDArray[np.int32], report: Report) -> int | None:
    """Fill `numbers`; returns the form that all columns have, None where they differ or aren't 32-bit numbers."""
    forms, packed, row = set(), [], 0
    try:
        for row, _, _, _, data in rows:  # noqa: B007 (told below)
            payload = blocks.unseal(data)
            forms.add(blocks.form_of(payload, 1))
            packed.append(blocks.packed_at(payload, 1))
    except blocks.DamagedBlock:
        report("raw", row)
        return None
    form = forms.pop()
    if forms or not scaling.is_narrow(form):
        return None
    try:
        blocks.unpack_numbers(packed, numbers)
    except blocks.DamagedBlock:
        return None  # whoever reads them one by one finds out which it is
    return form


class _Edges:
    """Numbers cut into strides: the first may be shorter, and so may the last."""

    def __init__(self, numbers: NDArray[np.int32], head: int, stride: int) -> None:
        whole = (len(numbers) - head) // stride
        self._stride = stride
        self._head = numbers[:head]
        self._middle = numbers[head : head + whole * stride]
        self._rest = numbers[head + whole * stride :]

    def counts(self) -> Float64s:
        """Samples in each."""
        whole = np.full(len(self._middle) // self._stride, self._stride, np.float64)
        return self._joined(len, whole)

    def column(self, name: str) -> Float64s:
        """Least, most, sum or last of each."""
        by_row = self._middle.reshape(-1, self._stride)
        if name == "last":
            return self._joined(lambda part: part[-1], by_row[:, -1])
        if name == "total":
            return self._joined(lambda part: part.sum(dtype=np.int64), np.einsum("ij->i", by_row, dtype=np.int64))
        find = np.minimum if name == "low" else np.maximum
        if not len(self._middle):
            return self._joined(find.reduce, self._middle)
        return self._joined(find.reduce, find.reduceat(self._middle, np.arange(0, len(self._middle), self._stride)))

    def _joined(self, one: Callable[[NDArray[np.int32]], Any], middle: NDArray[np.generic]) -> Float64s:
        """The values of the middle between those of the two ends."""
        ends = [[float(one(part))] if len(part) else [] for part in (self._head, self._rest)]
        return np.concatenate([ends[0], middle, ends[1]])
