"""Columns of numbers, a row a symbol: they grow together, and tell which of them a checkpoint must write."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, TypeAlias

import numpy as np
from numpy.typing import NDArray

Column: TypeAlias = tuple[type[np.generic], float, tuple[int, ...]]
"""Type, what a new row holds, and the shape of one row."""


class Table:
    """Base of the trackers: subclasses list their `COLUMNS`, which become attributes of the same names."""

    COLUMNS: ClassVar[Mapping[str, Column]] = {}
    COLD: ClassVar[frozenset[str]] = frozenset()
    """Columns that seldom change: a checkpoint writes them only when they were `stirred`."""

    def __init__(self) -> None:
        self.rows = 0
        """Rows there is room for."""
        self.stirred: set[str] = set()

    def grow(self, rows: int) -> None:
        """Make room for at least `rows` symbols."""
        if rows <= self.rows:
            return
        room = max(64, rows, self.rows + self.rows // 2)
        for name, (kind, fresh, shape) in self.COLUMNS.items():
            grown = np.zeros((room, *shape), kind) if fresh == 0 else np.full((room, *shape), fresh, kind)
            if self.rows:
                grown[: self.rows] = getattr(self, name)[: self.rows]
            setattr(self, name, grown)
        self.rows = room

    def parts(self, count: int, *, everything: bool) -> Iterator[tuple[str, NDArray[Any]]]:
        """The columns of the first `count` symbols by name; but for `everything`, only those that may have changed."""
        for name in self.COLUMNS:
            if everything or name not in self.COLD or name in self.stirred:
                yield name, getattr(self, name)[:count]
        self.stirred.clear()

    def restore(self, name: str, column: NDArray[Any]) -> None:
        """Take back a column that `parts` gave."""
        if name in self.COLUMNS:
            self.grow(len(column))
            own = getattr(self, name)
            if own.shape[1:] == column.shape[1:]:
                own[: len(column)] = column
