"""Waiting for one thing or the other, by our own clock."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from bongsu.ports import Clock

T = TypeVar("T")


async def within(clock: Clock, seconds: float, work: Coroutine[Any, Any, T]) -> T:
    """The work's result.

    Raises:
        TimeoutError: it took longer; it was cancelled.
    """
    task = asyncio.ensure_future(work)
    alarm = asyncio.ensure_future(clock.sleep_until(clock.monotonic() + seconds))
    try:
        await asyncio.wait((task, alarm), return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
        raise TimeoutError
    finally:
        task.cancel()
        alarm.cancel()


async def rest(clock: Clock, seconds: float, awake: asyncio.Event) -> None:
    """Wait until the time has passed or the event is set."""
    alarm = asyncio.ensure_future(clock.sleep_until(clock.monotonic() + seconds))
    called = asyncio.ensure_future(awake.wait())
    try:
        await asyncio.wait((alarm, called), return_when=asyncio.FIRST_COMPLETED)
    finally:
        alarm.cancel()
        called.cancel()
