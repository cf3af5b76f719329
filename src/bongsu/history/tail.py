"""The tail: samples that are in no block yet, by series, in memory; and the blobs that keep them in the file.

All samples live in two long arrays cut into pages of 64. A series has a chain of pages and a cursor; a batch
goes in with a handful of numpy operations however many series it touches. The arrays are reserved once
and only pages in use cost memory.
"""

from __future__ import annotations

import struct
import threading
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bongsu.model.sample import Batch, Float64s, Int32s, Int64s

PAGE = 64
_SHIFT = 6
_NONE = -1
_HEAD = struct.Struct("<Iq")  # samples · time of all of them, or _EACH when each has its own
_EACH = -1
_NO_TIMES = np.empty(0, np.int64)
_NO_VALUES = np.empty(0, np.float64)


def encode(batch: Batch) -> bytes:
    """A batch as one blob: counts, then the columns as they are. Cheap to write; it lives an hour at most."""
    first = int(batch.at[0])
    if bool((batch.at == first).all()) and first != _EACH:
        return b"".join((_HEAD.pack(len(batch), first), batch.series.tobytes(), batch.value.tobytes()))
    return b"".join((_HEAD.pack(len(batch), _EACH), batch.series.tobytes(), batch.at.tobytes(), batch.value.tobytes()))


def decode(data: bytes) -> Batch:
    """The batch a blob was made of.

    Raises:
        ValueError: the blob is shorter than it says.
    """
    count, at = _HEAD.unpack_from(data)
    offset = _HEAD.size
    series = np.frombuffer(data, np.int32, count, offset)
    offset += 4 * count
    if at == _EACH:
        times = np.frombuffer(data, np.int64, count, offset)
        offset += 8 * count
    else:
        times = np.full(count, at, np.int64)
    return Batch(series=series, at=times, value=np.frombuffer(data, np.float64, count, offset))


@dataclass(frozen=True, slots=True, kw_only=True)
class Detached:
    """A series' samples taken out for sealing; queries still see them until they are released.

    `first` is the oldest blob that holds one of them; every blob up to `upto` is covered.
    """

    series: int
    pages: NDArray[np.int32]
    count: int
    first: int
    upto: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A series' unsealed samples at one moment; the first `detached` of them are being sealed up to blob `upto`."""

    at: Int64s
    value: Float64s
    detached: int
    upto: int

    def since(self, sealed: int) -> tuple[Int64s, Float64s]:
        """The samples that are in no block, where blobs up to `sealed` are."""
        if self.detached and sealed >= self.upto:
            return self.at[self.detached :], self.value[self.detached :]
        return self.at, self.value


class Tail:
    """Unsealed samples of all series. Filled by the writer, read by whoever queries; safe between threads."""

    def __init__(self, capacity: int) -> None:
        """`capacity` bounds the samples, at 16 bytes each; a page belongs to one series alone."""
        pages = max(1, capacity >> _SHIFT)
        self._value = np.empty(pages << _SHIFT, np.float64)
        self._at = np.empty(pages << _SHIFT, np.int64)
        self._next = np.empty(pages, np.int32)
        self._free = np.arange(pages - 1, -1, -1, dtype=np.int32)
        self._free_count = pages
        self._detached: dict[int, Detached] = {}
        self._lock = threading.Lock()
        self.seq = 0
        """The newest blob taken in."""
        self._size = 0
        self._resize(1024)

    def _resize(self, size: int) -> None:
        old, self._size = self._size, size
        columns = (
            ("_cursor", np.int64),
            ("_head", np.int32),
            ("fill", np.int32),
            ("_first", np.int64),
            ("born", np.int64),
        )
        for name, kind in columns:
            grown = np.zeros(size, kind)
            if old:
                grown[:old] = getattr(self, name)
            setattr(self, name, grown)

    _cursor: Int64s  # one past the newest sample; 0 where there is none
    _head: Int32s
    _first: Int64s
    fill: Int32s
    """Samples of each series (by id) that may be detached."""
    born: Int64s
    """When (ms) the oldest of these came."""

    def holds(self) -> int:
        """Samples that the pages in use could hold."""
        return (len(self._next) - self._free_count) << _SHIFT

    def capacity(self) -> int:
        """Samples that all pages could hold."""
        return len(self._next) << _SHIFT

    def has_room(self, batch: Batch) -> bool:
        """Whether the batch surely fits: each sample might need a page, but no more than its series and length ask."""
        return self._free_count >= min(len(batch), (len(batch) >> _SHIFT) + len(self.fill))

    def push(self, batch: Batch, *, seq: int, now: int) -> None:
        """Take in a batch that has been written as blob `seq` at `now` (ms); `has_room` was asked before."""
        with self._lock:
            top = int(batch.series.max())
            if top >= self._size:
                self._resize(max(top + 1, 2 * self._size))
            self.seq = seq
            if self._distinct(batch.series):
                self._push_distinct(batch, seq, now)
            else:
                self._push_runs(batch, seq, now)

    def _distinct(self, series: Int32s) -> bool:
        if len(series) > self._size:
            return False
        mark = np.empty(self._size, np.int32)
        order = np.arange(len(series), dtype=np.int32)
        mark[series] = order
        return bool((mark[series] == order).all())

    def _push_distinct(self, batch: Batch, seq: int, now: int) -> None:
        ids = batch.series
        where = self._cursor[ids]
        full = (where & (PAGE - 1)) == 0
        if full.any():
            self._open_pages(ids[full], seq, now)
            where = self._cursor[ids]
        self._value[where] = batch.value
        self._at[where] = batch.at
        where += 1
        self._cursor[ids] = where
        self.fill[ids] += 1

    def _open_pages(self, ids: Int32s, seq: int, now: int) -> None:
        """Give each of these series a new page and set its cursor on it."""
        pages = self._take(len(ids))
        cursor = self._cursor[ids]
        fresh = cursor == 0
        self._next[(cursor[~fresh] - 1) >> _SHIFT] = pages[~fresh]
        self._begin(ids[fresh], pages[fresh], seq, now)
        self._cursor[ids] = pages.astype(np.int64) << _SHIFT

    def _begin(self, ids: Int32s, pages: Int32s, seq: int, now: int) -> None:
        self._head[ids] = pages
        self._first[ids] = seq
        self.born[ids] = now

    def _take(self, count: int) -> Int32s:
        self._free_count -= count
        return self._free[self._free_count : self._free_count + count].copy()

    def _push_runs(self, batch: Batch, seq: int, now: int) -> None:
        """The general way: a series may occur many times, its samples keep their order."""
        order = np.argsort(batch.series, kind="stable")
        ids, starts, counts = np.unique(batch.series[order], return_index=True, return_counts=True)
        cursor = self._cursor[ids]
        offset = ((cursor - 1) & (PAGE - 1)) + 1  # PAGE where the present page is full or there is none
        needed = (offset + counts - 1) >> _SHIFT
        base = np.cumsum(needed) - needed
        pages = self._take(int(needed.sum()))
        self._chain(ids, cursor, pages, base, needed, seq, now)
        position = np.repeat(offset - starts, counts) + np.arange(len(order))
        ordinal = position >> _SHIFT
        page = np.repeat((cursor - 1) >> _SHIFT, counts)
        later = ordinal > 0
        page[later] = pages[(np.repeat(base, counts) + ordinal - 1)[later]]
        where = (page << _SHIFT) + (position & (PAGE - 1))
        self._value[where] = batch.value[order]
        self._at[where] = batch.at[order]
        self._cursor[ids] = where[starts + counts - 1] + 1
        self.fill[ids] += counts.astype(np.int32)

    def _chain(
        self, ids: Int32s, cursor: Int64s, pages: Int32s, base: Int64s, needed: Int64s, seq: int, now: int
    ) -> None:
        if not len(pages):
            return
        grows = needed > 0
        self._next[pages[:-1]] = pages[1:]  # what runs over into the next series is never followed: counts end a chain
        first = pages[base[grows]]
        old = cursor[grows]
        fresh = old == 0
        self._next[(old[~fresh] - 1) >> _SHIFT] = first[~fresh]
        self._begin(ids[grows][fresh], first[fresh], seq, now)

    def _pages(self, head: int, count: int) -> Int32s:
        pages = np.empty((count + PAGE - 1) >> _SHIFT, np.int32)
        page = head
        for i in range(len(pages)):
            pages[i] = page
            page = self._next[page]
        return pages

    def _read(self, pages: Int32s, count: int) -> tuple[Int64s, Float64s]:
        at = self._at.reshape(-1, PAGE)[pages].reshape(-1)[:count]
        value = self._value.reshape(-1, PAGE)[pages].reshape(-1)[:count]
        return at, value

    def detach(self, series: int) -> Detached | None:
        """Take a series' samples out for sealing; None where there are none or some are out already."""
        with self._lock:
            count = int(self.fill[series])
            if not count or series in self._detached:
                return None
            taken = Detached(
                series=series,
                pages=self._pages(int(self._head[series]), count),
                count=count,
                first=int(self._first[series]),
                upto=self.seq,
            )
            self._detached[series] = taken
            self._cursor[series] = self.fill[series] = 0
            return taken

    def samples(self, taken: Detached) -> tuple[Int64s, Float64s]:
        """What was detached, in the order it came."""
        return self._read(taken.pages, taken.count)

    def release(self, taken: Detached) -> None:
        """Let go of what is now in a block."""
        with self._lock:
            del self._detached[taken.series]
            count = len(taken.pages)
            self._free[self._free_count : self._free_count + count] = taken.pages
            self._free_count += count

    def detached(self) -> list[Detached]:
        """What is out for sealing."""
        with self._lock:
            return list(self._detached.values())

    def snapshot(self, series: int) -> Snapshot:
        """A series' unsealed samples in the order they came, detached ones first."""
        with self._lock:
            at, value, detached, upto = _NO_TIMES, _NO_VALUES, 0, 0
            taken = self._detached.get(series)
            if taken is not None:
                at, value = self._read(taken.pages, taken.count)
                detached, upto = taken.count, taken.upto
            count = int(self.fill[series]) if series < self._size else 0
            if count:
                newer_at, newer = self._read(self._pages(int(self._head[series]), count), count)
                at = np.concatenate([at, newer_at]) if detached else newer_at
                value = np.concatenate([value, newer]) if detached else newer
        return Snapshot(at=at, value=value, detached=detached, upto=upto)

    def has(self, series: int) -> bool:
        """Whether the series has unsealed samples."""
        with self._lock:
            return series in self._detached or (series < self._size and self.fill[series] > 0)

    def oldest(self) -> int:
        """The oldest blob that is still needed; one past the newest where none is."""
        with self._lock:
            waiting = self._first[self.fill > 0]
            oldest = int(waiting.min()) if len(waiting) else self.seq + 1
            return min([oldest, *(taken.first for taken in self._detached.values())])

    def restated(self) -> dict[int, Batch]:
        """All unsealed samples as few blobs by number: what a new file is started with when the old one is damaged.

        Detached samples stand under the oldest number they had, the others under the newest, so that they are
        covered, and dropped, as their former blobs would have been.
        """
        with self._lock:
            out = list(self._detached.values())
            waiting = [int(i) for i in np.flatnonzero(self.fill)]
            parts = {min((taken.first for taken in out), default=self.seq): [(t.series, *self.samples(t)) for t in out]}
            current = parts.setdefault(self.seq, [])
            for series in waiting:
                count = int(self.fill[series])
                current.append((series, *self._read(self._pages(int(self._head[series]), count), count)))
        return {seq: _gathered(found) for seq, found in parts.items() if found}


def _gathered(parts: list[tuple[int, Int64s, Float64s]]) -> Batch:
    return Batch(
        series=np.concatenate([np.full(len(at), series, np.int32) for series, at, _ in parts]),
        at=np.concatenate([at for _, at, _ in parts]),
        value=np.concatenate([value for _, _, value in parts]),
    )
