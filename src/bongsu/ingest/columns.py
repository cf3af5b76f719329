"""Decoded samples as columns, on their way through the gate."""

from __future__ import annotations

from dataclasses import dataclass

from bongsu.model.sample import Float64s, Int32s, Int64s

UNSTAMPED = -(2**63)
"""Stands in the column of times where the sender gave none."""

REFUSED = -1
"""Stands in the column of series where the item was already refused."""

EARLIEST = -(2**62)
LATEST = 2**62
"""Times beyond these aren't decoded into a column; both lie far outside of any gate's window."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """A run of consecutive items of a body. `start` is the index of the first one in the body as sent."""

    start: int
    series: Int32s
    at: Int64s
    value: Float64s

    def __len__(self) -> int:
        return len(self.series)
