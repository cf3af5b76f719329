"""One blob of the tail: a batch as it came, kept in the file until its samples are in blocks."""

from __future__ import annotations

import struct
import zlib

import numpy as np

from bongsu.history.block import unseal
from bongsu.model.sample import Batch, Int32s

_HEAD = struct.Struct("<III")  # samples · samples in a tick · whether a tick's samples share its time
_CRC = struct.Struct("<I")
_EACH, _SHARED = 0, 1


def encode(batch: Batch) -> bytes:
    """A batch as one blob: the series of a tick, the times (one a tick, or each its own), the values as they are.

    Cheap to write rather than small: it lives an hour at most.
    """
    count, period = len(batch), period_of(batch.series)
    at = batch.at[::period]
    shared = period > 1 and np.array_equal(np.repeat(at, period), batch.at)
    head = _HEAD.pack(count, period, _SHARED if shared else _EACH)
    times = at if shared else batch.at
    parts = (head, batch.series[:period].tobytes(), times.tobytes(), batch.value.tobytes())
    crc = 0
    for part in parts:
        crc = zlib.crc32(part, crc)
    return b"".join((*parts, _CRC.pack(crc)))


def decode(data: bytes) -> Batch:
    """The batch a blob was made of.

    Raises:
        DamagedBlock: the bytes are not those that were written.
    """
    payload = unseal(data)
    count, period, kind = _HEAD.unpack_from(payload)
    offset = _HEAD.size
    series = np.frombuffer(payload, np.int32, period, offset)
    offset += 4 * period
    times = np.frombuffer(payload, np.int64, count // period if kind == _SHARED else count, offset)
    offset += 8 * len(times)
    return Batch(
        series=series if period == count else np.tile(series, count // period),
        at=np.repeat(times, period) if kind == _SHARED else times,
        value=np.frombuffer(payload, np.float64, count, offset),
    )


def bound(size: int) -> int:
    """Samples that blobs of `size` bytes hold at most."""
    return size // 8


def period_of(series: Int32s) -> int:
    """After how many samples the batch names the same series again, tick by tick; its length where it doesn't."""
    count = len(series)
    again = np.flatnonzero(series[1:] == series[0])
    period = int(again[0]) + 1 if len(again) else count
    if count % period or not np.array_equal(series[period:], series[:-period]):
        return count
    return period
