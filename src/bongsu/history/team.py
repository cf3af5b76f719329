"""Two threads for one answer, where most of the work is done outside of the interpreter."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from bongsu.history.files import Files, ReadConnection
from bongsu.history.loading import Scratch

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(slots=True)
class Desk:
    """What a thread works with: a connection and a scratch of its own."""

    connection: ReadConnection
    scratch: Scratch


class Team:
    """Whoever calls, and a second thread that is started when it is first needed."""

    def __init__(self, files: Files) -> None:
        self._second: ThreadPoolExecutor | None = None
        self._desk = Desk(ReadConnection(files), Scratch())

    def each(
        self, work: Callable[[Item, Desk], Result], items: Sequence[Item], desk: Desk, *, shared: bool
    ) -> list[Result]:
        """The result of each item, in order; `shared` between both threads, each at a desk of its own."""
        if not shared or len(items) < 2 or os.cpu_count() == 1:
            return [work(item, desk) for item in items]
        if self._second is None:
            self._second = ThreadPoolExecutor(1, thread_name_prefix="history-second")
        self._desk.scratch.budget = desk.scratch.budget
        waiting = deque(enumerate(items))
        found: dict[int, Result] = {}

        def take(desk: Desk) -> None:
            while True:
                try:
                    number, item = waiting.popleft()
                except IndexError:
                    return
                found[number] = work(item, desk)

        second = self._second.submit(take, self._desk)
        try:
            take(desk)
        finally:
            waiting.clear()
            second.result()
        return [found[number] for number in range(len(items))]

    def close(self) -> None:
        """End the second thread."""
        if self._second is not None:
            self._second.shutdown()
        self._desk.connection.close()
