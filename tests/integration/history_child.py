"""A process that appends as fast as it can and tells, through its standard output, what was acknowledged.

Run by `test_history_survives.py`, which kills it. Sample n of series s is at START + n seconds with value n * 7 + s.
"""

from __future__ import annotations

import asyncio
import os
import struct
import sys
from pathlib import Path

import numpy as np

from bongsu.clock import SystemClock
from bongsu.history.embedded import EmbeddedHistory
from bongsu.history.limits import Limits
from bongsu.model.sample import Batch, labels_of
from bongsu.model.series import SeriesTable

START = 1_763_776_800_000
SERIES = 40
TICKS = 25
"""Seconds of samples in a batch."""
ACK = struct.Struct("<I")
LIMITS = Limits(block_samples=400, roll_minutes_after=600_000, roll_hours_after=3_600_000, seal_at_close=1)
"""Blocks and roll-ups come often, so that the kill strikes at every stage."""


async def append_for_ever(folder: Path, first: int) -> None:
    """Append batches from number `first` on, eight at a time, each acknowledged by its number."""
    table = SeriesTable()
    history = await EmbeddedHistory.open(folder, table=table, clock=SystemClock(), limits=LIMITS)
    ids = np.array([table.intern("n_total", labels_of(series=str(i))) for i in range(SERIES)], np.int32)

    async def one(number: int) -> None:
        ticks = np.repeat(np.arange(number * TICKS, (number + 1) * TICKS, dtype=np.int64), SERIES)
        series = np.tile(ids, TICKS)
        value = (ticks * 7).astype(np.float64) + np.tile(np.arange(SERIES), TICKS)
        await history.append(Batch(series=series, at=START + ticks * 1000, value=value))
        os.write(1, ACK.pack(number))

    number = first
    while True:
        await asyncio.gather(*(one(number + i) for i in range(8)))
        number += 8


if __name__ == "__main__":
    asyncio.run(append_for_ever(Path(sys.argv[1]), int(sys.argv[2])))
