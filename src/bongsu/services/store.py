"""A store whose commits and queries are counted like any service's requests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from bongsu.model.query import Points, RangeQuery
from bongsu.model.sample import Batch
from bongsu.ports import Clock, History, Prompt

Told = Callable[[str, float, bool], None]
"""Told what was done (`commit`, `query`), how long it took (ms), and whether it worked."""

Noted = Callable[[tuple[float, float]], None]
"""Told when a query began and ended (monotonic seconds), while somebody waits for its answer."""


class Store(History, Prompt, Protocol):
    """What keeps samples and answers questions about them, small ones at once."""


class CountedStore:
    """Implements `History` and `Prompt` by another's hands, and tells of each call."""

    def __init__(self, store: Store, *, clock: Clock, told: Told, noted: Noted) -> None:
        self._store = store
        self._noted = noted
        self._clock = clock
        self._told = told

    async def append(self, batch: Batch) -> None:
        """Keep the samples."""
        began, kept = self._clock.monotonic(), False
        try:
            await self._store.append(batch)
            kept = True
        finally:
            self._told("commit", (self._clock.monotonic() - began) * 1_000, kept)

    async def range(self, query: RangeQuery) -> list[Points]:
        """The selected series in the range."""
        began, answered = self._clock.monotonic(), False
        try:
            found = await self._store.range(query)
            answered = True
        finally:
            self._told("query", (self._clock.monotonic() - began) * 1_000, answered)
        return found

    def at_once(self, query: RangeQuery) -> list[Points] | None:
        """The answer where it takes about a millisecond; what has to wait is counted when it is asked for."""
        began = self._clock.monotonic()
        found = self._store.at_once(query)
        if found is not None:
            self._noted((began, self._clock.monotonic()))
        return found

    async def close(self) -> None:
        """Write everything accepted and let go of the files."""
        await self._store.close()
