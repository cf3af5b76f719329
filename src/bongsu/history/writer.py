"""The writer: one thread, one connection, one transaction for all that has queued."""

from __future__ import annotations

import asyncio
import contextlib
import queue
import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, TypeAlias

import numpy as np
import structlog

from bongsu.history.files import Files, is_damage
from bongsu.history.journal import Journal
from bongsu.history.limits import Limits
from bongsu.history.tail import Tail
from bongsu.model.errors import BongsuError, StorageFull, TooMany, Unavailable
from bongsu.model.sample import Batch
from bongsu.model.series import Series, SeriesTable
from bongsu.ports import Clock

Sync: TypeAlias = Literal["interval", "commit"]
Task: TypeAlias = Callable[[Journal], None]
"""Something to do on the writer's connection, outside a transaction."""

_log = structlog.get_logger(__name__)
_SYNC_EVERY = 1.0
_PATIENCE = 10.0
"""Seconds that a reader waits for a damaged file to be replaced."""
_SYNC_NEAR = 0.9
"""A tick a second would else find the last sync 0.999 s old and wake the thread again a moment later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Appending:
    """A batch on its way to the file, and who waits for it."""

    batch: Batch
    done: asyncio.Future[None]


def stamp(clock: Clock) -> str:
    """The present in a file's name: 20261122T112233Z."""
    return datetime.fromtimestamp(clock.now() / 1000, UTC).strftime("%Y%m%dT%H%M%SZ")


def explain(error: sqlite3.Error) -> BongsuError:
    """What a sender is told when SQLite couldn't write."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_FULL:
        return StorageFull("the disk that holds the history is full", hint="free space; it goes on by itself then")
    return Unavailable(f"the history can't be written: {error}", hint="see the server's log", retry_after=1)


class Writer:
    """Takes batches from the event loop, keeps them, and answers on the loop once they are kept."""

    def __init__(
        self,
        *,
        files: Files,
        journal: Journal,
        tail: Tail,
        table: SeriesTable,
        clock: Clock,
        sync: Sync,
        limits: Limits,
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        """All that the writer needs; `start` begins."""
        self._files = files
        self._journal = journal
        self._tail = tail
        self._table = table
        self._clock = clock
        self._sync_mode = sync
        self._limits = limits
        self._loop = loop
        self.after_group: Callable[[int], None] = lambda _: None
        """Told, on the writer's thread, how many samples were written in all: sealing looks for ripe series then."""
        self._queue: queue.SimpleQueue[Appending | Task | None] = queue.SimpleQueue()
        self._batches: deque[Appending] = deque()
        self._tasks: deque[Task] = deque()
        self._ended = False
        self._batches_had_their_turn = False
        self._thread = threading.Thread(target=self._run, name="history-writer", daemon=True)
        self._known = np.zeros(1024, np.bool_)
        self._expected = 1
        self._unsynced = False
        self.synced_at = clock.monotonic()
        """When (monotonic seconds) the log last reached the disk."""
        self.written = 0
        self.commits = 0
        self.failures = 0

    def start(self, known: list[Series]) -> None:
        """Begin; `known` are the series the file holds already."""
        for one in known:
            self._know([one.id])
        self._thread.start()

    def put(self, item: Appending | Task) -> None:
        """Queue a batch or a task."""
        self._queue.put(item)

    def stop(self) -> None:
        """Write what has queued and end the thread; blocks."""
        self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (item := self._next()) is not None:
            if isinstance(item, Appending):
                group = self._gather(item)
                self._tell(group, self._supervised(lambda group=group: self._write(group)))  # type: ignore[misc]
                self._supervised(lambda: self.after_group(self.written))
            else:
                self._supervised(lambda item=item: self._perform(item))  # type: ignore[misc]
        if self._unsynced:
            self._sync()

    def _supervised(self, work: Callable[[], BongsuError | None]) -> BongsuError | None:
        """Whatever goes wrong is told and logged; the thread goes on, else every sender would wait for ever."""
        try:
            return work()
        except Exception as error:  # noqa: BLE001 — this supervises the thread
            self.failures += 1
            _log.error("history_writer_failed", cause=repr(error), exc_info=error)
            return Unavailable("the history failed to keep this", hint="see the server's log", retry_after=1)

    def _next(self) -> Appending | Task | None:
        """What comes next; meanwhile the log is brought to the disk when its second is over.

        Batches and tasks take turns: sealing puts a dozen tasks at once, and no sender shall wait for all of them.
        """
        with contextlib.suppress(queue.Empty):
            while True:
                self._sort(self._queue.get_nowait())
        while not (self._batches or self._tasks or self._ended):
            try:
                due = self.synced_at + _SYNC_EVERY - self._clock.monotonic() if self._unsynced else None
                self._sort(self._queue.get(timeout=None if due is None else max(0.0, due)))
            except queue.Empty:
                self._sync_when_due()
        self._batches_had_their_turn = bool(self._batches) and not (self._tasks and self._batches_had_their_turn)
        if self._batches_had_their_turn:
            return self._batches.popleft()
        return self._tasks.popleft() if self._tasks else None

    def _sort(self, item: Appending | Task | None) -> None:
        if item is None:
            self._ended = True
        elif isinstance(item, Appending):
            self._batches.append(item)
        else:
            self._tasks.append(item)

    def _gather(self, first: Appending) -> list[Appending]:
        """All batches that have queued; as many as came together last time are waited for, 20 ms at most.

        A lone sender is answered at once, a hundred share one commit.
        """
        group = [first]
        samples = len(first.batch)
        deadline = self._clock.monotonic() + self._limits.group_window
        while samples < self._limits.group_samples:
            if not self._batches:
                patience = deadline - self._clock.monotonic() if len(group) < self._expected else 0.0
                try:
                    self._sort(self._queue.get(timeout=patience) if patience > 0 else self._queue.get_nowait())
                except queue.Empty:
                    break
                if not self._batches:  # a task, or the end
                    break
            item = self._batches.popleft()
            group.append(item)
            samples += len(item.batch)
        self._expected = len(group)
        return group

    def _write(self, group: list[Appending]) -> BongsuError | None:
        batch = _joined([item.batch for item in group])
        if not self._tail.has_room(batch):
            self.after_group(self.written)
            return TooMany("samples come faster than they can be compressed", retry_after=1)
        return self._keep(batch)

    def _keep(self, batch: Batch) -> BongsuError | None:
        try:
            self._commit(batch)
        except sqlite3.Error as error:
            if not is_damage(error):
                return self._failed(error)
            try:
                self.start_anew(error)
                self._commit(batch)
            except sqlite3.Error as again:
                return self._failed(again)
        return None

    def _failed(self, error: sqlite3.Error) -> BongsuError:
        self.failures += 1
        problem = explain(error)
        _log.warning("history_write_failed", cause=str(error), told=problem.detail)
        return problem

    def _commit(self, batch: Batch) -> None:
        seq = self._tail.seq + 1
        fresh = self._strangers(batch)
        with self.transaction():
            self._put(seq, batch, fresh)
        self._tail.push(batch, seq=seq, now=self._clock.now())
        self._know([one.id for one in fresh])
        self.written += len(batch)
        self.commits += 1
        if self._sync_mode == "commit":
            self.synced_at = self._clock.monotonic()
            return
        self._unsynced = True
        self._sync_when_due()

    def _put(self, seq: int, batch: Batch, fresh: list[Series]) -> None:
        if fresh:
            self._journal.put_series(fresh)
        self._journal.put_tail(seq, batch)

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """One transaction; nothing of it stays when it fails."""
        connection = self._journal.connection
        with self._files.writing():
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    def _perform(self, task: Task) -> BongsuError | None:
        """A task of sealing or keeping: its failure is told and harms nothing else."""
        try:
            task(self._journal)
        except sqlite3.Error as error:
            if is_damage(error):
                self.start_anew(error)
            else:
                return self._failed(error)
        return None

    def start_anew_unless_done(self, cause: Exception, generation: int) -> None:
        """A reader found damage in the file of that generation; blocks until a new file is in place."""
        done = threading.Event()

        def replace(_: Journal) -> None:
            try:
                if generation == self._files.generation:
                    self.start_anew(cause)
            finally:
                done.set()

        self._queue.put(replace)
        done.wait(_PATIENCE)

    def start_anew(self, cause: Exception) -> None:
        """Set the damaged file aside; what is in memory starts the new one."""
        self._journal.connection = self._files.replace(stamp(self._clock), cause)
        self.configure()
        self._known[:] = False
        for seq, batch in self._tail.restated().items():
            fresh = self._strangers(batch)
            with self.transaction():
                self._put(seq, batch, fresh)
            self._know([one.id for one in fresh])

    def configure(self) -> None:
        """Set how a commit reaches the disk."""
        mode = "FULL" if self._sync_mode == "commit" else "NORMAL"
        self._journal.connection.execute(f"PRAGMA synchronous = {mode}")

    def _strangers(self, batch: Batch) -> list[Series]:
        """Series of the batch that the file doesn't know. One look-up in a dict is safe from this thread too."""
        top = int(batch.series.max())
        if top >= len(self._known):
            self._known = np.concatenate([self._known, np.zeros(max(top + 1, len(self._known)), np.bool_)])
        known = self._known[batch.series]
        if known.all():
            return []
        met = np.zeros(len(self._known), np.bool_)  # np.unique would load numpy.ma (1 MiB)
        met[batch.series] = True
        found = (self._table.get(series) for series in np.flatnonzero(met & ~self._known).tolist())
        return [one for one in found if one is not None]

    def _know(self, ids: list[int]) -> None:
        for series in ids:
            if series >= len(self._known):
                self._known = np.concatenate([self._known, np.zeros(max(series + 1, len(self._known)), np.bool_)])
            self._known[series] = True

    def forget(self, ids: list[int]) -> None:
        """The file no longer knows these series."""
        self._known[ids] = False

    def _sync_when_due(self) -> None:
        if self._clock.monotonic() - self.synced_at >= _SYNC_NEAR:
            self._sync()

    def _sync(self) -> None:
        try:
            self._files.sync()
        except OSError as error:
            self.failures += 1
            _log.warning("history_sync_failed", cause=str(error))
        self._unsynced = False
        self.synced_at = self._clock.monotonic()

    def _tell(self, group: list[Appending], problem: BongsuError | None) -> None:
        try:
            self._loop.call_soon_threadsafe(_settle, group, problem)
        except RuntimeError:  # the loop is closed: nobody waits any more
            return


def _settle(group: list[Appending], problem: BongsuError | None) -> None:
    for item in group:
        if item.done.done():
            continue
        if problem is None:
            item.done.set_result(None)
        else:
            item.done.set_exception(problem)


def _joined(batches: list[Batch]) -> Batch:
    if len(batches) == 1:
        return batches[0]
    return Batch(
        series=np.concatenate([batch.series for batch in batches]),
        at=np.concatenate([batch.at for batch in batches]),
        value=np.concatenate([batch.value for batch in batches]),
    )
