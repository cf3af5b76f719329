"""Blocks of minutes of the last day and more, in memory as they are in the file.

What charts ask for most then needs no statement: from cold caches that takes longer than unpacking a day. They are put
here when they are written (7 KB a series and day) and, after a restart, when they are first read. They are worth
nothing but time: whatever isn't here is read from the file.
"""

from __future__ import annotations

import threading
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bongsu import native
from bongsu.history.files import Files
from bongsu.history.fresh import FreshMinutes
from bongsu.history.journal import Block, Outcome
from bongsu.history.rollup import MINUTE, Packed
from bongsu.model.sample import Int64s
from bongsu.native.minutes import row

MOST = 32 << 20
"""Bytes kept in all; the series whose blocks were put here longest ago go first."""
REACH = 1_500 * MINUTE
"""How far before the end of its newest block a series' blocks are kept: a day and an hour."""
_OWN = 1_000
"""Bytes that a series takes besides its blocks, about."""
_AT = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelved:
    """A series: all its blocks of minutes that reach beyond `since` (UTC ms), and what memory has after them.

    As the native library takes them: `data` and `rows`, whose addresses lead to what is `kept`.
    """

    series: int
    since: int
    seam: int
    blocks: tuple[Block, ...]
    fresh: FreshMinutes
    minutes: int
    size: int
    data: list[bytes]
    rows: array[int]
    kept: tuple[Int64s, ...]


def shelved(series: int, since: int, seam: int, blocks: Iterable[Block], fresh: FreshMinutes) -> Shelved:
    """The blocks, right up to the `seam`, that are worth keeping.

    Raises:
        DamagedBlock: one of them isn't what was written.
    """
    some = tuple(blocks)
    past = [block for block in some if block.last < some[-1].last - REACH]
    if past:
        since, some = past[-1].last + 1, some[len(past) :]
    rows, kept, recent = array("q"), list[Int64s](), fresh.placed
    for block in some:
        at = None if block.last - block.start == (block.count - 1) * MINUTE else _starts(block)
        kept += [] if at is None else [at]
        rows.extend(row(series, seam, recent, len(block.data), block.start, block.count, at))
    if not some:
        rows.extend(row(series, seam, recent))
    return Shelved(
        series=series,
        since=since,
        seam=seam,
        blocks=some,
        fresh=fresh,
        minutes=sum(block.count for block in some) + len(fresh.records),
        size=_OWN + sum(len(block.data) for block in some) + sum(_AT * len(at) for at in kept),
        data=[block.data for block in some] or [b""],
        rows=rows,
        kept=tuple(kept),
    )


def _starts(block: Block) -> Int64s:
    return Packed(block.data, start=block.start, last=block.last, count=block.count, width=MINUTE).at


class Shelf:
    """Changed by the writer's thread, read by all. Only where the native library is."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._generation = files.generation
        self._entries: dict[int, Shelved] = {}
        self._lock = threading.Lock()
        self.floors: Mapping[str, int] = {}
        """Since when (UTC ms) each tier is complete, as `journal.read_floors` tells."""
        self.size = 0
        """Bytes."""
        self.changes = 0
        """Rises with each change of the file's."""

    def of(self, ids: Sequence[int], start: int) -> list[Shelved] | None:
        """These series from `start` (UTC ms) on; None where the file must be asked for one of them."""
        if self._generation != self._files.generation or start < self.floors.get("minute", 0):
            return None
        found = []
        for series in ids:
            entry = self._entries.get(series)
            if entry is None or entry.since > start:
                return None
            found.append(entry)
        return found

    def follow(self, outcome: Outcome) -> None:
        """Do as the file did; called once that is committed, before anybody lets go of what is now in blocks."""
        if not native.available():
            return
        with self._lock:
            self._changed()
            entry = None if outcome.fresh is None or outcome.mends else self._followed(outcome, outcome.fresh)
            self._drop(outcome.series)
            if entry is not None:
                self._put(entry)

    def _followed(self, outcome: Outcome, fresh: FreshMinutes) -> Shelved | None:
        before, seam = self._entries.get(outcome.series), outcome.progress.minute
        put = [block for block in outcome.put if block.tier == "minute"]
        if put:  # all that reaches beyond where the first of them begins
            begin = put[0].start
            older = [] if before is None else [block for block in before.blocks if block.last < begin]
            since = begin if before is None else min(before.since, begin)
            return shelved(outcome.series, since, seam, [*older, *put], fresh)
        if before is not None:
            return shelved(outcome.series, before.since, seam, before.blocks, fresh)
        return None if seam else shelved(outcome.series, 0, 0, (), fresh)  # no seam: there never was a block

    def offer(self, entry: Shelved, changes: int) -> None:
        """Keep what was read from the file, unless it has changed since there were so many `changes`."""
        with self._lock:
            if changes == self.changes and self._generation == self._files.generation:
                self._drop(entry.series)
                self._put(entry)

    def raise_floors(self, floors: Mapping[str, int]) -> None:
        """These hold in the file from now on."""
        with self._lock:
            self._changed()
            self.floors = floors

    def drop(self, series: Iterable[int]) -> None:
        """The file is to be asked for these."""
        with self._lock:
            self._changed()
            for one in series:
                self._drop(one)

    def clear(self) -> None:
        """The file is to be asked for all."""
        with self._lock:
            self._changed()
            self._empty()

    def _changed(self) -> None:
        self.changes += 1
        if self._generation != self._files.generation:
            self._empty()
            self.floors = {}
            self._generation = self._files.generation

    def _empty(self) -> None:
        self._entries.clear()
        self.size = 0

    def _drop(self, series: int) -> None:
        old = self._entries.pop(series, None)
        self.size -= 0 if old is None else old.size

    def _put(self, entry: Shelved) -> None:
        self._entries[entry.series] = entry
        self.size += entry.size
        while self.size > MOST:
            self._drop(next(iter(self._entries)))
