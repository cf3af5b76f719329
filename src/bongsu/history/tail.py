"""The tail: samples that are in no block yet, by series, in memory.

All samples live in two long arrays cut into pages of 64. A series has a chain of pages and a cursor; a batch
goes in with a handful of numpy operations however many series it touches. The arrays are reserved once
and only pages in use cost memory.
"""

from __future__ import annotations

import ctypes
import mmap
import threading
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bongsu.history.blob import period_of
from bongsu.history.reserve import reserved
from bongsu.model.sample import Batch, Float64s, Int32s, Int64s
from bongsu.native.steps import Columns, TailMemory, Tails, address, tail_steps

PAGE = 64
_SHIFT = 6
_BYTES = 8 * PAGE
_NONE = -1
_LONG_LANE = 256
"""Series in a tick from which on ticks go in one by one: below, numpy's own cost a call outweighs it."""
_NO_TIMES = np.empty(0, np.int64)
_NO_VALUES = np.empty(0, np.float64)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Joint:
    """The unsealed samples of some series in one pair of arrays.

    `edges` tell by turns where a series' samples begin and where they end; what lies between means nothing.
    """

    at: Int64s
    value: Float64s
    edges: Int64s

    @property
    def ascending(self) -> bool:
        """Whether each series' samples came in the order of their times."""
        return not len(self.at) or self._within_each(self.at[1:] > self.at[:-1])

    def pace(self) -> int:
        """Milliseconds from any sample to the next of its series, in all of them; 0 where that isn't one number."""
        edges = self.edges.tolist()
        first = next((begin for begin, end in zip(edges[::2], edges[1::2], strict=True) if end - begin > 1), None)
        if first is None:
            return 0
        pace = int(self.at[first + 1] - self.at[first])
        return pace if pace > 0 and self._within_each(self.at[1:] - self.at[:-1] == pace) else 0

    def _within_each(self, holds: NDArray[np.bool_]) -> bool:
        """Whether something holds between all neighbours that are of one series."""
        for end, begin in zip(self.edges[1::2].tolist(), [*self.edges[2::2].tolist(), len(self.at)], strict=True):
            holds[max(end - 1, 0) : begin] = True
        return bool(holds.all())


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lane:
    """Series that come together, none twice, and one past the newest sample of each; right until others come."""

    series: Int32s
    ids: NDArray[np.intp]
    where: Int64s


class Tail:
    """Unsealed samples of all series. Filled by the writer, read by whoever queries; safe between threads."""

    def __init__(self, capacity: int) -> None:
        """`capacity` bounds the samples, at 16 bytes each; a page belongs to one series alone."""
        pages = max(1, capacity >> _SHIFT)
        self._memory = (reserved(pages * _BYTES), reserved(pages * _BYTES))
        self._value = np.frombuffer(self._memory[0], np.float64, pages << _SHIFT)
        self._at = np.frombuffer(self._memory[1], np.int64, pages << _SHIFT)
        self._next = np.empty(pages, np.int32)
        self._free = np.arange(pages - 1, -1, -1, dtype=np.int32)
        self._free_count = pages
        self._detached: dict[int, Detached] = {}
        self.lock = threading.Lock()
        """Held while samples come and go."""
        self.seq = 0
        """The newest blob taken in."""
        self._lane: _Lane | None = None
        self._size = 0
        self._resize(1024)

    def _resize(self, size: int) -> None:
        old, self._size = self._size, size
        columns = (
            ("_cursor", np.int64),
            ("_head", np.int32),
            ("_used", np.int32),
            ("_first", np.int64),
            ("born", np.int64),
        )
        for name, kind in columns:
            grown = np.zeros(size, kind)
            if old:
                grown[:old] = getattr(self, name)
            setattr(self, name, grown)
        self._memory_map = TailMemory(
            value=address(self._value),
            at=address(self._at),
            next=address(self._next),
            cursor=address(self._cursor),
            head=address(self._head),
            used=address(self._used),
            size=size,
        )
        self.place = ctypes.addressof(self._memory_map)
        """Where the native library finds all this (`TailMemory`)."""

    _cursor: Int64s  # one past the newest sample; 0 where there is none
    _head: Int32s
    _first: Int64s
    _used: Int32s  # pages
    born: Int64s
    """When (ms) the oldest sample of each series (by id) that may be detached came."""

    def fills(self) -> Int64s:
        """Samples of each series (by id) that may be detached."""
        within = ((self._cursor - 1) & (PAGE - 1)) + 1
        return np.where(self._cursor > 0, ((self._used.astype(np.int64) - 1) << _SHIFT) + within, 0)

    def _fill(self, series: int) -> int:
        cursor = int(self._cursor[series]) if series < self._size else 0
        return ((int(self._used[series]) - 1) << _SHIFT) + ((cursor - 1) & (PAGE - 1)) + 1 if cursor else 0

    def holds(self) -> int:
        """Samples that the pages in use could hold."""
        return (len(self._next) - self._free_count) << _SHIFT

    def capacity(self) -> int:
        """Samples that all pages could hold."""
        return len(self._next) << _SHIFT

    def has_room(self, batch: Batch) -> bool:
        """Whether the batch surely fits: each sample might need a page, but no more than its series and length ask."""
        return self._free_count >= min(len(batch), (len(batch) >> _SHIFT) + self._size)

    def push(self, batch: Batch, *, seq: int, now: int) -> None:
        """Take in a batch that has been written as blob `seq` at `now` (ms); `has_room` was asked before."""
        with self.lock:
            top = int(batch.series.max())
            if top >= self._size:
                self._resize(max(top + 1, 2 * self._size))
            self.seq = seq
            period = period_of(batch.series)
            lane = self._lane_of(batch.series[:period]) if period >= _LONG_LANE or period == len(batch) else None
            if lane is None:
                self._push_runs(batch, period, seq, now)
                return
            for first in range(0, len(batch), period):
                tick = slice(first, first + period)
                self._push_lane(lane, batch.at[tick], batch.value[tick], seq, now)

    def _lane_of(self, series: Int32s) -> _Lane | None:
        """Where these series' next samples go, if none occurs twice; the same series often come again and again."""
        lane = self._lane
        if lane is None or not (series is lane.series or np.array_equal(series, lane.series)):
            ids = series.astype(np.intp)
            distinct = self._distinct(ids)
            lane = self._lane = _Lane(series=series, ids=ids, where=self._cursor[ids]) if distinct else None
        return lane

    def _distinct(self, ids: NDArray[np.intp]) -> bool:
        if len(ids) > self._size:
            return False
        mark = np.empty(self._size, np.int32)
        order = np.arange(len(ids), dtype=np.int32)
        mark[ids] = order
        return bool((mark[ids] == order).all())

    def _push_lane(self, lane: _Lane, at: Int64s, value: Float64s, seq: int, now: int) -> None:
        ids, where = lane.ids, lane.where
        full = (where & (PAGE - 1)) == 0
        if full.any():
            where[full] = self._open_pages(ids[full], seq, now)
        self._value[where] = value
        self._at[where] = at
        where += 1
        self._cursor[ids] = where

    def _open_pages(self, ids: NDArray[np.intp], seq: int, now: int) -> Int64s:
        """Give each of these series a new page; returns where it begins."""
        pages = self._take(len(ids))
        cursor = self._cursor[ids]
        fresh = cursor == 0
        self._next[(cursor[~fresh] - 1) >> _SHIFT] = pages[~fresh]
        self._begin(ids[fresh], pages[fresh], seq, now)
        self._used[ids] += 1
        return pages.astype(np.int64) << _SHIFT

    def _begin(self, ids: NDArray[np.intp], pages: Int32s, seq: int, now: int) -> None:
        self._head[ids] = pages
        self._first[ids] = seq
        self.born[ids] = now

    def _take(self, count: int) -> Int32s:
        self._free_count -= count
        return self._free[self._free_count : self._free_count + count].copy()

    def _push_runs(self, batch: Batch, period: int, seq: int, now: int) -> None:
        """The general way: a series may occur many times, its samples keep their order."""
        self._lane = None
        ids, starts, counts, order = self._grouped(batch.series, period)
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
        self._used[ids] += needed.astype(np.int32)

    def _grouped(self, series: Int32s, period: int) -> tuple[NDArray[np.intp], Int64s, Int64s, NDArray[np.intp]]:
        """Series, where each begins and how often it occurs once the batch is put in the returned order."""
        count = len(series)
        ids = series[:period].astype(np.intp)
        if period < count and self._distinct(ids):  # the same series tick by tick: no need to sort
            ticks = count // period
            order = np.arange(count).reshape(ticks, period).T.reshape(-1)
            return ids, np.arange(period) * ticks, np.full(period, ticks), order
        order = np.argsort(series, kind="stable")
        ordered = series[order]
        starts = np.flatnonzero(np.diff(ordered, prepend=-1))
        return ordered[starts].astype(np.intp), starts, np.diff(starts, append=count), order

    def _chain(
        self, ids: NDArray[np.intp], cursor: Int64s, pages: Int32s, base: Int64s, needed: Int64s, seq: int, now: int
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
        chain = self._next.data  # a memoryview hands out plain integers, in a third of the time
        pages = [head, *(head := chain[head] for _ in range((count - 1) >> _SHIFT))]
        return np.array(pages, np.int32)

    def _read(self, pages: Int32s, count: int) -> tuple[Int64s, Float64s]:
        at = self._at.reshape(-1, PAGE)[pages].reshape(-1)[:count]
        value = self._value.reshape(-1, PAGE)[pages].reshape(-1)[:count]
        return at, value

    def detach(self, series: int) -> Detached | None:
        """Take a series' samples out for sealing; None where there are none or some are out already."""
        with self.lock:
            count = self._fill(series)
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
            self._cursor[series] = self._used[series] = 0
            self._lane = None
            return taken

    def samples(self, taken: Detached) -> tuple[Int64s, Float64s]:
        """What was detached, in the order it came."""
        return self._read(taken.pages, taken.count)

    def release(self, taken: Detached) -> None:
        """Let go of what is now in a block."""
        with self.lock:
            del self._detached[taken.series]
            count = len(taken.pages)
            self._free[self._free_count : self._free_count + count] = taken.pages
            self._free_count += count

    def trim(self) -> int:
        """Give memory behind the last page in use back to the machine; returns how many bytes."""
        with self.lock:
            free = self._free[: self._free_count]
            free[::-1].sort()  # the lowest are taken next, so that what is in use moves together
            used = np.ones(len(self._next), np.bool_)
            used[free] = False
            kept = int(np.flatnonzero(used)[-1]) + 1 if used.any() else 0
            first = -(-kept * _BYTES // mmap.ALLOCATIONGRANULARITY) * mmap.ALLOCATIONGRANULARITY
            length = len(self._next) * _BYTES - first
            if length <= 0 or not hasattr(mmap, "MADV_DONTNEED"):
                return 0
            for memory in self._memory:
                memory.madvise(mmap.MADV_DONTNEED, first, length)
            return 2 * length

    def snapshot(self, series: int) -> Snapshot:
        """A series' unsealed samples in the order they came, detached ones first."""
        with self.lock:
            at, value, detached, upto = _NO_TIMES, _NO_VALUES, 0, 0
            taken = self._detached.get(series)
            if taken is not None:
                at, value = self._read(taken.pages, taken.count)
                detached, upto = taken.count, taken.upto
            count = self._fill(series)
            if count:
                newer_at, newer = self._read(self._pages(int(self._head[series]), count), count)
                at = np.concatenate([at, newer_at]) if detached else newer_at
                value = np.concatenate([value, newer]) if detached else newer
        return Snapshot(at=at, value=value, detached=detached, upto=upto)

    def steps(self, ids: Sequence[int], width: int, names: tuple[str, ...], columns: Columns) -> Tails | None:
        """Fill the columns with steps of `width` ms of many series at one moment; None where some are being sealed.

        Only where `native.available()`.
        """
        with self.lock:
            if self.sealing(ids):
                return None
            return tail_steps(self.place, ids, width, names, columns)

    def sealing(self, ids: Sequence[int]) -> bool:
        """Whether some of these are being sealed; the lock is held by who asks."""
        return bool(self._detached) and not self._detached.keys().isdisjoint(ids)

    def joint(self, ids: Sequence[int]) -> Joint | None:
        """The same of many series at one moment, as one; None where some are being sealed."""
        with self.lock:
            if self.sealing(ids):
                return None
            pages, edges = self._all_pages(ids)
            at, value = self._read(np.array(pages, np.int32), len(pages) << _SHIFT)
        return Joint(at=at, value=value, edges=np.array(edges, np.int64))

    def snapshots(self, ids: Sequence[int]) -> tuple[list[Snapshot], Joint | None]:
        """The same series by series and, unless some are being sealed, as one."""
        joint = self.joint(ids)
        if joint is None:
            return [self.snapshot(series) for series in ids], None
        edges = joint.edges.tolist()
        found = [
            Snapshot(at=joint.at[begin:end], value=joint.value[begin:end], detached=0, upto=0)
            for begin, end in zip(edges[::2], edges[1::2], strict=True)
        ]
        return found, joint

    def _all_pages(self, ids: Sequence[int]) -> tuple[list[int], list[int]]:
        """The pages of some series, one after the other, and where the samples of each begin and end in them."""
        chain, pages, edges = self._next.data, list[int](), list[int]()
        for series in ids:
            count, begin = self._fill(series), len(pages) << _SHIFT
            if count:
                page = int(self._head[series])
                pages.append(page)
                for _ in range((count - 1) >> _SHIFT):
                    page = chain[page]
                    pages.append(page)
            edges += (begin, begin + count)
        return pages, edges

    def has(self, series: int) -> bool:
        """Whether the series has unsealed samples."""
        with self.lock:
            return series in self._detached or self._fill(series) > 0

    def oldest(self) -> int:
        """The oldest blob that is still needed; one past the newest where none is."""
        with self.lock:
            waiting = self._first[self._cursor > 0]
            oldest = int(waiting.min()) if len(waiting) else self.seq + 1
            return min([oldest, *(taken.first for taken in self._detached.values())])

    def holding(self, blob: int) -> set[int]:
        """Series of which samples that may be detached are in blobs up to this one."""
        return set(np.flatnonzero((self._cursor > 0) & (self._first <= blob)).tolist())

    def restated(self) -> dict[int, Batch]:
        """All unsealed samples as few blobs by number: what a new file is started with when the old one is damaged.

        Detached samples stand under the oldest number they had, the others under the newest, so that they are
        covered, and dropped, as their former blobs would have been.
        """
        with self.lock:
            out = list(self._detached.values())
            waiting = [int(i) for i in np.flatnonzero(self._cursor)]
            parts = {min((taken.first for taken in out), default=self.seq): [(t.series, *self.samples(t)) for t in out]}
            current = parts.setdefault(self.seq, [])
            for series in waiting:
                count = self._fill(series)
                current.append((series, *self._read(self._pages(int(self._head[series]), count), count)))
        return {seq: _gathered(found) for seq, found in parts.items() if found}


def _gathered(parts: list[tuple[int, Int64s, Float64s]]) -> Batch:
    return Batch(
        series=np.concatenate([np.full(len(at), series, np.int32) for series, at, _ in parts]),
        at=np.concatenate([at for _, at, _ in parts]),
        value=np.concatenate([value for _, _, value in parts]),
    )
