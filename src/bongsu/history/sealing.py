"""Sealing: a series' unsealed samples become a block, off the event loop and off the writer's thread.

The sealer compresses in a thread of its own (pcodec lets go of the GIL) and hands outcomes to the writer, which only
inserts them, a few series a transaction, between two groups of appends.
"""

from __future__ import annotations

import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np
import structlog

from bongsu.history.backlog import Backlog
from bongsu.history.files import Files, ReadConnection, is_damage
from bongsu.history.filling import Filling
from bongsu.history.fresh import Fresh
from bongsu.history.journal import Block, Journal, Outcome, read_floors, read_progress
from bongsu.history.limits import Limits
from bongsu.history.recent import RecentBlocks
from bongsu.history.rolling import Sealed, seal_together
from bongsu.history.schema import PAGE_SIZE
from bongsu.history.shelf import Shelf
from bongsu.history.tail import Detached, Tail
from bongsu.ports import Clock

SLICE = 50
"""Series compressed in one go."""
TOGETHER = 16
"""Series that are sealed together at least, unless one of them has all samples of a block."""
GROUP = 16
"""Series of a slice that are worked out at once, and read in one transaction."""
INSERTS = 10
"""Series put in place in one transaction."""
_LOOK_EVERY = 16_384
"""Samples between two looks for ripe series."""
_log = structlog.get_logger(__name__)

Task = Callable[[Journal], None]
Submit = Callable[[Task], None]
Transaction = Callable[[], AbstractContextManager[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One series to be sealed; without `taken` only its roll-ups are brought up to date."""

    series: int
    taken: Detached | None
    everything: bool = False
    """Roll up to the last sample, whatever the amount: the samples are about to go."""


class _Placed(NamedTuple):
    """What is in the file now: blocks of samples by number, and when the newest sample before them was taken."""

    outcome: Outcome
    put: list[tuple[int, Block]]
    before: int


class Sealer:
    """Finds ripe series and sees them through. All its methods but the compressing run on the writer's thread."""

    def __init__(
        self,
        *,
        files: Files,
        tail: Tail,
        fresh: Fresh,
        shelf: Shelf,
        recent: RecentBlocks,
        clock: Clock,
        limits: Limits,
        submit: Submit,
        transaction: Transaction,
    ) -> None:
        """`submit` queues a task for the writer, `transaction` opens one on its connection."""
        self._files = files
        self._tail = tail
        self._fresh = fresh
        self._shelf = shelf
        self._recent = recent
        self._clock = clock
        self._limits = limits
        self._submit = submit
        self._transaction = transaction
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="history-sealer")
        self._connection = ReadConnection(files)
        self._waiting: deque[Job] = deque()
        self._busy = False
        self._drained: threading.Event | None = None
        self._between: Task | None = None
        self._looked_at = 0
        self._backlog = Backlog()
        self._filling = {place: Filling(PAGE_SIZE) for place in ("young", "raw")}
        self.blocks = 0
        """Series sealed since the start."""
        self.seconds = 0.0
        """Time spent compressing."""
        self.failures = 0

    def look(self, written: int) -> None:
        """Seal what is ripe, if enough was `written` (samples in all) since the last look and nothing is under way."""
        self._backlog.note(self._tail.seq, written)
        if self._busy or written - self._looked_at < _LOOK_EVERY:
            return
        self._looked_at = written
        self._begin(self._ripe())

    def tend(self) -> None:
        """The same at leisure: what has come of age, and jobs that failed before."""
        if not self._busy:
            self._begin(self._ripe() | self._aged())

    def between(self, task: Task, journal: Journal) -> None:
        """Do something while nothing is being sealed: at once, or after the present slice."""
        self._between = task
        self._do_between(journal)

    def _do_between(self, journal: Journal) -> None:
        if self._between is not None and not self._busy:
            task, self._between = self._between, None
            task(journal)

    def drain(self, done: threading.Event) -> None:
        """Seal everything, then set `done`; what fails stays in the tail."""
        self._drained = done
        if self._tail.holds() < self._limits.seal_at_close:
            done.set()
        elif not self._busy:
            self._go_on_draining(failed=False)

    def _all(self) -> set[int]:
        return set(np.flatnonzero(self._tail.fills()).tolist())

    def hasten(self) -> None:
        """Memory is short: seal what is worth a block at all."""
        if not self._busy:
            fill = self._tail.fills()
            self._begin(set(np.flatnonzero(fill >= self._limits.block_samples // 8).tolist()) | self._aged())

    def force(self, series: list[int]) -> None:
        """Bring the roll-ups of these series up to date: their oldest samples are about to go."""
        known = {job.series for job in self._waiting}
        self._waiting.extend(Job(series=one, taken=None, everything=True) for one in series if one not in known)
        self._begin(set())

    def _ripe(self) -> set[int]:
        """Series that have enough; those first that hold back more of the tail's blobs than the file should keep."""
        behind = self._backlog.behind(self._tail.oldest(), self._limits.blob_samples)
        if behind and (holding := self._tail.holding(behind)):
            return holding
        fill = self._tail.fills()
        ripe = np.flatnonzero(fill >= self._thresholds(len(fill)))
        if len(ripe) < TOGETHER and not bool((fill >= self._limits.block_samples).any()):
            ripe = ripe[:0]  # few blocks fill pages badly: there is time to wait for more
        if not len(ripe) and self._tail.holds() > self._tail.capacity() * 2 // 3:
            ripe = np.argsort(fill)[-SLICE:]
            ripe = ripe[fill[ripe] > 0]
        return set(ripe.tolist())

    def _thresholds(self, count: int) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
        """How many samples make a series ripe: spread, so that series that began together don't ripen so.

        Neighbours do: they are mostly collected, worked out and asked for together.
        """
        full = self._limits.block_samples
        spread = np.arange(count, dtype=np.int64) // GROUP * 2_654_435_761 % 1_024
        return (full - spread * full // 8_192).astype(np.int32)

    def _aged(self) -> set[int]:
        old = self._tail.born < self._clock.now() - self._limits.tail_age
        return set(np.flatnonzero(old & (self._tail.fills() > 0)).tolist())

    def _begin(self, ripe: set[int]) -> None:
        """Start on the next slice: what waits first, then what is ripe."""
        if self._busy:
            return
        jobs = self._called()
        for series in sorted(ripe - jobs.keys(), key=_apart if self._drained else _in_turn)[: SLICE - len(jobs)]:
            taken = self._tail.detach(series)
            if taken is not None:
                jobs[series] = Job(series=series, taken=taken)
        if jobs:
            self._busy = True
            self._pool.submit(self._compress, list(jobs.values()))

    def _called(self) -> dict[int, Job]:
        """Those that are next of what waits, one a series: a second one wouldn't know what the first has changed."""
        jobs = dict[int, Job]()
        for _ in range(len(self._waiting)):
            job = self._waiting.popleft()
            if len(jobs) < SLICE and job.series not in jobs:
                jobs[job.series] = job
            else:
                self._waiting.append(job)
        return jobs

    def _compress(self, jobs: list[Job]) -> None:
        """On the sealer's thread."""
        began = self._clock.monotonic()
        generation = self._files.generation
        outcomes: list[Outcome] = []
        failed: list[Job] = []
        for first in range(0, len(jobs), GROUP):
            some = jobs[first : first + GROUP]
            try:
                outcomes += self._sealed(some)
            except Exception as error:  # noqa: BLE001 — one series' fault must not stop the others: each on its own
                _log.debug("history_seal_one_by_one", cause=repr(error))
                for job in some:
                    self._seal_alone(job, outcomes, failed, generation)
        self.seconds += self._clock.monotonic() - began
        broken: set[int] = set()
        for part in self._parts(outcomes):
            self._submit(
                lambda journal, part=part: self._place(journal, part, jobs, generation, broken)  # type: ignore[misc]
            )
        self._submit(lambda journal: self._finish(journal, failed))

    def _seal_alone(self, job: Job, outcomes: list[Outcome], failed: list[Job], generation: int) -> None:
        try:
            outcomes += self._sealed([job])
        except Exception as error:  # noqa: BLE001 — the others go on; it is tried again
            _log.error("history_seal_failed", series=job.series, cause=repr(error))
            failed.append(job)
            if isinstance(error, sqlite3.Error) and is_damage(error):
                self._submit(partial(self._replace, error, generation))

    def _parts(self, outcomes: list[Outcome]) -> Iterator[list[Outcome]]:
        """What is put in place in one transaction each: samples as they fill pages best, then what was rolled up, of
        neighbours together."""
        rolled = [outcome for outcome in outcomes if outcome.place == "rolled"]
        for place, filling in self._filling.items():
            some = [outcome for outcome in outcomes if outcome.place == place]
            some = [some[i] for i in filling.ordered([outcome.size for outcome in some])]
            yield from _by_transaction(some)
        yield from _by_transaction(rolled)

    def _sealed(self, jobs: list[Job]) -> list[Outcome]:
        with self._connection.snapshot() as connection:
            floors = read_floors(connection)
            many = [
                Sealed(
                    connection,
                    job.series,
                    progress=progress,
                    floors=floors,
                    limits=self._limits,
                    report=self._files.report,
                    fresh=self._fresh,
                    closing=self._drained is not None,
                )
                for job, progress in zip(jobs, read_progress(connection, [job.series for job in jobs]), strict=True)
            ]
            seal_together(
                [
                    (sealed, *self._tail.samples(job.taken), job.taken.upto)
                    for sealed, job in zip(many, jobs, strict=True)
                    if job.taken is not None
                ]
            )
            outcomes: list[Outcome] = []
            for sealed, job in zip(many, jobs, strict=True):
                sealed.roll(everything=job.everything)
                outcomes += sealed.outcomes(job.taken)
            return outcomes

    def _replace(self, error: sqlite3.Error, generation: int, _: Journal) -> None:
        """The file turned out damaged: raised on its thread, the writer starts a new one."""
        if generation == self._files.generation:
            raise error

    def _place(
        self, journal: Journal, outcomes: list[Outcome], jobs: list[Job], generation: int, broken: set[int]
    ) -> None:
        """Put outcomes in place; those of a file that was replaced meanwhile, or that failed, are made again.

        What would follow them goes with them: the series are remembered in `broken`.
        """
        outcomes = [outcome for outcome in outcomes if outcome.series not in broken]
        placed: list[_Placed] = []
        done = False
        try:
            if generation == self._files.generation:
                with self._transaction():
                    placed = [self._applied(journal, outcome) for outcome in outcomes]
                done = True
        finally:
            if done:
                self._release(placed)
            else:
                again = {outcome.series for outcome in outcomes if not outcome.follows}
                broken |= again
                self._waiting.extend(job for job in jobs if job.series in again)

    def _applied(self, journal: Journal, outcome: Outcome) -> _Placed:
        put, series = journal.apply(outcome), outcome.series
        unknown = put and self._recent.needs_before(series)
        before = journal.newest_sample(series, [number for number, _ in put]) if unknown else -1
        return _Placed(outcome, put, before)

    def _release(self, placed: list[_Placed]) -> None:
        for outcome, put, before in placed:
            self._fresh.put(outcome.series, outcome.fresh)
            self._shelf.follow(outcome)
            if put:
                drop = [number for tier, number in outcome.drop if tier == "raw"]
                self._recent.follow(outcome.series, drop, put, before)
            if outcome.taken is not None:
                self._tail.release(outcome.taken)
                self.blocks += 1

    def _finish(self, journal: Journal, failed: list[Job]) -> None:
        self._busy = False
        self.failures += len(failed)
        retry = bool(self._waiting or failed)
        self._waiting.extend(failed)
        self._drop_covered(journal)
        self._do_between(journal)
        if self._drained is not None:
            self._go_on_draining(failed=retry)
        elif not retry:
            self._begin(self._ripe())

    def _drop_covered(self, journal: Journal) -> None:
        """Let go of blobs that are sealed wholly, some at a time; when draining, that is the last thing to do."""
        with self._transaction():
            more = journal.drop_tail(self._tail.oldest())
        if more:
            self._submit(self._drop_covered)
        elif self._drained is not None and not self._busy and (self._waiting or not len(self._all())):
            self._drained.set()  # what waits now has failed before: it is safe in the tail

    def _go_on_draining(self, *, failed: bool) -> None:
        if not failed:
            self._begin(self._all())
        if not self._busy:
            self._submit(self._drop_covered)

    @property
    def idle(self) -> bool:
        """Whether nothing is being sealed."""
        return not self._busy

    def close(self) -> None:
        """End the thread."""
        self._pool.shutdown(wait=True)
        self._connection.close()


def _by_transaction(outcomes: list[Outcome]) -> Iterator[list[Outcome]]:
    for first in range(0, len(outcomes), INSERTS):
        yield outcomes[first : first + INSERTS]


def _apart(series: int) -> int:
    """An order in which neighbours are strangers: blocks of many sizes fill pages better than blocks of one."""
    return series * 2_654_435_761 % (1 << 32)


def _in_turn(series: int) -> tuple[int, int]:
    """An order in which neighbours stand together, as they are asked for: their minutes then share pages."""
    return _apart(series // GROUP), series
