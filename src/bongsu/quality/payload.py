"""What an event says, as one number: equal events have equal ones."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np

from bongsu.model.event import Field, UInt64s

_MULTIPLIERS = np.array(
    [(0x9E3779B97F4A7C15 * (2 * i + 1) + (i << 33)) & 0xFFFFFFFFFFFFFFFF | 1 for i in range(64)], np.uint64
)
_FINAL = np.uint64(0xD6E8FEB86659FD93)
_HALF = np.uint64(32)


def payloads(fields: Mapping[str, Field], count: int, *, without: Collection[str] = ()) -> UInt64s:
    """A hash of all fields of each event but those in `without`; the order of the fields doesn't matter."""
    total = np.zeros(count, np.uint64)
    with np.errstate(over="ignore"):
        for name, one in fields.items():
            if name not in without:
                value = one.value + 0.0  # makes -0.0 equal 0.0, and leaves the batch's own column alone
                bits = value.view(np.uint64)
                bits *= _multiplier(name)
                bits ^= bits >> _HALF
                total += bits
    return mixed(total)


def mixed(values: UInt64s) -> UInt64s:
    """The values with their bits spread over the whole word."""
    with np.errstate(over="ignore"):
        spread: UInt64s = (values ^ (values >> _HALF)) * _FINAL
        return spread ^ (spread >> _HALF)


def _multiplier(name: str) -> np.uint64:
    return np.uint64(_MULTIPLIERS[sum(name.encode()) % 64]) + np.uint64(2 * len(name))
