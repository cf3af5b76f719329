"""A batch put in order of its symbols, each symbol's events staying in the order they came."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bongsu.model.event import Bools
from bongsu.model.sample import Int64s

Positions = NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouped:
    """Symbols in order, and where each one's events begin.

    `symbol` has an entry an event, `ids`, `starts` and `counts` an entry a symbol that occurs.
    """

    symbol: Positions
    ids: Positions
    starts: Positions
    counts: Positions

    def __len__(self) -> int:
        return len(self.symbol)

    @property
    def ends(self) -> Positions:
        """The last event of each symbol."""
        return self.starts + self.counts - 1

    def first(self) -> Bools:
        """Which events are the first of their symbol in this batch."""
        mask = np.zeros(len(self.symbol), np.bool_)
        mask[self.starts] = True
        return mask

    def rank(self) -> Positions:
        """How many events of the same symbol came before each event, in this batch."""
        return np.arange(len(self.symbol)) - np.repeat(self.starts, self.counts)

    def before(self, column: NDArray[Any], kept: NDArray[Any]) -> NDArray[Any]:
        """For each event the column's entry of the symbol's event before; `kept` (a row a symbol) gives the first's."""
        earlier = np.empty_like(column)
        earlier[1:] = column[:-1]
        earlier[self.starts] = kept[self.ids]
        return earlier

    def sums(self, column: NDArray[Any]) -> Int64s:
        """The column's sum for each symbol of `ids`."""
        return np.add.reduceat(column, self.starts, dtype=np.int64)

    def counted(self, mask: Bools) -> Int64s:
        """How many events of each symbol of `ids` the mask holds."""
        return np.add.reduceat(mask, self.starts, dtype=np.int64)


def ordered(symbol: NDArray[np.int32]) -> NDArray[np.intp] | None:
    """The order that puts equal symbols together, stably; None where they already rise."""
    if len(symbol) < 2 or (symbol[1:] >= symbol[:-1]).all():
        return None
    narrow = symbol.astype(np.uint16) if symbol.max() < 65_536 else symbol  # numpy sorts 16 bits by radix
    return np.argsort(narrow, kind="stable")


def grouped(symbol: NDArray[Any]) -> Grouped:
    """Where each symbol begins in a column in which equal ones stand together."""
    starts = np.flatnonzero(np.diff(symbol, prepend=-1))
    return Grouped(
        symbol=symbol.astype(np.intp),
        ids=symbol[starts].astype(np.intp),
        starts=starts,
        counts=np.diff(starts, append=len(symbol)),
    )
