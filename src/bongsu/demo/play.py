"""Plays the simulation into a running server, through the same door that anybody's program uses."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path

import structlog

from bongsu.client import AsyncClient
from bongsu.demo.feed import SimulatedFeed
from bongsu.demo.shop_file import ShopFile
from bongsu.model.errors import BongsuError
from bongsu.model.event import Event
from bongsu.ports import Clock

_ADVANCE_EVERY = 10
"""Seconds between two rounds of the warehouse."""
Send = Callable[[Iterable[Event]], Awaitable[object]]
"""Where events go: `AsyncClient.send_events`."""


def stock_up(path: Path, *, clock: Clock, seed: int = 20_261_122) -> None:
    """Bring the simulated shop up to now, so that it is there when it is first read."""
    file = ShopFile(path, seed=seed)
    file.catch_up(clock.now())
    file.close()


async def trade(path: Path, *, clock: Clock, seed: int = 20_261_122) -> None:
    """Let the simulated shop sell every second until cancelled."""
    file = await asyncio.to_thread(ShopFile, path, seed=seed)
    try:
        moment = clock.monotonic()
        turns = 0
        while True:
            moment = max(moment + 1.0, clock.monotonic())
            await clock.sleep_until(moment)
            await asyncio.to_thread(file.tick, clock.now())
            turns += 1
            if turns % _ADVANCE_EVERY == 0:
                await asyncio.to_thread(file.advance, clock.now())
    finally:
        file.close()


async def play(send: Send, *, clock: Clock, seed: int = 20_261_122) -> None:
    """Send the feed's events every second until cancelled.

    A server that doesn't take them is told about once, and tried again a second later.
    """
    feed = SimulatedFeed(seed=seed)
    log = structlog.get_logger("bongsu.demo")
    failing = False
    moment = clock.monotonic()
    while True:
        at = clock.now()
        try:
            await send(feed.tick(at))
            failing = False
        except BongsuError as error:
            if not failing:
                log.warning("the simulated events aren't taken", reason=error.detail)
            failing = True
        moment = max(moment + 1.0, clock.monotonic())
        await clock.sleep_until(moment)


async def play_into(rest_url: str, *, clock: Clock, token: str = "", ca: ssl.SSLContext | None = None) -> None:
    """Play into the server at `rest_url` until cancelled; `token` says that it may, `ca` verifies it over TLS."""
    async with AsyncClient(rest_url, token=token, ca=ca) as client:
        await play(client.send_events, clock=clock)
