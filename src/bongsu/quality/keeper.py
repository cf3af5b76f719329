"""Keeps what was acknowledged: events go to a journal first, then into the feeds, of which checkpoints are made.

The order of the journal is the order of counting. A checkpoint holds exactly the journals before its own number, so a
start after a crash counts every acknowledged event once. A body's key is remembered for a day: sent again, it is
answered, not counted.
"""

from __future__ import annotations

import asyncio
import copy
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import structlog

from bongsu.model.errors import BadRequest, BongsuError, TooMany
from bongsu.model.event import EventBatch
from bongsu.model.sample import Receipt, Sample
from bongsu.ports import Clock
from bongsu.quality.book import FeedBook, batches_of
from bongsu.quality.journal import JournalFile, Record, batch_of, encoded, generations, kept, path_of, read
from bongsu.quality.saving import parts_of, restore, restore_names
from bongsu.quality.store import Checkpoint, Delivered, FeedStore, Part

Result = TypeVar("Result")

CHECKPOINT_SECONDS = 5.0
SYNC_SECONDS = 1.0
KEYS_MS = 24 * 3_600_000
KEYS = 100_000
"""Keys remembered; the oldest are forgotten earlier than after a day where more come."""

WAITING_BYTES = 64 << 20
PIECE = 16_384
"""Events counted in one go: some 10 ms."""


@dataclass(slots=True, kw_only=True)
class Waiting:
    """A body on its way into the journal."""

    batches: Sequence[EventBatch]
    key: str
    digest: int
    receipt: Receipt
    size: int
    done: asyncio.Future[None]


class FeedKeeper:
    """Implements the port `EventTaker`. `open` it, let `run` run, `close` it."""

    def __init__(self, book: FeedBook, *, clock: Clock, folder: Path | None, sync: bool = False) -> None:
        """`folder` None keeps nothing beyond the process; `sync` waits for the disk before every answer."""
        self._book = book
        self._clock = clock
        self._folder = folder
        self._sync = sync
        self._log = structlog.get_logger("bongsu.quality")
        self._store: FeedStore | None = None
        self._journal: JournalFile | None = None
        self._generation = 0
        self._threads: dict[str, ThreadPoolExecutor] = {}
        self._lock = asyncio.Lock()
        self._queue: list[Waiting] = []
        self._waiting = 0
        self._flusher: asyncio.Task[None] | None = None
        self._keys: OrderedDict[str, Delivered] = OrderedDict()
        self._new_keys: list[Delivered] = []
        self._named: dict[str, int] = {}
        """Symbols of each feed that the journal (or a checkpoint) names."""
        self._saved: dict[str, int] = {}
        self._changed = False
        self._saved_at = 0.0
        self._failing = False
        self._written = self._checkpoints = self._forgotten = 0

    # -- start and end -------------------------------------------------------------------------------------------

    async def open(self) -> int:
        """Read the checkpoint and the journals; returns how many events the journals held.

        Raises:
            StorageFull, Unavailable: the folder can't be used.
        """
        replayed = 0
        if self._folder is not None and (self._folder / "feeds.db").exists():
            replayed = await self._load(self._folder)
        self._book.open_declared()
        return replayed

    async def _load(self, folder: Path) -> int:
        self._store = await self._in("store", FeedStore, folder)
        store = self._store
        names: dict[str, list[str]] = {}
        for feed, name in store.symbols():
            names.setdefault(feed, []).append(name)
        for feed, known in names.items():
            restore_names(self._book.table.open(feed), known)
            self._named[feed] = self._saved[feed] = len(known)
        parts: dict[str, list[Part]] = {}
        for part in store.parts():
            parts.setdefault(part.feed, []).append(part)
        for feed, found in parts.items():
            restore(self._book.state(feed), found)
        for one in store.delivered():
            self._remember(one)
        first = self._generation = store.journal()
        replayed = 0
        for number in generations(folder):
            if number < first:
                path_of(folder, number).unlink(missing_ok=True)
                continue
            for record in read(path_of(folder, number)):
                replayed += self._replay(record)
        if replayed:
            self._log.info("events of the journal counted", events=replayed)
        return replayed

    def _replay(self, record: Record) -> int:
        count = 0
        for one in record.batches:
            symbols = self._book.table.open(one.feed)
            restore_names(symbols, one.names)
            self._named[one.feed] = len(symbols)
            batch = batch_of(one)
            for piece in batches_of([batch], PIECE):
                self._book.apply(piece)
            count += len(batch)
        if record.key:
            at = record.batches[0].arrived if record.batches else 0
            self._deliver(
                Delivered(key=record.key, at=at, digest=record.digest, accepted=record.accepted, refused=record.refused)
            )
        self._changed = True
        return count

    async def run(self) -> None:
        """Sync and checkpoint until cancelled."""
        moment = self._clock.monotonic()
        while True:
            moment += SYNC_SECONDS
            await self._clock.sleep_until(moment)
            await self._sync_journal()
            if self._changed and self._clock.monotonic() - self._saved_at >= CHECKPOINT_SECONDS:
                await self.checkpoint()

    async def close(self) -> None:
        """Write everything accepted and let go of the files."""
        if self._flusher is not None:
            await asyncio.wait([self._flusher])
        if self._changed or self._book.feeds:
            await self.checkpoint()
        for part in (self._journal, self._store):
            if part is not None:
                part.close()
        if self._journal is not None and self._folder is not None and not self._failing:
            path_of(self._folder, self._journal.number).unlink(missing_ok=True)
        for thread in self._threads.values():
            thread.shutdown(wait=False)
        self._threads.clear()

    async def _in(self, thread: str, call: Callable[..., Result], *arguments: object) -> Result:
        """Call something that blocks in a thread of its own."""
        pool = self._threads.get(thread)
        if pool is None:
            pool = self._threads[thread] = ThreadPoolExecutor(1, thread_name_prefix=f"bongsu-feeds-{thread}")
        return await asyncio.get_running_loop().run_in_executor(pool, call, *arguments)

    # -- the port ------------------------------------------------------------------------------------------------

    def earlier(self, key: str, digest: int) -> Receipt | None:
        """The receipt of a body taken before under this key; None where there is none.

        Raises:
            BadRequest: the key was used for a body with another `digest`.
        """
        known = self._keys.get(key)
        if known is None or known.at < self._clock.now() - KEYS_MS:
            return None
        if known.digest != digest:
            raise BadRequest(
                "this Idempotency-Key came with another body before", hint="make a new key for each new body"
            )
        return Receipt(accepted=known.accepted, unlisted=known.refused)

    async def take(self, batches: Sequence[EventBatch], *, key: str, digest: int, receipt: Receipt) -> None:
        """Keep the events of one body and count them; returns once they survive a crash of ours.

        Raises:
            TooMany, Unavailable, StorageFull: nothing of them was taken.
        """
        size = sum(len(batch) * (20 + 8 * len(batch.fields)) for batch in batches)
        if self._waiting and self._waiting + size > WAITING_BYTES:
            raise TooMany("too many events wait for the disk", hint="send again in a moment", retry_after=1)
        done = asyncio.get_running_loop().create_future()
        self._queue.append(Waiting(batches=batches, key=key, digest=digest, receipt=receipt, size=size, done=done))
        self._waiting += size
        if self._flusher is None:
            self._flusher = asyncio.create_task(self._flush(), name="bongsu-feeds")
        await done

    async def _flush(self) -> None:
        """Write and count what waits; what comes meanwhile is written together next time."""
        try:
            while self._queue:
                async with self._lock:
                    waiting, self._queue = self._queue, []
                    await self._take_all(waiting)
        finally:
            self._flusher = None

    async def _take_all(self, waiting: list[Waiting]) -> None:
        try:
            await self._write(waiting)
        except (BongsuError, OSError) as error:
            for one in waiting:
                self._waiting -= one.size
                if not one.done.done():
                    one.done.set_exception(copy.copy(error))
            return
        for one in waiting:
            await self._count(one)
        self._changed = True

    async def _count(self, one: Waiting) -> None:
        """Count a body that is in the journal. Should that fail, its sender hears so, and the others go on."""
        try:
            for number, piece in enumerate(batches_of(one.batches, PIECE)):
                if number:
                    await asyncio.sleep(0)
                self._book.apply(piece)
                self._written += len(piece)
            if one.key:
                self._deliver(_delivered(one, self._clock.now()))
            if not one.done.done():
                one.done.set_result(None)
        except Exception as error:  # noqa: BLE001 (the supervisor of a body: what nobody foresaw ends only this one)
            self._log.exception("events couldn't be counted", feeds=[batch.feed for batch in one.batches])
            if not one.done.done():
                one.done.set_exception(error)
        finally:
            self._waiting -= one.size

    async def _write(self, waiting: list[Waiting]) -> None:
        if self._folder is None:
            return
        await self._open_files(self._folder)
        named = dict(self._named)
        records = [encoded(self._record(one, named)) for one in waiting]
        await self._in("journal", self._opened().write, records)
        self._named = named

    def _record(self, one: Waiting, named: dict[str, int]) -> Record:
        batches = []
        for batch in one.batches:
            symbols = self._book.table.open(batch.feed)
            first = named.get(batch.feed, 0)
            batches.append(kept(batch, first, symbols.names[first:]))
            named[batch.feed] = len(symbols)
        receipt = one.receipt
        refused = len(receipt.refused) + receipt.unlisted
        return Record(key=one.key, digest=one.digest, accepted=receipt.accepted, refused=refused, batches=batches)

    async def _open_files(self, folder: Path) -> None:
        if self._store is None:
            self._store = await self._in("store", FeedStore, folder)
            self._generation = self._store.journal()
        if self._journal is None:
            await self._next_journal(folder)

    async def _next_journal(self, folder: Path) -> None:
        number = self._generation = max([self._generation, *generations(folder)]) + 1
        former = self._journal
        self._journal = await self._in("journal", lambda: JournalFile(folder, number, sync=self._sync))
        if former is not None:
            await self._in("journal", former.close)

    def _opened(self) -> JournalFile:
        if self._journal is None:
            raise RuntimeError("the journal isn't open")
        return self._journal

    async def _sync_journal(self) -> None:
        if self._journal is not None:
            try:
                await self._in("journal", self._journal.flush)
            except OSError as error:
                self._log.error("the journal can't be synced", reason=error.strerror)

    # -- keys ----------------------------------------------------------------------------------------------------

    def _deliver(self, one: Delivered) -> None:
        self._remember(one)
        if self._folder is not None:
            self._new_keys.append(one)

    def _remember(self, one: Delivered) -> None:
        self._keys[one.key] = one
        self._keys.move_to_end(one.key)
        while len(self._keys) > KEYS:
            self._keys.popitem(last=False)
            self._forgotten += 1

    # -- checkpoints ---------------------------------------------------------------------------------------------

    async def checkpoint(self) -> None:
        """Write the feeds as they are, and let go of the journals before."""
        if self._folder is None or not self._book.feeds:
            return
        folder = self._folder
        self._saved_at = self._clock.monotonic()
        try:
            async with self._lock:
                await self._open_files(folder)
                await self._next_journal(folder)
                taken = self._snapshot(self._opened().number)
                self._changed = False
            await self._in("store", self._put, folder, taken)
        except (BongsuError, OSError) as error:
            self._keep_trying(error)
            return
        self._saved |= self._counted(taken)
        self._new_keys = self._new_keys[len(taken.delivered) :]
        self._failing = False
        self._checkpoints += 1

    def _snapshot(self, journal: int) -> Checkpoint:
        symbols = []
        parts: list[Part] = []
        for name, one in self._book.feeds.items():
            names = one.state.symbols.names
            first = self._saved.get(name, 0)
            symbols += [(name, i, names[i]) for i in range(first, len(names))]
            parts += parts_of(one, everything=self._failing)
        return Checkpoint(
            journal=journal,
            symbols=symbols,
            parts=parts,
            delivered=list(self._new_keys),
            forget_before=self._clock.now() - KEYS_MS,
        )

    def _put(self, folder: Path, taken: Checkpoint) -> None:
        if self._store is None:
            return
        self._store.write(taken)
        for number in generations(folder):
            if number < taken.journal:
                path_of(folder, number).unlink(missing_ok=True)

    @staticmethod
    def _counted(taken: Checkpoint) -> dict[str, int]:
        counted: dict[str, int] = {}
        for feed, number, _ in taken.symbols:
            counted[feed] = max(counted.get(feed, 0), number + 1)
        return counted

    def _keep_trying(self, error: Exception) -> None:
        if not self._failing:
            detail = error.detail if isinstance(error, BongsuError) else str(error)
            self._log.error("the feeds' state can't be written; the journal is kept until it can", reason=detail)
        self._failing = self._changed = True

    def figures(self) -> Iterable[Sample]:
        """Events counted, checkpoints, bytes waiting and in the journal, keys remembered."""
        yield Sample(metric="bongsu_feeds_events_total", value=float(self._written))
        yield Sample(metric="bongsu_feeds_checkpoints_total", value=float(self._checkpoints))
        yield Sample(metric="bongsu_feeds_waiting_bytes", value=float(self._waiting))
        yield Sample(metric="bongsu_feeds_journal_bytes", value=float(self._journal.size if self._journal else 0))
        yield Sample(metric="bongsu_feeds_keys", value=float(len(self._keys)))
        yield Sample(metric="bongsu_feeds_keys_forgotten_total", value=float(self._forgotten))


def _delivered(one: Waiting, now: int) -> Delivered:
    at = one.batches[0].arrived if one.batches else now
    refused = len(one.receipt.refused) + one.receipt.unlisted
    return Delivered(key=one.key, at=at, digest=one.digest, accepted=one.receipt.accepted, refused=refused)
