"""State of many series as columns that grow together: row i of each belongs to one series."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bongsu.model.sample import Int64s

_FIRST = 16


@dataclass(frozen=True, slots=True)
class Column:
    """What a row of a column looks like before anything is known of its series."""

    kind: Any
    fill: float
    width: int = 0
    """Numbers a row; 0: the row is one number."""


class Columns:
    """Arrays by name, of shape (rows,) or (rows, width). They grow by half when a row past their end is asked for."""

    def __init__(self, **columns: Column) -> None:
        self._columns = columns
        self._size = 0
        self._arrays = {name: self._fresh(one, 0) for name, one in columns.items()}

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self._arrays[name]

    @property
    def row_bytes(self) -> int:
        """Bytes a row takes."""
        return sum(np.dtype(one.kind).itemsize * max(one.width, 1) for one in self._columns.values())

    def reserve(self, rows: Int64s) -> None:
        """See that all these rows exist."""
        end = int(rows.max()) + 1 if len(rows) else 0
        if end <= self._size:
            return
        size = max(end, _FIRST, self._size + self._size // 2)
        for name, one in self._columns.items():
            self._arrays[name] = np.concatenate((self._arrays[name], self._fresh(one, size - self._size)))
        self._size = size

    def reset(self, rows: Int64s) -> None:
        """Make rows as they were before anything was known."""
        known = rows[rows < self._size]
        for name, one in self._columns.items():
            self._arrays[name][known] = one.fill

    @staticmethod
    def _fresh(column: Column, count: int) -> NDArray[Any]:
        shape = (count,) if not column.width else (count, column.width)
        return np.full(shape, column.fill, column.kind)
