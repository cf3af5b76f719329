"""Waiting for a moment or for news, whichever is first."""

from __future__ import annotations

import asyncio
import contextlib

from bongsu.ports import Clock


class Waker:
    """A sleeper that can be woken. One task waits; anybody on the loop may wake it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._news = asyncio.Event()

    def wake(self) -> None:
        """Wake the sleeper, or keep it from falling asleep."""
        self._news.set()

    async def wait(self, until: float) -> None:
        """Return at the moment (monotonic seconds), or when woken."""
        if not self._news.is_set() and until > self._clock.monotonic():
            timer = asyncio.ensure_future(self._clock.sleep_until(until))
            news = asyncio.ensure_future(self._news.wait())
            try:
                await asyncio.wait((timer, news), return_when=asyncio.FIRST_COMPLETED)
            finally:
                for one in (timer, news):
                    one.cancel()
                    with contextlib.suppress(asyncio.CancelledError):
                        await one
        self._news.clear()
