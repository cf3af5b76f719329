"""Events without sequence numbers: the same time and content again is a duplicate."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from bongsu.model.event import Bools, UInt64s
from bongsu.model.sample import Int64s
from bongsu.quality.grouping import Grouped
from bongsu.quality.payload import mixed
from bongsu.quality.table import Table

REMEMBERED = 64
"""Places of each symbol; an event's place follows from what it says, so that a later one may take it."""

_MASK = np.uint64(REMEMBERED - 1)


class Keyless(Table):
    """The last events of every symbol."""

    COLUMNS: ClassVar = {"marks": (np.uint64, 0, (REMEMBERED,))}
    COLD: ClassVar = frozenset({"marks"})
    marks: UInt64s

    def take(self, group: Grouped, at: Int64s, content: UInt64s) -> Bools:
        """Which events of a batch came before; the others are remembered."""
        with np.errstate(over="ignore"):
            mark = mixed(content + mixed(at.astype(np.uint64)) * np.uint64(3)) | np.uint64(1)
        place = ((mark >> np.uint64(7)) & _MASK).astype(np.intp)
        duplicate: Bools = self.marks[group.symbol, place] == mark
        order = np.lexsort((mark, group.symbol))
        ordered, symbol = mark[order], group.symbol[order]
        again = (ordered[1:] == ordered[:-1]) & (symbol[1:] == symbol[:-1])
        duplicate[order[1:][again]] = True
        self.marks[group.symbol, place] = mark
        self.stirred.add("marks")
        return duplicate
