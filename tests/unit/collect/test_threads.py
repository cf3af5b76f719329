"""The bounded set of threads."""

from __future__ import annotations

import asyncio
import threading

import pytest

from bongsu.collect.threads import Threads
from tests.unit.collect.stand import until


async def test_results_and_errors_come_back() -> None:
    """What the work gives or raises reaches whoever awaits it."""
    threads = Threads(limit=1)
    assert await threads.run(lambda: 7).future == 7
    with pytest.raises(ZeroDivisionError):
        await threads.run(lambda: 1 / 0).future
    with pytest.raises(RuntimeError, match="ended its thread"):
        await threads.run(lambda: exec("raise SystemExit(3)")).future
    assert await threads.run(lambda: 8).future == 8, "the thread survives all that"
    threads.close()


async def test_no_more_threads_than_needed() -> None:
    """One after the other needs one thread; at once as many as the limit, the rest waits."""
    threads = Threads(limit=3)
    for _ in range(5):
        await threads.run(lambda: None).future
    assert threads.alive == 1
    gate = threading.Event()
    calls = [threads.run(lambda: gate.wait(30)) for _ in range(10)]
    await until(lambda: sum(call.running for call in calls) == 3)
    assert threads.alive == 3
    gate.set()
    await asyncio.wait_for(asyncio.gather(*(call.future for call in calls)), 10)
    threads.close()


async def test_a_thread_written_off_is_replaced_and_taken_back() -> None:
    """While it hangs another serves; once it comes back there are no more threads than before."""
    threads = Threads(limit=1, spare=1)
    gate = threading.Event()
    hung = threads.run(lambda: gate.wait(30))
    waiting = threads.run(lambda: "served")
    await until(lambda: hung.running)
    assert threads.write_off(hung)
    assert await asyncio.wait_for(waiting.future, 10) == "served"
    assert (threads.alive, threads.lost) == (1, 1)
    second = threads.run(lambda: gate.wait(30))
    await until(lambda: second.running)
    assert not threads.write_off(second), "no more than the spare ones may be lost"
    gate.set()
    await asyncio.wait_for(asyncio.gather(hung.future, second.future), 10)
    await until(lambda: (threads.alive, threads.lost) == (1, 0))
    assert await threads.run(lambda: 1).future == 1
    threads.close()


async def test_threads_end_when_closed() -> None:
    """None is left behind, also not one whose call came back only after the end."""
    before = threading.active_count()
    threads = Threads(limit=2)
    gate = threading.Event()
    late = threads.run(lambda: gate.wait(30))
    await threads.run(lambda: None).future
    threads.close()
    gate.set()
    await asyncio.wait_for(late.future, 10)
    await until(lambda: threading.active_count() <= before)


def test_a_loop_that_is_gone_is_no_error() -> None:
    """A call that outlives the event loop ends quietly."""
    gate = threading.Event()
    threads = Threads(limit=1)
    before = threading.active_count()

    async def ask() -> None:
        threads.run(lambda: gate.wait(30))

    asyncio.run(ask())
    threads.close()
    gate.set()
    ended = threading.Event()
    for _ in range(1000):
        if threading.active_count() <= before:
            break
        ended.wait(0.01)
    assert threading.active_count() <= before
