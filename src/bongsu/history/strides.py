"""Steps worked out on the whole numbers that blocks hold, where samples lie at an even pace that divides the step.

That is the rule, and it spares most of what unpacking and grouping cost: no time is read, no value is divided, and
samples become steps by counting.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bongsu import native
from bongsu.history import block as blocks
from bongsu.history import scaling
from bongsu.history.loading import Report, Row, Scratch, pace_of
from bongsu.history.steps import Curves
from bongsu.model.sample import Float64s, Int64s
from bongsu.native import steps as native_steps
from bongsu.native.samples import join_samples


@dataclass(frozen=True, slots=True, kw_only=True)
class Strides:
    """Blocks ready to be unpacked in one stroke, and how their samples fall into steps."""

    packed: bytes
    form: int
    count: int
    """Samples in these blocks, of which those from `low` to before `high` are in the range."""
    low: int
    high: int
    starts: Int64s
    head: int
    """Samples in the first step."""
    stride: int
    """Samples in each of the others, but for the last."""

    def columns(self, names: Sequence[str], scratch: Scratch) -> Curves | None:
        """Columns by step; None where the blocks must be read one by one. Nearly all of it without the GIL."""
        if not len(self.starts):
            return self.starts, [np.empty(0) for _ in names]
        numbers = scratch.whole(self.count)
        try:
            blocks.unpack_joined(self.packed, numbers)
        except blocks.DamagedBlock:
            return None  # whoever reads them one by one finds out which it is
        numbers, scale = numbers[self.low : self.high], 10.0 ** scaling.decimals_of(self.form)
        if native.available():
            scales = [1.0 if name == "count" else scale for name in names]
            gather = native_steps.strides
            return self.starts, [
                gather(numbers, self.head, self.stride, *one) for one in zip(names, scales, strict=True)
            ]
        edges = _Edges(numbers, self.head, self.stride)
        return self.starts, [edges.counts() if name == "count" else edges.column(name) / scale for name in names]


def strides_of(rows: list[Row], start: int, end: int, step: int, report: Report) -> Strides | None:
    """The samples with start ≤ at < end in blocks; None where samples must be looked at one by one.

    Both ends of the range are whole steps.
    """
    pace = pace_of(rows)
    if pace is None or step % pace or not rows:
        return None
    ready = _packed(rows, report)
    if ready is None:
        return None
    packed, form = ready
    first, count = rows[0][1], sum(row[3] for row in rows)
    low = max(0, -((first - start) // pace))
    high = min(count, -((first - end) // pace))
    begin = first + low * pace
    starts = np.arange(begin // step * step, first + (high - 1) * pace + 1, step, dtype=np.int64)
    if high <= low:
        starts = starts[:0]
    head = min(-(-(begin // step * step + step - begin) // pace), high - low)
    return Strides(
        packed=packed, form=form, count=count, low=low, high=high, starts=starts, head=head, stride=step // pace
    )


def _packed(rows: list[Row], report: Report) -> tuple[bytes, int] | None:
    """The columns of blocks as one, and their form; None where these differ or aren't 32-bit numbers."""
    if native.available():
        found = join_samples([row[4] for row in rows])
        if found.damaged >= 0:
            report("raw", rows[found.damaged][0])
        return None if found.packed is None else (found.packed, found.form)
    forms, packed, row = set(), [], 0
    try:
        for row, _, _, _, data in rows:  # noqa: B007 (told below)
            payload = blocks.unseal(data)
            forms.add(blocks.form_of(payload, 1))
            packed.append(blocks.packed_at(payload, 1))
        form = forms.pop()
        return None if forms or not scaling.is_narrow(form) else (blocks.joined(packed), form)
    except blocks.DamagedBlock:
        report("raw", row)
        return None


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
            return self._joined(lambda part: part.sum(dtype=np.int64), _sums(by_row))
        find = np.minimum if name == "low" else np.maximum
        if not len(self._middle):
            return self._joined(find.reduce, self._middle)
        return self._joined(find.reduce, find.reduceat(self._middle, np.arange(0, len(self._middle), self._stride)))

    def _joined(self, one: Callable[[NDArray[np.int32]], Any], middle: NDArray[np.generic]) -> Float64s:
        """The values of the middle between those of the two ends."""
        ends = [[float(one(part))] if len(part) else [] for part in (self._head, self._rest)]
        return np.concatenate([ends[0], middle, ends[1]])


def _sums(rows: NDArray[np.int32]) -> NDArray[np.int32] | Int64s:
    """The sum of each row; in 32 bits where they surely fit, which takes a third of the time."""
    count, stride = rows.shape
    if count and max(int(rows.max()), -int(rows.min())) * stride < 1 << 31:
        narrow: NDArray[np.int32] = np.einsum("ij->i", rows)
        return narrow
    wide: Int64s = np.einsum("ij->i", rows, dtype=np.int64)
    return wide
