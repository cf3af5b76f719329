"""Availability over 24 hours to 90 days, read from history's own roll-ups.

A probe counts 1 or 0; what counts neither way (maintenance, rate_limited) gave no sample and so is in no denominator.
The mean over minutes (hours for the long windows) makes an hour weigh as an hour however often it was asked in it.
How much of a window was watched is told beside it: ten minutes without a failure are no 30 days without one.
"""

from __future__ import annotations

import asyncio

import structlog

from bongsu.collect.checks.watch import Target, Watch
from bongsu.model.check import WINDOWS
from bongsu.model.errors import BongsuError
from bongsu.model.query import RangeQuery
from bongsu.model.share import Share, settled
from bongsu.model.share import share as share_of
from bongsu.ports import Clock, History

EVERY = 60.0
"""Seconds between two computations of the shortest window; each longer one is computed every few of them."""
_FIRST = 10.0
"""Seconds until the first computation: the first probes should be in it."""
_TURNS = {"24h": 1, "7d": 5, "30d": 15, "90d": 30}
_MINUTE, _HOUR = 60_000, 3_600_000
_log = structlog.get_logger(__name__)


class Availability:
    """Keeps the watch's availability figures fresh."""

    def __init__(self, *, watch: Watch, history: History, clock: Clock) -> None:
        self._watch = watch
        self._history = history
        self._clock = clock
        self._known: dict[str, dict[str, Share]] = {}

    async def run(self) -> None:
        """Compute for ever."""
        turn = 0
        await self._clock.sleep_until(self._clock.monotonic() + _FIRST)
        while True:
            for target in self._watch.targets:
                await self.refresh(target, [window for window, each in _TURNS.items() if turn % each == 0])
            turn += 1
            await self._clock.sleep_until(self._clock.monotonic() + EVERY)

    async def refresh(self, target: Target, windows: list[str]) -> None:
        """Compute these windows of one target."""
        known = self._known.setdefault(target.key, {})
        for window in windows:
            try:
                share = await self._over(target, WINDOWS[window])
            except BongsuError as error:
                _log.warning("availability can't be read", check=target.key, reason=error.detail)
                return
            if share is not None:
                known[window] = share
            await asyncio.sleep(0)
        self._watch.available(target.key, settled((window, known[window]) for window in WINDOWS if window in known))

    async def _over(self, target: Target, length: int) -> Share | None:
        step = _MINUTE if length <= WINDOWS["7d"] else _HOUR
        now = self._clock.now()
        query = RangeQuery(
            metric=f"{target.kind}_up",
            labels=((target.kind, target.name),),
            start=now - length,
            end=now + 1,
            step=step,
            agg="avg",
        )
        found = await self._history.range(query)
        if not found:
            return None
        return share_of(round(100.0 * float(found[0].value.mean()), 3), found[0].at, step=step, now=now)
