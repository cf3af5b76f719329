"""Values with few decimals as whole numbers: 12.34 is 1234 hundredths. Smaller, and read back twice as fast.

A form says how: 1–7 are 32-bit numbers of 10^-0 … 10^-6, 9–15 the same in 64 bits. A column is only kept so where
dividing gives back every bit of it, the sign of a negative nought included.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bongsu.model.sample import Float64s, Int64s

DECIMALS = 6
_WIDE = 8
_NARROW_MOST = 2.0**31 - 1
_WIDE_MOST = 2.0**53
"""Beyond it not every whole number is a float64."""
_PROBE = 16
"""Values that tell how many decimals to try on all."""
_NONE = -1
_ORDERS = 2
_PREFERRED = (1, 0, 2)
"""Orders as they are preferred where they are as good."""
_JUDGED = 1_024
"""Numbers, from the middle, that tell which differences are best."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scaled:
    """Whole numbers and the form that tells how to read them."""

    form: int
    numbers: NDArray[np.int32] | Int64s


def known(form: int) -> bool:
    """Whether a form is one of ours."""
    return 0 <= form % _WIDE - 1 <= DECIMALS and form < 2 * _WIDE


def scaled(value: Float64s) -> Scaled | None:
    """The column as whole numbers; None where that isn't exact."""
    if not len(value):
        return None
    most = max(float(value.max()), -float(value.min()))
    decimals = 0
    for part in (value[:_PROBE], value):
        found = _decimals(part, decimals, most)
        if found is None:
            return None
        decimals = found
    whole = np.rint(value * 10.0**decimals)
    if most * 10.0**decimals > _NARROW_MOST:
        return Scaled(form=decimals + 1 + _WIDE, numbers=whole.astype(np.int64))
    return Scaled(form=decimals + 1, numbers=whole.astype(np.int32))


def scaled_alike(values: NDArray[np.float64]) -> list[Scaled | None]:
    """The same for columns of one length (shape: columns × numbers), with a fraction of the calls into numpy."""
    most = np.maximum(values.max(axis=1), -values.min(axis=1))
    decimals = _decimals_of_each(values[:, :_PROBE], most)
    found: list[Scaled | None] = [None] * len(values)
    for tried in set(decimals.tolist()) - {_NONE}:
        rows = np.flatnonzero(decimals == tried)
        scale = 10.0**tried
        whole = np.rint(values[rows] * scale).astype(np.int64)
        exact = ((whole / scale).view(np.int64) == values[rows].view(np.int64)).all(axis=1)
        for row, numbers, is_exact in zip(rows.tolist(), whole, exact.tolist(), strict=True):
            if not is_exact:  # the first numbers had fewer decimals than others
                found[row] = scaled(values[row])
            elif most[row] * scale > _NARROW_MOST:
                found[row] = Scaled(form=tried + 1 + _WIDE, numbers=numbers)
            else:
                found[row] = Scaled(form=tried + 1, numbers=numbers.astype(np.int32))
    return found


def _decimals_of_each(probe: NDArray[np.float64], most: Float64s) -> NDArray[np.int64]:
    """The fewest decimals that hold the first values of each column exactly; `_NONE` where none do."""
    decimals = np.full(len(probe), _NONE)
    left = np.arange(len(probe))
    for tried in range(DECIMALS + 1):
        scale = 10.0**tried
        left = left[most[left] <= _WIDE_MOST / scale]
        some = probe[left]
        fits = (np.rint(some * scale) / scale == some).all(axis=1)
        decimals[left[fits]] = tried
        left = left[~fits]
    return decimals


def _decimals(value: Float64s, least: int, most: float) -> int | None:
    """The fewest decimals, from `least` on, that hold every value exactly."""
    bits = value.view(np.int64)
    for decimals in range(least, DECIMALS + 1):
        scale = 10.0**decimals
        if not most <= _WIDE_MOST / scale:
            return None
        # whole numbers on the way: a negative nought becomes a positive one, and is noticed
        if np.array_equal((np.rint(value * scale).astype(np.int64) / scale).view(np.int64), bits):
            return decimals
    return None


def is_narrow(form: int) -> bool:
    """Whether the whole numbers of this form have 32 bits."""
    return 0 < form < _WIDE


def decimals_of(form: int) -> int:
    """How many decimals the whole numbers of this form count."""
    return form % _WIDE - 1


def room(form: int, count: int) -> NDArray[np.int32] | Int64s:
    """An array for the whole numbers of a column."""
    return np.empty(count, np.int32) if form < _WIDE else np.empty(count, np.int64)


def restore(form: int, numbers: NDArray[np.int32] | Int64s, into: Float64s) -> None:
    """Fill `into` with the values."""
    np.divide(numbers, 10.0 ** decimals_of(form), out=into)


def order_of(column: NDArray[np.int32] | Int64s) -> int:
    """Which differences (0 none, 1 from number to number, 2 of those) of a column scatter least about their mean.

    Their mean itself costs nothing: what a counter grows by each second is a number around some other than nought.
    """
    if len(column) <= _ORDERS:
        return 1
    first = max(0, len(column) - _JUDGED) // 2
    numbers = column[first : first + _JUDGED].astype(np.float64)
    scatter = []
    for order in range(_ORDERS + 1):
        numbers = np.diff(numbers) if order else numbers
        scatter.append(float(np.abs(numbers - numbers.mean()).mean()))
    return min(_PREFERRED, key=scatter.__getitem__)


def orders_of(columns: Sequence[NDArray[np.int32] | Int64s]) -> list[int]:
    """The same for columns of one length."""
    length = len(columns[0])
    if length <= _ORDERS:
        return [1] * len(columns)
    first = max(0, length - _JUDGED) // 2
    numbers = np.array([column[first : first + _JUDGED] for column in columns], np.float64)
    scatter = np.empty((_ORDERS + 1, len(columns)))
    for order in range(_ORDERS + 1):
        numbers = np.diff(numbers) if order else numbers
        scatter[order] = np.abs(numbers - numbers.mean(axis=1, keepdims=True)).mean(axis=1)
    return [_PREFERRED[place] for place in scatter[list(_PREFERRED)].argmin(axis=0).tolist()]
