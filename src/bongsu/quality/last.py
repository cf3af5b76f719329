"""When each symbol last came, and with what."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from bongsu.model.event import Bools
from bongsu.model.sample import Int64s
from bongsu.quality.delays import BINS
from bongsu.quality.table import Table


class Last(Table):
    """When each symbol last came, and what it had then."""

    COLUMNS: ClassVar = {
        "arrived": (np.int64, 0, ()),
        "event": (np.int64, 0, ()),
        "volume": (np.float64, np.nan, ()),
        "opened": (np.int64, 0, ()),
        "sequenced": (np.bool_, 0, ()),
        "declared": (np.bool_, 0, ()),
        "delays": (np.uint32, 0, (BINS,)),
    }
    arrived: Int64s
    event: Int64s
    """The newest event time so far, UTC ms."""
    volume: NDArray[np.float64]
    opened: Int64s
    """Opening time of the session in which it last came."""
    sequenced: Bools
    declared: Bools
    delays: NDArray[np.uint32]
