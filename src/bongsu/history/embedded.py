"""`EmbeddedHistory`: the `History` port on one SQLite file, or in memory."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Self

from bongsu.history import metrics
from bongsu.history import retention as ages
from bongsu.history.files import Files, is_damage
from bongsu.history.fresh import Fresh
from bongsu.history.housekeeping import Housekeeping
from bongsu.history.journal import BlockTier, Journal
from bongsu.history.limits import Limits, Retention
from bongsu.history.loading import Report
from bongsu.history.prompt import PromptReading
from bongsu.history.reading import Reading
from bongsu.history.recent import RecentBlocks
from bongsu.history.sealing import Sealer
from bongsu.history.shelf import Shelf
from bongsu.history.tail import Tail
from bongsu.history.writer import Appending, Sync, Writer, stamp
from bongsu.model.errors import TooMany, Unavailable
from bongsu.model.query import Points, RangeQuery
from bongsu.model.sample import Batch, Float64s, Int64s, Sample
from bongsu.model.series import Series, SeriesTable
from bongsu.ports import Clock

_TEND_EVERY = 5.0
_READERS = 2
_LOOK = 10.0
"""Seconds after which the writer, asked for something small, counts as stuck."""


class EmbeddedHistory:
    """Samples over time in `history.db`. Made by `open`; all methods are called on one event loop."""

    def __init__(
        self,
        *,
        files: Files,
        journal: Journal,
        tail: Tail,
        table: SeriesTable,
        clock: Clock,
        sync: Sync,
        retention: Retention,
        limits: Limits,
        pressure: Callable[[], bool],
    ) -> None:
        """See `open`, which also loads what the file holds."""
        self._files = files
        self._tail = tail
        self._shelf = Shelf(files)
        self._shelf.raise_floors(ages.floors_of(journal))
        self._recent = RecentBlocks(files)
        self._recent.raise_floor(self._shelf.floors["raw"])
        self._fresh = Fresh(dropped=lambda series: self._shelf.drop([series]))
        self._table = table
        self._clock = clock
        self._limits = limits
        loop = asyncio.get_running_loop()
        self._writer = Writer(
            files=files,
            journal=journal,
            tail=tail,
            table=table,
            clock=clock,
            sync=sync,
            limits=limits,
            loop=loop,
        )
        self._sealer = Sealer(
            files=files,
            tail=tail,
            fresh=self._fresh,
            shelf=self._shelf,
            recent=self._recent,
            clock=clock,
            limits=limits,
            submit=self._writer.put,
            transaction=self._writer.transaction,
        )
        self._writer.after_group = self._sealer.look
        self._housekeeping = Housekeeping(
            sealer=self._sealer,
            writer=self._writer,
            tail=tail,
            shelf=self._shelf,
            recent=self._recent,
            table=table,
            clock=clock,
            retention=retention,
            pressure=pressure,
            loop=loop,
        )
        self._prompt = PromptReading(
            self._reading(),
            files=files,
            clock=clock,
        )
        self._readings: asyncio.Queue[Reading] = asyncio.Queue()
        for _ in range(_READERS):
            self._readings.put_nowait(self._reading())
        self._readers = ThreadPoolExecutor(_READERS, thread_name_prefix="history-reader")
        self._queued = 0
        self._refused = 0
        self._tending: asyncio.Task[None] | None = None
        self._closed = False

    def _reading(self) -> Reading:
        return Reading(
            files=self._files,
            tail=self._tail,
            fresh=self._fresh,
            shelf=self._shelf,
            recent=self._recent,
            damaged=self._writer.start_anew_unless_done,
        )

    @classmethod
    async def open(
        cls,
        folder: Path | None,
        *,
        table: SeriesTable,
        clock: Clock,
        sync: Sync = "interval",
        retention: Retention | None = None,
        limits: Limits | None = None,
        pressure: Callable[[], bool] = lambda: False,
    ) -> Self:
        """Open the history in a folder (None: in memory) and give `table` its series back.

        `pressure` tells whether the machine is short of memory; history then makes itself small.

        Raises:
            Unavailable: the folder is in use by another process or can't be written.
        """
        files = Files(folder)
        limits = limits or Limits()
        journal, tail, series = await asyncio.to_thread(_load, files, limits, clock)
        table.restore(series)
        history = cls(
            files=files,
            journal=journal,
            tail=tail,
            table=table,
            clock=clock,
            sync=sync,
            retention=retention or Retention(),
            limits=limits,
            pressure=pressure,
        )
        history._writer.configure()
        history._writer.start(series)
        history._tending = asyncio.create_task(history._tend(), name="history-tending")
        return history

    def retain(self, retention: Retention) -> None:
        """Keep this long from now on; what is older than it is let go of in the next rounds of housekeeping."""
        self._housekeeping.retain(retention)

    async def oldest(self) -> dict[BlockTier, int]:
        """Since when (UTC ms) each tier answers; left out while all of it is within about the last hour."""
        if self._closed:
            raise Unavailable("the history is closed")
        loop = asyncio.get_running_loop()
        found: asyncio.Future[dict[BlockTier, int]] = loop.create_future()

        def look(journal: Journal) -> None:
            starts = ages.oldest(journal)
            loop.call_soon_threadsafe(_answer, found, starts)

        self._writer.put(look)
        try:
            async with asyncio.timeout(_LOOK):
                return await found
        except TimeoutError:
            raise Unavailable("the history is busy writing", retry_after=1) from None

    async def append(self, batch: Batch) -> None:
        """Keep the samples; see `ports.History`."""
        if self._closed:
            raise Unavailable("the history is closed")
        count = len(batch)
        if not count:
            return
        if self._queued and self._queued + count > self._limits.queued_samples:
            self._refused += count
            raise TooMany(f"{self._queued} samples wait to be written already", retry_after=1)
        self._housekeeping.touch(batch.series)
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queued += count
        try:
            self._writer.put(Appending(batch=batch, done=done))
            await done
        except TooMany:
            self._refused += count
            raise
        finally:
            self._queued -= count

    async def range(self, query: RangeQuery) -> list[Points]:
        """The selected series in the range; see `ports.History` and `model.query`."""
        if self._closed:
            raise Unavailable("the history is closed")
        chosen = self._chosen(query)
        if not chosen:
            return []
        found = self._prompt.answer(chosen, query)
        if found is not None:
            return self._named(found)
        reading = await self._readings.get()
        try:
            # Two readers on one answer take twice the CPU, and longer: they hand the GIL to and fro.
            loop = asyncio.get_running_loop()
            found = await loop.run_in_executor(self._readers, reading.answer, chosen, query)
        finally:
            self._readings.put_nowait(reading)
        return self._named(found)

    def at_once(self, query: RangeQuery) -> list[Points] | None:
        """The selected series in the range, read on the event loop; see `ports.Prompt`."""
        if self._closed:
            return None
        chosen = self._chosen(query)
        found = self._prompt.answer(chosen, query) if chosen else []
        return None if found is None else self._named(found)

    def _chosen(self, query: RangeQuery) -> list[int]:
        if query.start >= query.end:
            return []
        return sorted(self._table.select(query.metric, query.labels))[: query.limit]

    def _named(self, found: list[tuple[int, Int64s, Float64s]]) -> list[Points]:
        named = []
        for series, at, value in found:
            one = self._table.get(series)
            if one is not None:
                named.append(Points(metric=one.metric, labels=one.labels, at=at, value=value))
        return named

    def figures(self) -> Iterable[Sample]:
        """What the history tells about itself."""
        return metrics.samples(
            {
                "bongsu_history_queued_samples": self._queued,
                "bongsu_history_tail_samples": self._tail.holds(),
                "bongsu_history_minutes_bytes": self._shelf.size,
                "bongsu_history_recent_bytes": self._recent.size,
                "bongsu_history_written_total": self._writer.written,
                "bongsu_history_commits_total": self._writer.commits,
                "bongsu_history_refused_total": self._refused,
                "bongsu_history_errors_total": self._writer.failures + self._sealer.failures,
                "bongsu_history_sealed_total": self._sealer.blocks,
                "bongsu_history_sealing_seconds_total": self._sealer.seconds,
                "bongsu_history_damaged_total": self._files.damaged,
                "bongsu_history_damaged_blocks_total": len(self._files.damaged_blocks),
                "bongsu_history_disk_bytes": self._files.size(),
                "bongsu_history_sync_age_seconds": max(0.0, self._clock.monotonic() - self._writer.synced_at),
            }
        )

    def tend(self) -> None:
        """Let go of what is older than it is kept, now instead of at the next round; returns at once."""
        self._housekeeping.tend()

    async def close(self) -> None:
        """Write and seal everything accepted, and let go of the files."""
        if self._closed:
            return
        self._closed = True
        if self._tending is not None:
            self._tending.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._tending
        await asyncio.to_thread(self._finish)

    def _finish(self) -> None:
        sealed = threading.Event()
        self._writer.put(lambda _: self._sealer.drain(sealed))
        sealed.wait(self._limits.close_patience)
        self._writer.put(self._pack)
        self._writer.put(ages.shrink_wholly)
        self._writer.stop()
        self._sealer.close()
        self._prompt.close()
        self._readers.shutdown(wait=True)
        while not self._readings.empty():
            self._readings.get_nowait().close()
        self._files.close()

    def _pack(self, journal: Journal) -> None:
        with self._writer.transaction():
            ages.pack(journal)

    async def _tend(self) -> None:
        while True:
            await self._clock.sleep_until(self._clock.monotonic() + _TEND_EVERY)
            self._housekeeping.tend()


def _answer(asked: asyncio.Future[dict[BlockTier, int]], starts: dict[BlockTier, int]) -> None:
    if not asked.done():
        asked.set_result(starts)


def _load(files: Files, limits: Limits, clock: Clock) -> tuple[Journal, Tail, list[Series]]:
    """Open the file and read series and tail; a file that can't be read is set aside."""
    journal = Journal(files.open(stamp(clock)))
    try:
        return journal, *_read(journal, limits, clock, files.report)
    except (sqlite3.DatabaseError, ValueError) as error:
        if isinstance(error, sqlite3.Error) and not is_damage(error):
            files.close()
            raise Unavailable(f"{files.path} can't be read: {error}", hint="see rights and free space") from error
        journal.connection = files.replace(stamp(clock), error)
        return journal, Tail(limits.tail_samples), []


def _read(journal: Journal, limits: Limits, clock: Clock, report: Report) -> tuple[Tail, list[Series]]:
    series = journal.load_series()
    tail = Tail(max(limits.tail_samples, journal.tail_bound(len(series))))
    for seq, batch in journal.load_tail(report):
        if len(batch):
            tail.push(batch, seq=seq, now=clock.now())
    tail.seq = journal.newest_seq()
    return tail, series
