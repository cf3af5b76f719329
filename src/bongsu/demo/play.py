"""Plays the simulation into a running server, through the same door that anybody's program uses."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable

import structlog

from bongsu.client import AsyncClient
from bongsu.demo.feed import SimulatedFeed
from bongsu.demo.shop import SimulatedShop
from bongsu.model.errors import BongsuError
from bongsu.model.sample import Sample
from bongsu.ports import Clock

Send = Callable[[Iterable[Sample]], Awaitable[object]]
"""Where figures go: `AsyncClient.send`."""


async def play(send: Send, *, clock: Clock, seed: int = 20_261_122) -> None:
    """Send the shop's and the feed's figures every second until cancelled.

    A server that doesn't take them is told about once, and tried again a second later.
    """
    shop, feed = SimulatedShop(seed=seed), SimulatedFeed(seed=seed)
    log = structlog.get_logger("bongsu.demo")
    failing = False
    moment = clock.monotonic()
    while True:
        at = clock.now()
        try:
            await send([*shop.tick(at), *feed.tick(at)])
            failing = False
        except BongsuError as error:
            if not failing:
                log.warning("the simulated figures aren't taken", reason=error.detail)
            failing = True
        moment = max(moment + 1.0, clock.monotonic())
        await clock.sleep_until(moment)


async def play_into(rest_url: str, *, clock: Clock) -> None:
    """Play into the server at `rest_url` until cancelled."""
    async with AsyncClient(rest_url) as client:
        await play(client.send, clock=clock)
