"""The points of a series as JSON text, written column by column: one digit group of all values, then the next.

A value is either a whole number of its last decimal (12.34 is 1234 hundredths), or gets so many digits that reading
it back gives the same float64. Shorter numbers are padded with blanks in front, which JSON allows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

import msgspec
import numpy as np
from numpy.typing import NDArray

from bongsu.model.sample import Float64s, Int64s

LEAST = 64
"""Points below which one by one is as quick."""
_PROBES = 3
_DECIMALS = 6
_EXACT = 2.0**53
_BITS = 54
"""Bits behind the binary point that values from 1/4 on have at most; times 5^4 they still fit into 64."""
_DIGITS = ((2.0**27, 8, 128), (2.0**14, 12, 128), (1.0, 16, 128), (0.25, 20, 16))
"""From which value on how many digits behind the point tell one float64 from the next: 10^-16 is less than 2^-53; and
one in how many values may be written by itself (0.6 µs; four more digits cost all others 4 ns each)."""
_GROUP = 10_000
_MILLISECONDS = (10**12, 10**13)
"""Times with 13 digits: the years 2001 to 2286."""
_HEAD = 15  # [1763778000000,

Characters: TypeAlias = NDArray[np.uint8]
_Codes: TypeAlias = NDArray[Any]


def _codes(characters: NDArray[Any], kind: type[np.unsignedinteger[Any]]) -> _Codes:
    return np.ascontiguousarray(characters, np.uint8).view(kind)[:, 0].copy()


_NUMBERS = np.arange(_GROUP, dtype=np.uint16)[:, None]
_FOUR = (_NUMBERS // np.array((1000, 100, 10, 1), np.uint16) % np.uint16(10) + np.uint16(ord("0"))).astype(np.uint8)
_BLANK = np.uint8(ord(" "))
_ZEROS = _codes(_FOUR, np.uint32)  # 0042
_FIRST = {digits: _ZEROS[:: 10 ** (4 - digits)].copy() for digits in (2, 3, 4)}  # 42 → 4200
_PADDED = {
    4: _codes(np.where(_NUMBERS >= (1000, 100, 10, 0), _FOUR, _BLANK), np.uint32),  # with blanks instead
    2: _codes(np.where(_NUMBERS >= (10, 0), _FOUR[:, 2:], _BLANK)[:100], np.uint16),
    1: _codes(_FOUR[:10, 3:], np.uint8),
}
_BLANK_ZERO = {
    width: np.concatenate([np.frombuffer(b" " * width, codes.dtype), codes[1:]]) for width, codes in _PADDED.items()
}
_END = np.frombuffer(b"],", np.uint16)[0]


def points_text(at: Int64s, value: Float64s) -> bytes | memoryview:
    """`[ms,value],[ms,value]…`."""
    if _by_columns_pays(at):
        text = by_columns(at, value)
        if text is not None:
            return text[:-1]
    return msgspec.json.encode(list(zip(at.tolist(), value.tolist(), strict=True)))[1:-1]


def points_texts(at: Int64s, values: Sequence[Float64s]) -> list[bytes | memoryview]:
    """The same for curves with the same times, in one go: numpy's own cost a call is then paid once for all."""
    if len(values) > 1 and _by_columns_pays(at):
        text = by_columns(at, np.concatenate(values))
        if text is not None:
            length = len(text) // len(values)
            return [text[begin : begin + length - 1] for begin in range(0, len(text), length)]
    return [points_text(at, value) for value in values]


def _by_columns_pays(at: Int64s) -> bool:
    return len(at) >= LEAST and bool(_MILLISECONDS[0] <= at[0] and at[-1] < _MILLISECONDS[1])


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where things stand in a point's text."""

    lead: int
    """Characters of the first group of the whole part: 1, 2 or 4."""
    groups: int
    """Further groups of four digits before the decimal point."""
    mixed: bool
    """Whether some values have no digits in the first group."""
    fraction: int
    """Digits behind the decimal point."""

    @property
    def point(self) -> int:
        return _HEAD + self.lead + 4 * self.groups

    @property
    def width(self) -> int:
        return self.point + 1 + self.fraction + 2


def by_columns(at: Int64s, value: Float64s) -> memoryview | None:
    """Points, each with a comma behind it; the times are those of as many curves as there are values for.

    None where the values are of a kind that is written one by one: negative, tiny or huge.
    """
    least, most = float(value.min()), float(value.max())
    if not (least >= 0.0 and most < _EXACT) or (least == 0.0 and bool(np.signbit(value).any())):
        return None
    decimals = _decimals(value, most)
    if decimals is None:
        return _as_float(at, value, least, most)
    return _as_decimal(at, value, decimals, least, most)


def _decimals(value: Float64s, most: float) -> int | None:
    """How many decimals hold every value exactly, judged by some first; None where it takes more than six."""
    found = 0
    for probe in value[:: max(1, (len(value) - 1) // _PROBES)].tolist():
        digits = repr(probe).partition(".")[2]
        if not digits.isdigit() or len(digits) > _DECIMALS:
            return None
        found = max(found, 0 if digits == "0" else len(digits))
    for decimals in range(found, _DECIMALS + 1):
        scale = 10.0**decimals
        if most * scale < _EXACT and np.array_equal(np.rint(value * scale) / scale, value):
            return decimals
    return None


def _as_decimal(at: Int64s, value: Float64s, decimals: int, least: float, most: float) -> memoryview:
    shown = decimals if decimals in (0, 2, 3, 4, 6) else decimals + 1  # a cut group must not reach the next point
    layout = _layout(least, most, shown or 1)
    numbers = np.rint(value * 10.0**decimals).astype(np.int64)
    if shown > decimals:
        numbers *= 10
    rows = _rows(at, layout, len(value) // len(at))
    if not shown:
        _put_whole(rows, layout, numbers)
        return rows.data
    whole = numbers // 10**shown
    rest = numbers - whole * 10**shown
    _put_whole(rows, layout, whole)
    if shown > 4:
        high = rest // 10 ** (shown - 4)
        _column(rows, layout, layout.point + 1, np.uint32)[:] = _ZEROS.take(high)
        rest = (rest - high * 10 ** (shown - 4)) * 10 ** (8 - shown)
        _column(rows, layout, layout.point + 5, np.uint32)[:] = _ZEROS.take(rest)
    else:
        _column(rows, layout, layout.point + 1, np.uint32)[:] = _FIRST[shown].take(rest)
    _column(rows, layout, layout.width - 2, np.uint16)[:] = _END
    return rows.data


def _as_float(at: Int64s, value: Float64s, least: float, most: float) -> memoryview | None:
    chosen = _digits(value, least)
    if chosen is None:
        return None
    digits, small = chosen
    layout = _layout(least, most, digits)
    rows = _rows(at, layout, len(value) // len(at))
    whole = value.astype(np.int64)
    _put_whole(rows, layout, whole)
    rest, bits = ((value - whole) * 2.0**_BITS).astype(np.uint64), _BITS
    for place in range(layout.point + 1, layout.point + 1 + digits, 4):
        bits -= 4  # 10^4 is 5^4 · 2^4
        rest *= np.uint64(625)
        _column(rows, layout, place, np.uint32)[:] = _ZEROS.take((rest >> np.uint64(bits)).view(np.int64))
        rest &= np.uint64((1 << bits) - 1)
    room = layout.width - 2 - _HEAD
    for row in small:
        text = repr(float(value[row])).encode()
        if len(text) > room:
            return None
        start = row * layout.width + _HEAD
        rows.data[start : start + room] = text.rjust(room)
    return rows.data


def _digits(value: Float64s, least: float) -> tuple[int, list[int]] | None:
    """Digits behind the point that tell all values, and the few too small for that, which are written one by one."""
    for bound, digits, few in _DIGITS:
        if least >= bound:
            return digits, []
        if value[len(value) // 2] < bound:
            continue
        small = np.flatnonzero((value < bound) & (value > 0))
        if len(small) * few <= len(value):
            return digits, small.tolist()
    return None


def _layout(least: float, most: float, fraction: int) -> _Layout:
    length = len(str(int(most)))
    groups = (length - 1) // 4
    lead = length - 4 * groups
    return _Layout(lead if lead < 3 else 4, groups, groups > 0 and least < 10 ** (4 * groups), fraction)


def _put_whole(rows: Characters, layout: _Layout, whole: Int64s) -> None:
    for group in range(layout.groups):
        higher = whole // _GROUP
        part = whole - higher * _GROUP
        codes = _ZEROS.take(part)
        if layout.mixed:
            codes = np.where(higher > 0, codes, (_BLANK_ZERO if group else _PADDED)[4][part])
        _column(rows, layout, layout.point - 4 * (group + 1), np.uint32)[:] = codes
        whole = higher
    lead = (_BLANK_ZERO if layout.mixed else _PADDED)[layout.lead]
    _column(rows, layout, _HEAD, lead.dtype)[:] = lead.take(whole)


def _column(rows: Characters, layout: _Layout, place: int, kind: Any) -> _Codes:
    """Some characters of every point, as one number each."""
    width = layout.width
    return np.ndarray((len(rows) // width,), kind, rows.data, place, (width,))


def _rows(at: Int64s, layout: _Layout, curves: int) -> Characters:
    """All points with their times, the values still blank."""
    start, step, count = int(at[0]), int(at[1] - at[0]), len(at)
    even = int(at[-1]) - start == step * (count - 1) and bool((at[1:] - at[:-1] == step).all())
    grid = _grid(start, step, count, layout) if even else _timed(at, layout)
    rows = np.empty((curves, len(grid)), np.uint8)
    rows[:] = grid
    return rows.reshape(-1)


@lru_cache(8)
def _grid(start: int, step: int, count: int, layout: _Layout) -> Characters:
    """The same for times at an even pace: charts of one screen share them."""
    return _timed(np.arange(start, start + step * count, step, dtype=np.int64), layout)


def _timed(at: Int64s, layout: _Layout) -> Characters:
    row = b"[             ,".ljust(layout.point, b" ") + b"." + b"0" * layout.fraction + b"],"
    rows = np.frombuffer(bytearray(row * len(at)), np.uint8)
    for place in (10, 6, 2):
        higher = at // _GROUP
        _column(rows, layout, place, np.uint32)[:] = _ZEROS[at - higher * _GROUP]
        at = higher
    _column(rows, layout, 1, np.uint8)[:] = _PADDED[1][at]
    return rows
