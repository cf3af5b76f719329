"""Waiting for a moment or for news, whichever is first."""

from __future__ import annotations

import asyncio
import math

from bongsu.ports import Clock


class Alarm:
    """A sleeper that can be woken. One task waits; anybody on the loop may ring."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """Wake the sleeper, or keep it from falling asleep."""
        self._rung.set()

    async def wait(self, until: float) -> None:
        """Return at the moment (monotonic seconds; infinity: never) or when it rings; others get a turn first."""
        await asyncio.sleep(0)
        if not self._rung.is_set() and until > self._clock.monotonic():
            if until == math.inf:
                await self._rung.wait()
            else:
                await self._either(until)
        self._rung.clear()

    async def _either(self, until: float) -> None:
        timer = asyncio.ensure_future(self._clock.sleep_until(until))
        news = asyncio.ensure_future(self._rung.wait())
        try:
            await asyncio.wait((timer, news), return_when=asyncio.FIRST_COMPLETED)
        finally:
            timer.cancel()
            news.cancel()
