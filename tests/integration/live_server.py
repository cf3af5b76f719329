"""A hub and a gateway on real sockets, both ports, with a clock that stands still unless asked for."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import jsonschema
import uvicorn
from websockets.asyncio.client import ClientConnection, connect

from bongsu.live import Gateway, Hub, Limits, SameHost
from bongsu.live.door import Enter
from bongsu.model.catalogue import Catalogue
from bongsu.model.sample import labels_of
from bongsu.model.series import SeriesTable
from bongsu.ports import Clock
from tests.fakes.clock import VirtualClock
from tests.unit.live.wires import batch

DOCS = Path(__file__).parents[2] / "docs"
SCHEMA = json.loads((DOCS / "live-protocol.schema.json").read_text())
FRAMES = jsonschema.Draft202012Validator({"$ref": "#/$defs/server", "$defs": SCHEMA["$defs"]})
COMMANDS = jsonschema.Draft202012Validator({"$ref": "#/$defs/client", "$defs": SCHEMA["$defs"]})
PATIENCE = 10.0
"""Seconds after which a test that waits for an event gives up."""


class Quiet(uvicorn.Server):
    """uvicorn without signal handlers: they belong to pytest."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class Served:
    """What a test needs of the running server."""

    def __init__(self, clock: Clock, limits: Limits, *, enter: Enter | None = None, **options: Any) -> None:
        self.clock = clock
        self.table = SeriesTable()
        self.hub = Hub(table=self.table, catalogue=Catalogue(), clock=clock, boot="b", **options)
        self.gateway = Gateway(hub=self.hub, clock=clock, check=SameHost(), limits=limits, enter=enter)
        self.port = 0
        self.web_port = 0

    @property
    def virtual(self) -> VirtualClock:
        assert isinstance(self.clock, VirtualClock)
        return self.clock

    def publish(self, *samples: tuple[str, float], **labels: str) -> None:
        """One batch, stamped now."""
        ids = [self.table.intern(metric, labels_of(labels)) for metric, _ in samples]
        self.hub.publish(batch(ids, [self.clock.now()] * len(ids), [value for _, value in samples]))

    def connect(self, path: str = "/", *, web: bool = False, **options: Any) -> connect:
        """A client of either port."""
        return connect(f"ws://127.0.0.1:{self.web_port if web else self.port}{path}", proxy=None, **options)

    def count(self, metric: str, reason: str | None = None) -> float:
        """A figure's present value; 0 where it wasn't told yet."""
        labels = labels_of(reason=reason) if reason else ()
        told = [*self.hub.figures(), *self.gateway.figures()]
        return sum(one.value for one in told if one.metric == metric and one.labels == labels)


@asynccontextmanager
async def serving(
    *, clock: Clock | None = None, limits: Limits | None = None, enter: Enter | None = None, **options: Any
) -> AsyncIterator[Served]:
    """Both ports open; on leaving everything is stopped as `app` does it."""
    served = Served(clock or VirtualClock(), limits or Limits(), enter=enter, **options)
    listener = await asyncio.get_running_loop().create_server(served.gateway.protocol, "127.0.0.1", 0)
    served.port = listener.sockets[0].getsockname()[1]
    door = socket.create_server(("127.0.0.1", 0))
    served.web_port = door.getsockname()[1]
    ws = cast("type[asyncio.Protocol]", served.gateway.upgraded)
    web = Quiet(uvicorn.Config(_page, ws=ws, lifespan="off", http="httptools", log_level="error"))
    tasks = [asyncio.create_task(one) for one in (served.hub.run(), served.gateway.run())]
    site = asyncio.create_task(web.serve(sockets=[door]))
    await until(lambda: web.started)
    try:
        yield served
        for task in tasks:
            if task.done():
                task.result()
    finally:
        listener.close()
        web.should_exit = True
        stop = asyncio.create_task(served.gateway.stop())
        while not stop.done():
            await (served.clock.advance(0.1) if isinstance(served.clock, VirtualClock) else asyncio.sleep(0.01))
        await stop
        await site
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _page(scope: Any, receive: Any, send: Callable[[dict[str, Any]], Awaitable[None]]) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"4")]})
    await send({"type": "http.response.body", "body": b"page"})


async def until(condition: Callable[[], object]) -> None:
    """Let the loop turn until the condition holds; fails after `PATIENCE`."""
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110 - what it waits for happens on sockets and tells nobody
            await asyncio.sleep(0.001)


async def hear(client: ClientConnection) -> dict[str, Any]:
    """The next frame, which must be one that the schema knows."""
    async with asyncio.timeout(PATIENCE):
        frame: dict[str, Any] = json.loads(await client.recv())
    FRAMES.validate(frame)
    return frame


async def hear_all(client: ClientConnection, count: int) -> list[dict[str, Any]]:
    """The next frames."""
    return [await hear(client) for _ in range(count)]


async def tell(client: ClientConnection, **command: Any) -> None:
    """Send a command that the schema knows."""
    COMMANDS.validate(command)
    await client.send(json.dumps(command))
