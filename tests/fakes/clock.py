"""A clock that stands still until a test advances it."""

from __future__ import annotations

import asyncio
import heapq
import itertools


class VirtualClock:
    """Implements the `Clock` port; time moves only through `advance`."""

    def __init__(self, start_ms: int = 1_763_778_000_000) -> None:
        self._wall = float(start_ms)
        self._mono = 0.0
        self._count = itertools.count()
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []

    def now(self) -> int:
        return int(self._wall)

    def monotonic(self) -> float:
        return self._mono

    async def sleep_until(self, moment: float) -> None:
        if moment <= self._mono:
            await asyncio.sleep(0)
            return
        future = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (moment, next(self._count), future))
        await future

    @property
    def sleeping(self) -> int:
        """How many wait for a later moment."""
        return sum(not future.done() for _, _, future in self._sleepers)

    def jump_wall(self, seconds: float) -> None:
        """Set the wall clock forward or back, as NTP or an operator does; monotonic time is untouched."""
        self._wall += seconds * 1000

    async def advance(self, seconds: float, *, settle: int = 20) -> None:
        """Move time on, waking sleepers in order, each at its own moment; `settle` turns of the loop after each."""
        target = self._mono + seconds
        await self._turns(settle)
        while self._sleepers and self._sleepers[0][0] <= target:
            moment, _, future = heapq.heappop(self._sleepers)
            self._wall += (moment - self._mono) * 1000
            self._mono = moment
            if not future.done():
                future.set_result(None)
            await self._turns(settle)
        self._wall += (target - self._mono) * 1000
        self._mono = target
        await self._turns(settle)

    @staticmethod
    async def _turns(count: int) -> None:
        for _ in range(count):
            await asyncio.sleep(0)
