"""Values that stand still: how often in a row an event said just what the one before it said."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from bongsu.model.event import UInt64s
from bongsu.model.sample import Float64s, Int64s
from bongsu.quality.grouping import Grouped
from bongsu.quality.table import Table

UNLIKELY = 40.0
"""Natural logarithm: a run is called stuck where chance would bring it once in e^40 tries."""

SHORTEST = 20
_PRIOR_SAME, _PRIOR = 5.0, 10.0
"""What is assumed of a symbol before it has shown anything: every second event repeats the one before."""

_MEMORY = 10_000


class Runs(Table):
    """The present run of every symbol, and how usual repetition is."""

    COLUMNS: ClassVar = {
        "content": (np.uint64, 0, ()),
        "run": (np.int64, 0, ()),
        "same": (np.int64, 0, ()),
        "total": (np.int64, 0, ()),
        "known": (np.bool_, 0, ()),
    }
    content: UInt64s
    run: Int64s
    """Events in a row that repeated the one before."""
    same: Int64s
    """Repetitions in runs that ended, of `total` events."""
    total: Int64s
    known: NDArray[np.bool_]

    def take(self, group: Grouped, content: UInt64s) -> None:
        """Count a batch in which every event says something."""
        ids = group.ids
        same = content == group.before(content, self.content)
        same[group.starts] &= self.known[ids]
        repeated = group.counted(same)
        whole = repeated == group.counts
        self.run[ids[whole]] += group.counts[whole]
        if not whole.all():
            self._end_runs(group, same, ids, repeated, whole)
        self.content[ids] = content[group.ends]
        self.known[ids] = True

    def _end_runs(
        self,
        group: Grouped,
        same: NDArray[np.bool_],
        ids: NDArray[np.intp],
        repeated: Int64s,
        whole: NDArray[np.bool_],
    ) -> None:
        """Count the runs that other content ended, and begin anew behind the last of it."""
        position = np.where(same, -1, np.arange(len(same)))
        behind = group.ends - np.maximum.reduceat(position, group.starts)
        broken = ~whole
        one, ended = ids[broken], self.run[ids[broken]]
        self.same[one] += ended + repeated[broken] - behind[broken]
        self.total[one] += ended + group.counts[broken] - behind[broken]
        self.run[one] = behind[broken]
        full = one[self.total[one] > _MEMORY]
        self.same[full] //= 2
        self.total[full] //= 2

    def limits(self, count: int) -> Float64s:
        """The run from which on each of the first `count` symbols is stuck."""
        usual = np.minimum((self.same[:count] + _PRIOR_SAME) / (self.total[:count] + _PRIOR), 0.999)
        return np.maximum(SHORTEST, UNLIKELY / -np.log(usual))

    def stuck(self, count: int) -> NDArray[np.bool_]:
        """Which of the first `count` symbols stand still."""
        found: NDArray[np.bool_] = self.run[:count] >= self.limits(count)
        return found
