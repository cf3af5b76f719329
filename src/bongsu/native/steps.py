"""Samples gathered by step."""

from __future__ import annotations

import ctypes
import struct
from array import array
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from bongsu.model.sample import Float64s
from bongsu.native.library import function, library

KINDS: Final = {"low": 0, "high": 1, "total": 2, "count": 3, "last": 4}
"""The columns that steps may have, as the library numbers them."""
DOUBLES: Final = 0
WHOLE: Final = 1
SCALED: Final = 2
"""How numbers lie in memory: as doubles, as 64-bit whole numbers, as 32-bit ones (then tenths, hundredths …)."""

Operand: TypeAlias = tuple[int, int, float]
"""Where numbers lie (an address) and how (a form); or nowhere, and the one number that all of them are."""
ONE: Final[Operand] = (0, 0, 1.0)

_WHOLE_NUMBER, _NUMBER, _PLACE = ctypes.c_int64, ctypes.c_double, ctypes.c_void_p
PIECE = struct.Struct("<qqqdqqd")
FOUND = 4
"""Numbers that are told of a series' tail."""


class TailMemory(ctypes.Structure):
    """Where the tail has its samples: addresses, and how many series there are."""

    _fields_ = (
        ("value", _PLACE),
        ("at", _PLACE),
        ("next", _PLACE),
        ("cursor", _PLACE),
        ("head", _PLACE),
        ("used", _PLACE),
        ("size", _WHOLE_NUMBER),
    )


class _Columns(ctypes.Structure):
    _fields_ = (
        ("starts", _PLACE),
        ("first", _PLACE),
        ("second", _PLACE),
        ("room", _WHOLE_NUMBER),
        ("filled", _WHOLE_NUMBER),
        ("kinds", _WHOLE_NUMBER * 2),
    )


class Columns:
    """Room for steps: their starts (UTC ms) and two columns, as far as they are `filled`."""

    def __init__(self, room: int) -> None:
        self.starts = np.empty(room, np.int64)
        self.values = np.empty((2, room))
        first, self.starts_address = address(self.values), address(self.starts)
        self.addresses = (first, first + 8 * room)
        """Where the two columns begin."""
        self.places = (*self.addresses, self.starts_address)
        self._raw = _Columns(starts=self.starts_address, first=first, second=first + 8 * room, room=room)
        self.address = ctypes.addressof(self._raw)
        """Where the library finds them."""

    @property
    def filled(self) -> int:
        """How many steps there are."""
        filled: int = self._raw.filled
        return filled


class TailSteps(NamedTuple):
    """How many steps a series' unsealed samples make: -1 where a sample came late or there was no room, 0 where there
    is no sample. The starts (UTC ms) of the first and last step, and when the first sample was taken."""

    steps: int
    first: int
    last: int
    oldest: int


class Tails:
    """The steps of some series' unsealed samples: how many each has; and all, one after the other, in columns."""

    def __init__(self, series: Sequence[int], columns: Columns) -> None:
        self.columns = columns
        self.filled = 0
        """How many steps there are."""
        self.series, self.found = array("q", series), array("q", bytes(8 * FOUND * len(series)))
        """The series' ids; what was found of each, as in `TailSteps`."""

    def each(self) -> list[TailSteps]:
        """Series by series."""
        told = iter(self.found)
        return [TailSteps(*four) for four in zip(told, told, told, told, strict=True)]


class _Functions(NamedTuple):
    tail_steps: Callable[..., int]
    strides: Callable[..., int]
    join: Callable[..., int]


@cache
def _functions() -> _Functions | None:
    found = library()
    if found is None:
        return None
    strides = found.bongsu_strides  # takes a float, which `function` doesn't pass on
    strides.argtypes = (_PLACE, *(_WHOLE_NUMBER,) * 4, _NUMBER, _PLACE)
    strides.restype = _WHOLE_NUMBER
    return _Functions(function("bongsu_tail_steps"), strides, function("bongsu_join"))


def available() -> bool:
    """Whether there is a library; without it nothing else here may be called."""
    return _functions() is not None


def _needed() -> _Functions:
    functions = _functions()
    if functions is None:
        raise RuntimeError("bongsu.native wasn't built: ask available() first")
    return functions


def address(array: NDArray[Any]) -> int:
    """Where an array's first number lies; the array must outlive its use.

    Raises:
        ValueError: its numbers don't lie behind each other.
    """
    if not array.flags.c_contiguous:
        raise ValueError(f"an array of shape {array.shape} with strides {array.strides} isn't in one stretch")
    place: int = array.__array_interface__["data"][0]
    return place


@cache
def kinds_of(names: tuple[str, ...]) -> tuple[int, int, int]:
    """How many columns, and of which kinds the first and the last are."""
    return len(names), KINDS[names[0]], KINDS[names[-1]]


def tail_steps(tail: int, series: Sequence[int], width: int, names: tuple[str, ...], columns: Columns) -> Tails:
    """Fill the columns with the steps (of `width` ms) of some series' unsealed samples, series after series.

    The tail (the address of its `TailMemory`) must not change meanwhile.
    """
    tails, (_, *kinds) = Tails(series, columns), kinds_of(names)
    gather = _needed().tail_steps
    tails.filled = gather(tail, tails.series, len(series), width, columns.address, *kinds, tails.found)
    return tails


def strides(numbers: NDArray[np.int32], head: int, stride: int, name: str, scale: float) -> Float64s:
    """One column of steps out of whole numbers at an even pace, divided by `scale`.

    `head` of them are the first step, `stride` each other but for the last, which may be shorter.
    """
    count = len(numbers)
    steps = 0 if not count else 1 if head >= count else 1 - (head - count) // stride
    out = np.empty(steps)
    _needed().strides(address(numbers), count, head, stride, KINDS[name], scale, address(out))
    return out


def piece(count: int, over: Operand, under: Operand) -> bytes:
    """A stretch of a curve for `join`: so many numbers, each divided by another."""
    return PIECE.pack(count, *over, *under)


def join(pieces: bytes | int, count: int, length: int) -> Float64s:
    """So many pieces (or the address where they lie) one after the other, `length` numbers in all."""
    out = np.empty(length)
    _needed().join(pieces, count, address(out))
    return out
