"""One block: a stretch of one series' samples, compressed; and columns of numbers in general.

    block  = kind (0 times are evenly spaced, 1 they follow as a column) · [column of times] · column of values · crc32
    column = length (24 bits) · form (8 bits) · what pcodec made of it

Times at an even pace cost nothing. Values with few decimals are kept as whole numbers of their last decimal wherever
that gives back every bit (`scaling.py`); form 0 holds the numbers as they are.
"""

from __future__ import annotations

import struct
import zlib
from functools import cache
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from pcodec import ChunkConfig, DeltaSpec, standalone

from bongsu.history import scaling
from bongsu.model.sample import Float64s, Int64s

_LENGTH = struct.Struct("<I")
_COUNTS = struct.Struct("<II")
_CRC = struct.Struct("<I")
_CRC_PART = 5_120
_FORM = 24
_SIZE = (1 << _FORM) - 1
_USUAL = 16
"""The form of counts; see `pack_counts`."""
_EVEN = b"\x00"
_UNEVEN = b"\x01"
_Column = TypeVar("_Column", bound=NDArray[Any])

LEVEL = 8
"""pcodec's own default; level 4 halves the encoding time at 2 % more bytes."""


class DamagedBlock(Exception):
    """A block's bytes are not those that were written."""


def seal(payload: bytes) -> bytes:
    """The payload with its checksum behind it."""
    return payload + _CRC.pack(zlib.crc32(payload))


def unseal(data: bytes) -> memoryview:
    """The payload of a sealed block.

    Raises:
        DamagedBlock: the checksum doesn't fit.
    """
    payload = memoryview(data)[:-4]
    if len(data) < 5 or _CRC.unpack_from(data, len(data) - 4)[0] != _crc(payload):
        raise DamagedBlock(f"a block of {len(data)} bytes doesn't fit its checksum")
    return payload


def _crc(payload: memoryview) -> int:
    """In parts of 5 KiB, for which zlib keeps the interpreter's lock: handing it over costs ten times the sum."""
    crc = 0
    for begin in range(0, len(payload), _CRC_PART):
        crc = zlib.crc32(payload[begin : begin + _CRC_PART], crc)
    return crc


def pack(column: NDArray[Any], level: int = LEVEL) -> bytes:
    """One column with its length in front."""
    return _packed(column, 0, ChunkConfig(compression_level=level))


def pack_counts(column: NDArray[np.uint32]) -> bytes:
    """A column of counts, of which most are the same: that one and where others stand, if these are few."""
    usual = column[len(column) // 2]
    others = np.flatnonzero(column != usual).astype(np.uint32)
    if len(others) > max(2, len(column) // 64):
        return pack(column)
    data = usual.tobytes() + others.tobytes() + column[others].tobytes()
    return bytes(_LENGTH.pack(len(data) | _USUAL << _FORM) + data)


def unpack_counts(payload: memoryview, offset: int, length: int) -> Float64s:
    """So many counts from the column at `offset`.

    Raises:
        DamagedBlock: the column can't be read or is of another length.
    """
    (head,) = _LENGTH.unpack_from(payload, offset)
    if head >> _FORM != _USUAL:
        counts = np.empty(length, np.uint32)
        unpack(payload, offset, counts)
        return counts.astype(np.float64)
    numbers = np.frombuffer(payload[offset + 4 : offset + 4 + (head & _SIZE)], np.uint32)
    into = np.full(length, numbers[0], np.float64)
    others = len(numbers) // 2
    into[numbers[1 : 1 + others]] = numbers[1 + others :]
    return into


def only_count(payload: memoryview, offset: int) -> int | None:
    """The one number that all counts in the column at `offset` are; None where it isn't one alone."""
    head, usual = _COUNTS.unpack_from(payload, offset)
    return int(usual) if head == 4 | _USUAL << _FORM else None


def pack_whole(column: NDArray[np.int32] | Int64s, *, form: int = 0, level: int = LEVEL) -> bytes:
    """A column of whole numbers, as differences of the order that makes them smallest.

    Naming the order spares pcodec the search for it, which is most of what compressing costs.
    """
    return _packed(column, form, _by_differences(scaling.order_of(column), level))


@cache
def _by_differences(order: int, level: int) -> ChunkConfig:
    spec = DeltaSpec.try_consecutive(order) if order else DeltaSpec.no_op()
    return ChunkConfig(compression_level=level, delta_spec=spec)


def pack_values(value: Float64s, level: int = LEVEL) -> bytes:
    """A column of values: as whole numbers where that is exact, else as they are."""
    scaled = scaling.scaled(value)
    return pack(value, level) if scaled is None else pack_whole(scaled.numbers, form=scaled.form, level=level)


def _pack_values_alike(values: NDArray[np.float64], level: int) -> list[bytes]:
    """Columns of values of one length (shape: columns × values)."""
    scaled = scaling.scaled_alike(values)
    whole = [one.numbers for one in scaled if one is not None]
    orders = iter(scaling.orders_of(whole) if whole else ())
    return [
        pack(value, level) if one is None else _packed(one.numbers, one.form, _by_differences(next(orders), level))
        for one, value in zip(scaled, values, strict=True)
    ]


def _packed(column: NDArray[Any], form: int, config: ChunkConfig) -> bytes:
    data: bytes = standalone.simple_compress(np.ascontiguousarray(column), config)
    return _LENGTH.pack(len(data) | form << _FORM) + data


def unpack(payload: memoryview, offset: int, into: NDArray[Any]) -> int:
    """Fill `into` from the column at `offset`; returns where the next one starts.

    Raises:
        DamagedBlock: the column can't be read or is of another length.
    """
    (head,) = _LENGTH.unpack_from(payload, offset)
    end: int = offset + 4 + (head & _SIZE)
    data, form = bytes(payload[offset + 4 : end]), head >> _FORM
    if form == 0:
        _decompress(data, into)
        return end
    if not scaling.known(form):
        raise DamagedBlock(f"a column is of form {form}, which this program doesn't know")
    numbers = scaling.room(form, len(into))
    _decompress(data, numbers)
    scaling.restore(form, numbers, into)
    return end


def form_of(payload: memoryview, offset: int) -> int:
    """The form of the column at `offset`."""
    return int(_LENGTH.unpack_from(payload, offset)[0]) >> _FORM


def packed_at(payload: memoryview, offset: int) -> memoryview:
    """What pcodec made of the column at `offset`."""
    (head,) = _LENGTH.unpack_from(payload, offset)
    return payload[offset + 4 : offset + 4 + (head & _SIZE)]


def joined(packed: list[memoryview]) -> bytes:
    """Columns of one kind of numbers as one, to be unpacked in one stroke.

    A file of pcodec is a head, chunks that each tell their own length, and an end: chunks of several files with the
    same kind of numbers are one file too.

    Raises:
        DamagedBlock: a column isn't such a file.
    """
    first = packed[0]
    chunks = [data[_chunk_of(data) : -1] for data in packed]
    return b"".join([first[: _chunk_of(first)], *chunks, first[-1:]])


def unpack_joined(packed: bytes, into: NDArray[np.int32]) -> None:
    """Fill `into` with the whole numbers of columns that were joined, one after the other.

    Raises:
        DamagedBlock: a column can't be read, or all together are of another length.
    """
    _decompress(packed, into)


def _chunk_of(data: memoryview) -> int:
    """Where the first chunk of pcodec's standalone format (version 3) starts.

    Magic (4 bytes), version, type of all chunks; then bit by bit how long the next number is (6 bits, less 1) and how
    many numbers there may be; from the next whole byte on the version of what is inside (2 bytes).
    """
    if len(data) < 10 or bytes(data[:5]) != b"pco!\x03":
        raise DamagedBlock("a column is of a version of pcodec that this program doesn't know")
    return 6 + (6 + (data[6] & 63) + 1 + 7) // 8 + 2


def _decompress(data: bytes, into: NDArray[Any]) -> None:
    try:
        progress = standalone.simple_decompress_into(data, into)
    except (RuntimeError, TypeError, ValueError) as error:
        raise DamagedBlock(f"a column can't be read: {error}") from error
    if progress.n_processed != len(into):
        raise DamagedBlock(f"a column holds {progress.n_processed} values instead of {len(into)}")


def skip(payload: memoryview, offset: int) -> int:
    """Where the column behind the one at `offset` starts."""
    return offset + 4 + (int(_LENGTH.unpack_from(payload, offset)[0]) & _SIZE)


def pack_times(at: Int64s, level: int = LEVEL) -> bytes:
    """Ascending times as a kind byte and, unless they are evenly spaced, a column."""
    if len(at) < 2:
        return _EVEN
    gaps = np.diff(at)
    if int(gaps[0]) == int(gaps[-1]) and bool((gaps == gaps[0]).all()):
        return _EVEN
    return _UNEVEN + pack_whole(at, level=level)


def unpack_times(payload: memoryview, into: Int64s, start: int, last: int) -> int:
    """Fill `into` with the block's times; returns where the next column starts."""
    if payload[0] == 0:
        pace = (last - start) // (len(into) - 1) if len(into) > 1 else 1
        into[:] = np.arange(start, start + pace * len(into), pace, dtype=np.int64)
        return 1
    return unpack(payload, 1, into)


def encode(at: Int64s, value: Float64s, level: int = LEVEL) -> bytes:
    """A block of samples with strictly ascending times. Count, first and last time are kept beside it."""
    return seal(pack_times(at, level) + pack_values(value, level))


def encode_alike(at: Int64s, values: NDArray[np.float64], level: int = LEVEL) -> list[bytes]:
    """Blocks of series that have their samples at the same times (shape of the values: series × times)."""
    times = pack_times(at, level)
    return [seal(times + column) for column in _pack_values_alike(values, level)]


def decode(data: bytes, at: Int64s, value: Float64s, start: int, last: int) -> None:
    """Fill `at` and `value`, whose length is the block's count.

    Raises:
        DamagedBlock: the bytes are not those that were written.
    """
    payload = unseal(data)
    offset = unpack_times(payload, at, start, last)
    unpack(payload, offset, value)


def is_even(data: bytes | memoryview, offset: int = 0) -> bool:
    """Whether the times at `offset` are evenly spaced, so that start, last time and count tell them all."""
    return len(data) > offset and data[offset] == _EVEN[0]


def decode_even(data: bytes, value: Float64s) -> None:
    """Fill `value` from a block with evenly spaced times.

    Raises:
        DamagedBlock: the bytes are not those that were written.
    """
    unpack(unseal(data), 1, value)
