"""Two threads for one answer, where most of the work is done outside of the interpreter."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from bongsu.history.loading import Scratch

Item = TypeVar("Item")
Result = TypeVar("Result")


class Team:
    """Whoever calls, and a second thread that is started when it is first needed."""

    def __init__(self) -> None:
        self._second: ThreadPoolExecutor | None = None
        self._scratch = Scratch()

    def each(
        self, work: Callable[[Item, Scratch], Result], items: Sequence[Item], scratch: Scratch, *, shared: bool
    ) -> list[Result]:
        """The result of each item, in order; `shared` between both threads, each with a scratch of its own."""
        if not shared or len(items) < 2 or os.cpu_count() == 1:
            return [work(item, scratch) for item in items]
        if self._second is None:
            self._second = ThreadPoolExecutor(1, thread_name_prefix="history-second")
        waiting = deque(enumerate(items))
        found: dict[int, Result] = {}

        def take(scratch: Scratch) -> None:
            while True:
                try:
                    number, item = waiting.popleft()
                except IndexError:
                    return
                found[number] = work(item, scratch)

        second = self._second.submit(take, self._scratch)
        try:
            take(scratch)
        finally:
            waiting.clear()
            second.result()
        return [found[number] for number in range(len(items))]

    def close(self) -> None:
        """End the second thread."""
        if self._second is not None:
            self._second.shutdown()
