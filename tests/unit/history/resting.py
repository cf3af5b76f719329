"""A history that has come to rest: what it does in threads of its own is the same on any machine, however busy."""

from __future__ import annotations

import asyncio

from bongsu.history.embedded import EmbeddedHistory


async def rest(history: EmbeddedHistory) -> None:
    """Until the writer has nothing to do and nothing is being sealed."""
    loop = asyncio.get_running_loop()
    at_rest = loop.create_future()

    def told(_: object) -> None:
        if not history._sealer.idle:  # another turn through the queue
            history._writer.put(told)
            return
        loop.call_soon_threadsafe(at_rest.set_result, None)

    history._writer.put(told)
    await asyncio.wait_for(at_rest, 10)
