"""The scheduler: reads every collector at its interval and hands each tick over as one batch."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, Protocol

from bongsu.collect.grid import Grid
from bongsu.collect.station import Station
from bongsu.collect.threads import Call, Threads
from bongsu.model.errors import BongsuError
from bongsu.model.sample import Refusal, Sample
from bongsu.ports import Clock, Collector

_LOOK = 1.0
"""Seconds the scheduler sleeps at most, so that a collector added meanwhile, or a stuck one, is seen soon."""

_PATIENCE = 5.0
"""Seconds that stopping waits for a history that takes long."""

_EARLY = 0.001
"""Seconds by which a timer may wake us early: uvloop's count whole milliseconds."""

_log = logging.getLogger(__name__)


class Measure(Protocol):
    """Where readings go: `Pipeline.measure`."""

    def __call__(self, samples: Sequence[Sample], *, at: int | None = None) -> Awaitable[tuple[Refusal, ...]]:
        """Take samples; `at` (UTC ms) stamps those without a time. Returns what was refused."""
        ...


class _Round:
    """The readings of one tick on their way into one batch."""

    __slots__ = ("at", "closes", "parts", "samples", "waiting")

    def __init__(self, at: int, closes: float) -> None:
        self.at = at
        self.closes = closes
        self.samples: list[Sample] = []
        self.parts: list[tuple[Station, int]] = []
        self.waiting: set[str] = set()

    def put(self, station: Station, samples: list[Sample]) -> None:
        if samples:
            self.samples += samples
            station.samples = len(samples)
            self.parts.append((station, len(self.samples)))


class Scheduler:
    """Keeps each collector's period, without drift and without pile-up.

    A collector whose reading still runs when the next is due skips that one, which is counted. Plain collectors are
    read in a few threads, coroutines as tasks, those that say `inline = True` on the loop (they must be cheap and
    never block). A collector may carry `timeout` (seconds; else twice its interval, at least 10): a task is
    cancelled then, a thread written off and replaced. All collectors due at one moment that answer within
    `window` seconds are handed over as one batch; whoever is later gets a batch of his own, with the same time.

    The scheduler owns its collectors: one with a `close` method is closed when it is removed or all is stopped.
    """

    def __init__(
        self,
        *,
        collectors: Iterable[Collector] = (),
        measure: Measure,
        clock: Clock,
        threads: Threads | None = None,
        window: float = 0.03,
        in_flight: int = 30,
    ) -> None:
        self._measure = measure
        self._clock = clock
        self._threads = threads or Threads()
        self._window = window
        self._in_flight = in_flight
        self._grid = Grid(clock)
        self._stations: dict[str, Station] = {}
        self._calls: dict[str, Call | asyncio.Task[Any]] = {}
        self._round: _Round | None = None
        self._handing: set[asyncio.Task[None]] = set()
        self._task: asyncio.Task[None] | None = None
        self._delay = 0.0
        self._dropped = 0
        self._failed = 0
        self._failure: str | None = None
        self.told: Callable[[str, float, bool], None] = _untold
        """Told of each reading: whose it was, how long it took (ms), and whether it worked."""
        for collector in collectors:
            self.add(collector)

    # -- what is read ------------------------------------------------------------------------------------------

    def add(self, collector: Collector) -> None:
        """Read this collector from now on: once at once, then on the grid.

        Raises:
            ValueError: the name is taken, or the interval is too short.
        """
        if collector.name in self._stations:
            raise ValueError(f"there is already a collector named {collector.name!r}; give this one another name")
        self._stations[collector.name] = Station(collector, due=self._clock.monotonic())

    def remove(self, name: str) -> None:
        """Stop reading the collector of that name; a reading under way is not waited for.

        Raises:
            KeyError: there is none of that name.
        """
        station = self._stations.pop(name)
        call = self._calls.pop(name, None)
        if isinstance(call, asyncio.Task):
            call.cancel()
        if self._round is not None:
            self._round.waiting.discard(name)
        if call is None:
            _close(station.collector)  # else once its reading came back: its files are in use

    def restart(self, name: str) -> None:
        """Read the collector of that name anew, as if nothing had happened; a reading that hangs is given up.

        Raises:
            KeyError: there is none of that name.
        """
        station = self._stations[name]
        call = self._calls.pop(name, None)
        if isinstance(call, asyncio.Task):
            call.cancel()
        if self._round is not None:
            self._round.waiting.discard(name)
        self._stations[name] = Station(station.collector, due=self._clock.monotonic())

    def retime(self, name: str, interval: float) -> None:
        """Read the collector of that name at another interval, beginning now; what it remembers stays.

        Raises:
            KeyError: there is none of that name.
            ValueError: the interval is too short.
        """
        station = self._stations[name]
        if station.interval != interval:
            station.retime(interval, self._clock.monotonic())

    def samples_of(self, name: str) -> int:
        """How many samples the last reading of that name gave; 0 where there is no such collector."""
        station = self._stations.get(name)
        return 0 if station is None else station.samples

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the collectors that are read."""
        return tuple(self._stations)

    # -- life --------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to read, in the running event loop."""
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self.run(), name="bongsu-scheduler")

    async def stop(self) -> None:
        """Stop reading, hand over what was read, close the collectors. Readings that hang are left behind."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
            self._task = None
        self._close_round()
        if self._handing:
            await asyncio.wait(set(self._handing), timeout=_PATIENCE)
        reading = [call for name, call in self._calls.items() if not self._stations[name].stuck]
        for name in self.names:
            self.remove(name)
        if reading:
            await asyncio.wait(
                [call if isinstance(call, asyncio.Task) else call.future for call in reading], timeout=_LOOK
            )
        self._threads.close()

    async def run(self) -> None:
        """Read until cancelled."""
        while True:
            now = self._clock.monotonic()
            if self._round is not None and (now >= self._round.closes or not self._round.waiting):
                self._close_round()
            due = [station for station in self._stations.values() if station.due <= now + _EARLY]
            if due:
                self._tick(due, now)
            self._look_for_hanging(now)
            await self._clock.sleep_until(self._wake(now))

    def _wake(self, now: float) -> float:
        moments = [station.due for station in self._stations.values()]
        if self._round is not None:
            moments.append(self._round.closes)
        return min([now + _LOOK, *moments])

    # -- one tick ----------------------------------------------------------------------------------------------

    def _tick(self, due: list[Station], now: float) -> None:
        moved = self._grid.follow()
        if moved:
            _log.warning("the clock moved by %+.1f s (set, or the machine slept); readings go on", moved)
        self._close_round()
        self._delay = max(self._delay, now - min(station.due for station in due))
        at = self._grid.stamp(min(station.interval for station in due))
        current = self._round = _Round(at, now + self._window)
        for station in due:
            station.plan(self._grid.next(station.interval, station.after(now)))
            if station.started is not None:
                station.skipped += 1
            else:
                self._begin(station, current, now)
        if not current.waiting:
            self._close_round()

    def _begin(self, station: Station, current: _Round, now: float) -> None:
        station.begins(now)
        try:
            if station.way == "inline":
                samples = _checked(station.collector.collect())
                self._over(station, None)
                current.put(station, samples)
            else:
                self._send(station, current)
        except Exception as error:  # noqa: BLE001 - supervised: a collector is anybody's code
            self._over(station, error)

    def _send(self, station: Station, current: _Round) -> None:
        collector = station.collector
        future: asyncio.Future[Any]
        if station.way == "task":
            future = self._calls[station.name] = asyncio.get_running_loop().create_task(_awaited(collector.collect()))
        else:
            call = self._calls[station.name] = self._threads.run(lambda: _listed(collector.collect()))
            future = call.future
        if station.prompt:
            current.waiting.add(station.name)
        future.add_done_callback(lambda done: self._arrived(station, current, done))

    def _over(self, station: Station, error: BaseException | None) -> None:
        now = self._clock.monotonic()
        station.ends(now)
        self.told(station.name, station.duration * 1_000, error is None)
        if error is None:
            station.works(now)
        else:
            station.fails(error)

    def _arrived(self, station: Station, current: _Round, done: asyncio.Future[Any]) -> None:
        if self._stations.get(station.name) is not station:
            if not done.cancelled():
                done.exception()  # removed meanwhile: looked at, so that asyncio doesn't complain
            if not any(one.collector is station.collector for one in self._stations.values()):
                _close(station.collector)
            return
        self._calls.pop(station.name, None)
        was_stuck = station.stuck
        samples: list[Sample] = []
        if done.cancelled() or done.exception() is not None:
            error = (None if done.cancelled() else done.exception()) or asyncio.CancelledError()
            if was_stuck:  # told when it hung
                station.ends(self._clock.monotonic())
            else:
                self._over(station, error)
        elif inspect.isawaitable(done.result()):
            # a plain method that returned an awaitable: from here on a task like any other
            task = asyncio.get_running_loop().create_task(_awaited(done.result()))
            self._calls[station.name] = task
            task.add_done_callback(lambda again: self._arrived(station, current, again))
            return
        else:
            self._over(station, None)
            samples = [] if was_stuck else done.result()  # too old to be shown as a reading of now
        self._deliver(station, current, samples)

    def _deliver(self, station: Station, current: _Round, samples: list[Sample]) -> None:
        current.waiting.discard(station.name)
        if current is self._round:
            current.put(station, samples)
            if not current.waiting:
                self._close_round()
        elif samples:
            alone = _Round(current.at, 0.0)
            alone.put(station, samples)
            self._hand_over(alone)

    def _look_for_hanging(self, now: float) -> None:
        for name, call in list(self._calls.items()):
            station = self._stations[name]
            if station.started is None or station.stuck or now - station.started < station.timeout:
                continue
            station.hangs()
            self.told(name, (now - station.started) * 1_000, False)
            if isinstance(call, asyncio.Task):
                call.cancel()
            elif call.running:
                self._threads.write_off(call)
            else:
                call.future.cancel()

    # -- onward ------------------------------------------------------------------------------------------------

    def _close_round(self) -> None:
        current, self._round = self._round, None
        if current is not None and current.samples:
            self._hand_over(current)

    def _hand_over(self, current: _Round) -> None:
        if len(self._handing) >= self._in_flight:
            self._dropped += len(current.samples)
            return
        task = asyncio.get_running_loop().create_task(self._hand(current))
        self._handing.add(task)
        task.add_done_callback(self._handing.discard)

    async def _hand(self, current: _Round) -> None:
        try:
            refusals = await self._measure(current.samples, at=current.at)
        except BongsuError as error:
            self._failed += 1
            if error.code != self._failure:
                _log.warning("readings can't be kept: %s (%s)", error.detail, error.hint or error.title)
            self._failure = error.code
        except Exception:  # noqa: BLE001 - supervised: monitoring goes on whatever history says
            self._failed += 1
            if self._failure != "error":
                _log.exception("readings can't be handed over")
            self._failure = "error"
        else:
            if self._failure is not None:
                self._failure = None
                _log.info("readings are kept again")
            if refusals:
                _tell(current, refusals)

    def figures(self) -> Iterable[Sample]:
        """Per collector what became of its readings; in all: delay of ticks, clock jumps, what was dropped."""
        now = self._clock.monotonic()
        for station in self._stations.values():
            yield from station.figures(now)
        delay, self._delay = self._delay, 0.0
        yield Sample(metric="bongsu_collect_delay_seconds", value=delay)
        yield Sample(metric="bongsu_collect_clock_jumps_total", value=self._grid.jumps)
        yield Sample(metric="bongsu_collect_dropped_total", value=self._dropped)
        yield Sample(metric="bongsu_collect_failures_total", value=self._failed)
        yield Sample(metric="bongsu_collect_threads", value=self._threads.alive)
        yield Sample(metric="bongsu_collect_threads_lost", value=self._threads.lost)


def _untold(*_: object) -> None:
    """Nobody asked to be told."""


async def _awaited(reading: Any) -> list[Sample]:
    return _checked(await reading)


def _listed(reading: Any) -> Any:
    """Walk through a generator in the thread, where its work belongs; hand an awaitable back to the loop."""
    return reading if inspect.isawaitable(reading) else _checked(reading)


def _checked(reading: Any) -> list[Sample]:
    """The samples of a reading; anything else would spoil the batch of all collectors.

    Raises:
        TypeError: it holds something else.
    """
    samples = list(reading)
    for one in samples:
        if not isinstance(one, Sample):
            raise TypeError(f"collect() must give samples, not {one!r:.80}")
    return samples


def _close(collector: Collector) -> None:
    close: Callable[[], None] | None = getattr(collector, "close", None)
    if close is not None:
        close()


def _tell(current: _Round, refusals: tuple[Refusal, ...]) -> None:
    """Tell each collector which of its samples were refused."""
    begin = 0
    for station, end in current.parts:
        its = [(current.samples[one.index], one) for one in refusals if begin <= one.index < end]
        if its:
            station.refuses(its)
        begin = end
