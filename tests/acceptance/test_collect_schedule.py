"""The scheduler's promises as timelines on a virtual clock."""

from __future__ import annotations

import itertools
import logging
import threading
from collections.abc import AsyncIterator, Callable, Iterable

import pytest

from bongsu.collect.scheduler import Scheduler
from bongsu.model.errors import StorageFull
from bongsu.model.sample import Refusal, Sample
from bongsu.ports import Collector
from tests.fakes.clock import VirtualClock
from tests.unit.collect.stand import Book, Hanging, Inline, Task, figure, until

Start = Callable[..., Scheduler]


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(1_763_778_000_000)


@pytest.fixture
def book() -> Book:
    return Book()


@pytest.fixture
async def start(clock: VirtualClock, book: Book) -> AsyncIterator[Start]:
    running: list[Scheduler] = []

    def begin(*collectors: Collector, **more: int) -> Scheduler:
        scheduler = Scheduler(collectors=collectors, measure=book.measure, clock=clock, **more)  # type: ignore[arg-type]
        scheduler.start()
        running.append(scheduler)
        return scheduler

    yield begin
    for scheduler in running:
        await scheduler.stop()


async def test_a_period_is_kept_without_drift(start: Start, clock: VirtualClock, book: Book) -> None:
    """Ten minutes at one second give a reading at every whole second, stamped exactly."""
    start(Inline("one"))
    await clock.advance(600, settle=3)
    stamps = book.of("one")
    assert stamps == [1_763_778_000_000 + 1000 * second for second in range(601)]


async def test_collectors_of_one_moment_come_as_one_batch(start: Start, clock: VirtualClock, book: Book) -> None:
    """Inline and quick tasks due together are handed over together, also with a longer interval."""
    start(Inline("one"), Task("two", clock, takes=0.01), Inline("five", interval=5))
    await clock.advance(10.5)
    assert len(book.batches) == 11
    assert sorted(book.names()[5]) == ["five", "one", "two"]
    assert book.of("five") == [book.batches[0][0], book.batches[5][0], book.batches[10][0]]


async def test_a_slow_one_skips_and_slows_no_other(start: Start, clock: VirtualClock, book: Book) -> None:
    """A reading of 2.5 s at an interval of 1 s skips two of three moments, counted; the other one misses none."""
    slow = Task("slow", clock, takes=2.5)
    scheduler = start(slow, Inline("quick"))
    await clock.advance(30)
    assert slow.readings == 11
    assert figure(scheduler, "bongsu_collector_skipped_total", "slow") == 20
    assert figure(scheduler, "bongsu_collector_duration_seconds", "slow") == pytest.approx(2.5)
    assert len(book.of("quick")) == 31
    assert figure(scheduler, "bongsu_collector_skipped_total", "quick") == 0


async def test_a_late_reading_keeps_the_time_at_which_it_began(start: Start, clock: VirtualClock, book: Book) -> None:
    """What comes after the batch was closed is handed over by itself, stamped with its own tick."""
    start(Task("slow", clock, takes=0.5), Inline("quick"))
    await clock.advance(1.6)
    first = book.batches[0][0]
    assert first is not None
    assert book.of("slow") == [first, first + 1000]
    assert book.names() == [["quick"], ["slow"], ["quick"], ["slow"]]


async def test_one_that_was_slow_is_not_waited_for(start: Start, clock: VirtualClock, book: Book) -> None:
    """Once known to be slow, a collector no longer holds up the batch of the quick ones."""
    start(Task("slow", clock, takes=0.5), Inline("quick"))
    await clock.advance(0.9)
    await clock.advance(0.1)  # the second tick is due now and the slow one still at work
    assert book.names()[-1] == ["quick"]


async def test_an_error_is_told_once_and_counted_each_time(
    start: Start, clock: VirtualClock, book: Book, caplog: pytest.LogCaptureFixture
) -> None:
    """Ten failures are one warning; the first success after them is told with their number."""
    caplog.set_level(logging.INFO)
    faulty = Inline("faulty")
    scheduler = start(faulty, Inline("good"))
    faulty.error = OSError(5, "Input/output error")
    await clock.advance(9.5)
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "faulty fails: OSError" in caplog.messages[0]
    assert figure(scheduler, "bongsu_collector_errors_total", "faulty") == 10
    faulty.error = None
    await clock.advance(1)
    assert caplog.messages[1:] == ["collector faulty works again after 10 failures"]
    assert len(book.of("good")) == 11


async def test_a_hung_thread_is_told_and_replaced(
    start: Start, clock: VirtualClock, book: Book, caplog: pytest.LogCaptureFixture
) -> None:
    """Hung readings are reported as stuck, lose their threads, and come back by themselves; others go on."""
    hung = [Hanging(f"hung{number}") for number in range(4)]
    free = Hanging("free")
    free.go.set()
    scheduler = start(*hung, Inline("quick"))
    await clock.advance(0.1)
    await until(lambda: all(one.entered.is_set() for one in hung))
    await clock.advance(3.5)
    assert figure(scheduler, "bongsu_collector_stuck", "hung0") == 1
    assert figure(scheduler, "bongsu_collect_threads_lost") == 4
    assert sum("no answer within 2 s" in message for message in caplog.messages) == 4
    scheduler.add(free)
    await clock.advance(1)
    await until(lambda: free.readings)
    await until(lambda: book.of("free"))
    assert len(book.of("quick")) == 5
    for one in hung:
        one.go.set()
    await until(lambda: figure(scheduler, "bongsu_collect_threads_lost") == 0)
    assert not book.of("hung0"), "what a hung reading brings at last is too old to be shown"
    await clock.advance(1)
    await until(lambda: len(book.of("hung0")) == 1)
    assert figure(scheduler, "bongsu_collector_stuck", "hung0") == 0
    assert figure(scheduler, "bongsu_collect_threads") <= 4


async def test_threads_are_bounded_when_everything_hangs(start: Start, clock: VirtualClock) -> None:
    """Thirty hung collectors take the limit and the spare threads, not thirty."""
    hung = [Hanging(f"hung{number}", timeout=1) for number in range(30)]
    scheduler = start(*hung)
    await clock.advance(0.1)
    await until(lambda: sum(one.entered.is_set() for one in hung) == 4)
    for _ in range(6):
        await clock.advance(1)
        await until(lambda: True)
    entered = sum(one.entered.is_set() for one in hung)
    assert entered <= 12
    assert figure(scheduler, "bongsu_collect_threads") + figure(scheduler, "bongsu_collect_threads_lost") <= 12
    for one in hung:
        one.go.set()


async def test_a_task_is_cancelled_at_its_time_out(start: Start, clock: VirtualClock) -> None:
    """A coroutine that takes too long is cancelled, counted once, and read again at its next moment."""
    slow = Task("slow", clock, takes=60)
    slow.timeout = 3
    scheduler = start(slow)
    await clock.advance(3.5)
    assert slow.cancelled == 1
    assert figure(scheduler, "bongsu_collector_errors_total", "slow") == 1
    slow.takes = 0
    await clock.advance(1)
    assert figure(scheduler, "bongsu_collector_stuck", "slow") == 0
    assert figure(scheduler, "bongsu_collector_age_seconds", "slow") < 1


@pytest.mark.parametrize("seconds", [3600.0, -3600.0])
async def test_a_clock_that_is_set_neither_stops_nor_bursts(
    start: Start, clock: VirtualClock, book: Book, caplog: pytest.LogCaptureFixture, seconds: float
) -> None:
    """After an hour's jump, forward or back, readings go on once a second, and it is told once."""
    one = Inline("one")
    scheduler = start(one)
    await clock.advance(5)
    before = one.readings
    clock.jump_wall(seconds + 0.3)
    await clock.advance(10)
    assert 9 <= one.readings - before <= 11
    assert figure(scheduler, "bongsu_collect_clock_jumps_total") == 1
    assert sum("the clock moved" in message for message in caplog.messages) == 1
    stamps = [at for at in book.of("one") if at is not None][-5:]
    assert all(later - earlier == 1000 for earlier, later in itertools.pairwise(stamps))
    assert stamps[-1] % 1000 == 0, "the grid is on whole seconds of the new time"


async def test_a_slow_drift_of_the_clock_loses_and_doubles_nothing(
    start: Start, clock: VirtualClock, book: Book
) -> None:
    """A wall clock that runs 2 ms a second too fast, then too slow, still gets one reading for each of its seconds."""
    start(Inline("one"))
    for drift in (0.002, -0.002):
        for _ in range(200):
            clock.jump_wall(drift)
            await clock.advance(1, settle=3)
    stamps = [at for at in book.of("one") if at is not None]
    steps = {later - earlier for earlier, later in itertools.pairwise(stamps)}
    assert steps == {1000}


async def test_lost_time_is_counted_as_skipped(start: Start, clock: VirtualClock, book: Book) -> None:
    """When the loop was held up for five seconds, one reading follows, not five, and the others count as skipped."""

    class Blocking(Inline):
        def collect(self) -> Iterable[Sample]:
            if self.readings == 1:
                clock._mono += 5.2  # it blocks the loop: time passes and nobody else runs
                clock.jump_wall(5.2)
            return super().collect()

    one = Blocking("one")
    scheduler = start(one)
    await clock.advance(6.5)
    assert one.readings == 3, "at 0, at 1, and once for all that was due from 2 to 6"
    assert figure(scheduler, "bongsu_collector_skipped_total", "one") == 4
    assert figure(scheduler, "bongsu_collect_delay_seconds") == pytest.approx(4.2)
    await clock.advance(1)
    assert one.readings == 4, "and on the grid again"


async def test_a_history_that_hangs_is_bounded_and_counted(start: Start, clock: VirtualClock, book: Book) -> None:
    """Batches nobody takes are kept waiting up to the bound; what comes then is dropped and counted."""
    book.gate.clear()
    scheduler = start(Inline("one"), in_flight=3)
    await clock.advance(9.5)
    assert figure(scheduler, "bongsu_collect_dropped_total") == 7
    assert book.batches == []
    book.gate.set()
    await clock.advance(1)
    assert len(book.batches) == 4, "the three that waited, and the one of now"


async def test_a_full_disk_is_told_once(
    start: Start, clock: VirtualClock, book: Book, caplog: pytest.LogCaptureFixture
) -> None:
    """While batches can't be kept, that is counted each time and logged once; so is the end of it."""
    caplog.set_level(logging.INFO)
    book.error = StorageFull("data/history.db: no space left", hint="free some room")
    scheduler = start(Inline("one"))
    await clock.advance(4.5)
    assert figure(scheduler, "bongsu_collect_failures_total") == 5
    assert [message for message in caplog.messages if "can't be kept" in message] == [
        "readings can't be kept: data/history.db: no space left (free some room)"
    ]
    book.error = None
    await clock.advance(1)
    assert caplog.messages[-1] == "readings are kept again"


async def test_a_refused_sample_is_told_to_its_collector(
    start: Start, clock: VirtualClock, book: Book, caplog: pytest.LogCaptureFixture
) -> None:
    """The gate's reason is logged once with the collector's name, and counted for that collector alone."""

    def refuse(samples: object) -> tuple[Refusal, ...]:
        assert isinstance(samples, list)
        return tuple(
            Refusal(index=i, code="name", detail="must be snake_case")
            for i, one in enumerate(samples)
            if one.metric == "Bad-Name"
        )

    book.refuse = refuse
    scheduler = start(Inline("good"), Inline("Bad-Name"))
    await clock.advance(3.5)
    assert figure(scheduler, "bongsu_collector_refused_total", "Bad-Name") == 4
    assert figure(scheduler, "bongsu_collector_refused_total", "good") == 0
    assert caplog.messages == ["collector Bad-Name: 'Bad-Name' was refused: name: must be snake_case"]


async def test_collectors_come_and_go_at_run_time(start: Start, clock: VirtualClock, book: Book) -> None:
    """One that is added is read within a second, one that is removed never again and is closed."""
    first, second = Inline("first", interval=60), Inline("second", interval=0.5)
    scheduler = start(first)
    await clock.advance(10)
    scheduler.add(second)
    with pytest.raises(ValueError, match="already a collector named 'second'"):
        scheduler.add(second)
    await clock.advance(2)
    assert second.readings >= 3
    scheduler.remove("second")
    seen = second.readings
    await clock.advance(5)
    assert second.readings == seen
    assert second.closed == 1
    assert scheduler.names == ("first",)


async def test_stopping_hands_over_what_was_read(clock: VirtualClock, book: Book) -> None:
    """The last batch is not lost and every collector is closed."""
    one, slow = Inline("one"), Task("slow", clock, takes=0.01)
    scheduler = Scheduler(collectors=[one, slow], measure=book.measure, clock=clock)
    scheduler.start()
    await clock.advance(0.001)  # the round is open: the slow one is still being waited for
    assert book.batches == []
    await scheduler.stop()
    assert book.names() == [["one"]]
    assert one.closed == 1


async def test_an_awaitable_from_a_plain_method_is_awaited(start: Start, clock: VirtualClock, book: Book) -> None:
    """A plain `collect` may return a coroutine (a decorated or partial function does)."""

    class Partial:
        name = "partial"
        interval = 1.0

        def collect(self) -> object:
            async def read() -> list[Sample]:
                return [Sample(metric="partial", value=1)]

            return read()

    start(Partial())
    await clock.advance(0.1)
    await until(lambda: book.of("partial"))


class Odd:
    """A collector with whatever a test gives it."""

    name = "odd"

    def __init__(self, given: object, *, interval: object = 1.0, inline: bool = False) -> None:
        self.given = given
        self.interval = interval
        self.inline = inline

    def collect(self) -> object:
        return self.given


@pytest.mark.parametrize("inline", [True, False])
@pytest.mark.parametrize("given", [None, 3, [("cpu", 1)], {"cpu": 1}, "text"])
async def test_what_is_no_sample_spoils_nobody_elses_batch(
    start: Start, clock: VirtualClock, book: Book, given: object, inline: bool
) -> None:
    """A collector that gives something else has an error of its own; the others are handed over."""
    scheduler = start(Odd(given, inline=inline), Inline("good"))
    await clock.advance(1.5)
    await until(lambda: figure(scheduler, "bongsu_collector_errors_total", "odd") >= 1)
    assert book.of("good")
    assert not book.of("odd")


@pytest.mark.parametrize("interval", [0, -1, float("nan"), float("inf"), "5", None])
async def test_an_interval_that_is_none_is_refused(clock: VirtualClock, book: Book, interval: object) -> None:
    """The error names the collector and what would be right."""
    with pytest.raises(ValueError, match=r"collector 'odd': interval is .*; it must be seconds, at least 0.01"):
        Scheduler(collectors=[Odd([], interval=interval)], measure=book.measure, clock=clock)  # type: ignore[list-item]


async def test_a_system_without_threads_left_stops_nobody_else(
    start: Start, clock: VirtualClock, book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no thread can be started, that collector fails and is read again later; the others go on."""

    def refuse(self: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        scheduler = start(Odd([Sample(metric="odd", value=1)]), Inline("good"))
        await clock.advance(1.5)
        assert figure(scheduler, "bongsu_collector_errors_total", "odd") == 2
        assert len(book.of("good")) == 2
    await clock.advance(1)
    await until(lambda: book.of("odd"))


async def test_another_interval_holds_at_once(start: Start, clock: VirtualClock, book: Book) -> None:
    """Read at once and then on the new grid; what the collector remembers stays, and nothing counts as skipped."""
    one = Inline("one")
    scheduler = start(one)
    await clock.advance(3, settle=3)
    scheduler.retime("one", 10.0)
    before = one.readings
    await clock.advance(40, settle=3)
    assert (one.interval, one.closed) == (10.0, 0)
    assert 4 <= one.readings - before <= 5
    assert scheduler.samples_of("one") == 1
    assert figure(scheduler, "bongsu_collector_skipped_total", "one") == 0
    with pytest.raises(KeyError):
        scheduler.retime("two", 1.0)
    with pytest.raises(ValueError, match="interval"):
        scheduler.retime("one", 0.0)
