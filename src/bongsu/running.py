"""A server run until it is told to end: signals, what runs beside it, quiet garbage collection."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
from collections.abc import Awaitable, Callable

from bongsu.doors import Addresses, Doors


async def serve(
    app: Doors,
    *,
    started: Callable[[Addresses], None] = lambda _: None,
    beside: Callable[[Doors], Awaitable[None]] | None = None,
) -> None:
    """Run a server until SIGINT or SIGTERM; `beside` runs with it (the demo) and is cancelled first.

    `started` is called once everything answers, the console too.

    Raises:
        PortTaken, Unavailable: as `Doors.start`.
    """
    signalled = asyncio.Event()
    loop = asyncio.get_running_loop()
    for one in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(one, signalled.set)
    await app.start()
    companion = asyncio.ensure_future(beside(app)) if beside else None
    _calm_garbage_collection()
    leaving = asyncio.ensure_future(signalled.wait())
    answering = asyncio.ensure_future(app.console_answering())
    try:
        await asyncio.wait((leaving, answering), return_when=asyncio.FIRST_COMPLETED)
        if not leaving.done():
            started(app.addresses)
        await leaving
    finally:
        answering.cancel()
        if companion is not None:
            companion.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await companion
        await app.stop()


def _calm_garbage_collection() -> None:
    """Leave what lives as long as the process out of collections, and collect less often.

    Modules and parts never become garbage, but a full collection walks over them: with 200,000 series it held
    up the loop for 100 ms.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
