"""What is wrong, by name: pure decisions over the last minute's counts and what the trackers know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from bongsu.model.event import Bools
from bongsu.quality.counters import Count
from bongsu.quality.score import Z, share, wilson_lower

FaultName: TypeAlias = Literal[
    "missing_symbol",
    "gap",
    "late",
    "duplicate",
    "out_of_order",
    "spike",
    "implausible",
    "stuck",
    "crossed",
    "inconsistent",
    "schema_break",
    "clock_skew",
    "halt",
    "early_close",
]
FAULTS: tuple[FaultName, ...] = (
    "missing_symbol",
    "gap",
    "late",
    "duplicate",
    "out_of_order",
    "spike",
    "implausible",
    "stuck",
    "crossed",
    "inconsistent",
    "schema_break",
    "clock_skew",
    "halt",
    "early_close",
)

LATE_SHARE = 0.05
SCHEMA_SHARE = 0.05
"""Shares that must be exceeded beyond doubt (Wilson's lower bound)."""

FEW = 3
"""Events below which a share proves nothing."""

UNORDERED_SHARE = 0.02
"""Without sequence numbers events of one millisecond, or of parallel senders, may pass each other or look alike."""

LOOKALIKE = 4.0
"""Standard errors beyond that share: thousands of symbols are judged each minute, and trades of one millisecond, price
and size come by chance; at the usual two, thirty days of 200 symbols named one (3 of 42 events)."""

SILENT_TIMES = 6.0
SILENT_EXPECTED = 25.0
SILENT_LEAST_MS = 30_000.0
"""A symbol is silent beyond doubt after six times its usual silence, with 25 events awaited, and 30 s."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault of one symbol, or of the whole feed where `symbol` is empty. Times are UTC ms.

    `count` is how many events (or lost numbers) it took, `detail` what it is about (fields, an interval), as text.
    """

    name: FaultName
    symbol: str
    since: int
    count: int = 0
    detail: str = ""


def beyond(part: NDArray[Any], whole: NDArray[Any], limit: float, z: float = Z) -> Bools:
    """Where a share exceeds the limit beyond doubt, `z` standard errors away."""
    with np.errstate(invalid="ignore"):
        found: Bools = (part >= FEW) & (wilson_lower(share(part, whole), whole, z) > limit)
    return found


def _named_otherwise(at: NDArray[Any]) -> NDArray[Any]:
    """Inconsistent events that have a name of their own, or (time going back) follow from delays."""
    named: NDArray[Any] = at[Count.CROSSED] + at[Count.DISORDERED] + at[Count.FUTURE] + at[Count.BACK]
    return named


def counted_faults(counts: NDArray[Any], *, sequenced: Bools) -> dict[FaultName, NDArray[Any]]:
    """Faults that the counts of a minute show: for each name how often, 0 where it isn't one. A row a symbol."""
    at = counts.T
    events = at[Count.EVENTS]
    unordered = {
        name: np.where(sequenced | beyond(part, events, UNORDERED_SHARE, LOOKALIKE), part, 0)
        for name, part in (("duplicate", at[Count.DUPLICATES]), ("out_of_order", at[Count.DISORDERED]))
    }
    late = at[Count.LATE]
    missing = at[Count.REQUIRED] - at[Count.PRESENT]
    odd = at[Count.FIELDS] - at[Count.CONFORMING]
    broken = beyond(missing, at[Count.REQUIRED], SCHEMA_SHARE) | beyond(odd, at[Count.FIELDS], SCHEMA_SHARE)
    plain = at[Count.IMPLAUSIBLE] - at[Count.SPIKES]
    return {
        "gap": np.maximum(at[Count.LOST], 0),
        "late": np.where(beyond(late, events, LATE_SHARE), late, 0),
        "duplicate": unordered["duplicate"],
        "out_of_order": unordered["out_of_order"],
        "spike": at[Count.SPIKES],
        "implausible": np.maximum(plain, 0),
        "crossed": at[Count.CROSSED],
        "inconsistent": np.maximum(at[Count.INCONSISTENT] - _named_otherwise(at), 0),
        "schema_break": np.where(broken, missing + odd, 0),
    }
