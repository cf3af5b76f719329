"""A bounded set of threads for readings that block, in which a hung one harms nobody else."""

from __future__ import annotations

import asyncio
import itertools
import queue
import threading
from collections.abc import Callable
from typing import Any


class Call:
    """One piece of work handed to the threads; `future` belongs to the event loop that asked."""

    __slots__ = ("_work", "future", "lost", "running")

    def __init__(self, work: Callable[[], Any], future: asyncio.Future[Any]) -> None:
        self._work = work
        self.future = future
        self.running = False
        self.lost = False

    def run(self) -> None:
        """Do the work in the calling thread and tell the loop."""
        if self.future.cancelled():
            return
        self.running = True
        result: Any = None
        error: BaseException | None = None
        try:
            result = self._work()
        except BaseException as raised:  # noqa: BLE001 - whatever it is belongs to whoever awaits the future
            error = raised
        try:
            self.future.get_loop().call_soon_threadsafe(self._settle, result, error)
        except RuntimeError:
            return  # the loop was closed while we worked: nobody waits any more

    def _settle(self, result: Any, error: BaseException | None) -> None:
        if self.future.done():
            return
        if error is None:
            self.future.set_result(result)
        elif isinstance(error, Exception):
            self.future.set_exception(error)
        else:
            self.future.set_exception(RuntimeError(f"the reading ended its thread with {error!r}"))


class Threads:
    """At most `limit` threads at work, and up to `spare` more written off because their call hangs.

    `concurrent.futures` won't do: its threads are joined when the program ends, so that one hung network mount
    would keep it from ending, and a hung thread is never replaced. Used from one event loop.
    """

    def __init__(self, *, limit: int = 4, spare: int = 8, name: str = "bongsu-collect") -> None:
        self._limit = limit
        self._spare = spare
        self._name = name
        self._calls: queue.SimpleQueue[Call | None] = queue.SimpleQueue()
        self._count = itertools.count(1)
        self._open = 0
        self.alive = 0
        """Threads that take calls."""
        self.lost = 0
        """Threads whose call was written off and hasn't come back yet."""

    def run(self, work: Callable[[], Any]) -> Call:
        """Have `work` done in a thread. The caller bounds the number of open calls.

        Raises:
            RuntimeError: the system has no thread left for us.
        """
        call = Call(work, asyncio.get_running_loop().create_future())
        if self._open >= self.alive and self.alive < self._limit:
            self._grow()
        self._open += 1
        call.future.add_done_callback(lambda _: self._came_back(call))
        self._calls.put(call)
        return call

    def write_off(self, call: Call) -> bool:
        """Stop counting on this call's thread, so that another may take its place; False when that bound is reached."""
        if call.lost or not call.running or self.lost >= self._spare:
            return call.lost
        call.lost = True
        self.lost += 1
        self.alive -= 1
        self._open -= 1
        if self._open > self.alive:
            self._grow()
        return True

    def close(self) -> None:
        """Let the threads end, each after the call it is in."""
        for _ in range(self.alive + self.lost):
            self._calls.put(None)
        self.alive = 0

    def _grow(self) -> None:
        try:
            threading.Thread(target=self._serve, name=f"{self._name}-{next(self._count)}", daemon=True).start()
        except RuntimeError:
            if not self.alive:
                raise  # else the call waits for those there are
        else:
            self.alive += 1

    def _came_back(self, call: Call) -> None:
        if not call.lost:
            self._open -= 1
            return
        self.lost -= 1
        self.alive += 1
        if self.alive > self._limit:
            self.alive -= 1
            self._calls.put(None)

    def _serve(self) -> None:
        while True:
            call = self._calls.get()
            if call is None:
                return
            call.run()
