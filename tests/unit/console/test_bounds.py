"""The bounds of the console's port: rate, refusals in the log, and an application server that isn't uvicorn."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from starlette.responses import Response
from structlog.testing import capture_logs
from uvicorn.config import Config
from uvicorn.server import ServerState

from bongsu.console.bounds import Bounds
from bongsu.http.connection import BoundedConnection
from bongsu.http.limits import ServerLimits
from tests.fakes.clock import VirtualClock


async def page(scope: Any, receive: Any, send: Any) -> None:
    """Answers whatever is asked."""
    await Response("well")(scope, receive, send)


def browser(bounds: Bounds, address: str) -> httpx.AsyncClient:
    """A client that comes from there."""
    transport = httpx.ASGITransport(app=bounds, client=(address, 1))
    return httpx.AsyncClient(transport=transport, base_url="http://localhost")


async def test_an_address_has_its_rate_and_the_log_tells_of_it() -> None:
    """Too many requests get 429 as REST tells it, others none; the log says once a minute how many, if any."""
    clock = VirtualClock()
    bounds = Bounds(page, limits=ServerLimits(requests_per_second=1))
    task = asyncio.create_task(bounds.tell(clock))
    async with browser(bounds, "198.51.100.7") as one, browser(bounds, "198.51.100.8") as other:
        statuses = [(await one.get("/")).status_code for _ in range(7)]
        answer = await one.get("/")
        assert statuses == [200] * 5 + [429] * 2
        assert answer.json()["type"] == "urn:bongsu:problem:too-many"
        assert (await other.get("/")).status_code == 200
    with capture_logs() as logs:
        await clock.advance(180)
    assert [(one["event"], one["rate"]) for one in logs] == [("connections and requests refused", 3)]
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_uvicorn_gets_bounded_connections_and_others_are_told() -> None:
    """Where the life of the application begins uvicorn's configuration is found by its message, and makes connections
    of ours; elsewhere it's said.
    """

    class Life:
        def __init__(self, config: object) -> None:
            self.config = config

        async def receive(self) -> Any:
            return {"type": "lifespan.startup"}

    async def send(_: Any) -> None:
        """Nobody listens."""

    async def quiet(scope: Any, receive: Any, send: Any) -> None:
        """Does nothing with its life."""

    config, limits = Config(page), ServerLimits(idle_seconds=7)
    config.load()
    with capture_logs() as logs:
        await Bounds(quiet, limits=limits)({"type": "lifespan"}, Life(config).receive, send)
        made = config.http_protocol_class(config=config, server_state=ServerState(), app_state={})  # type: ignore[call-arg]
        assert isinstance(made, BoundedConnection)
        assert made.timeout_keep_alive == 7
        assert logs == []
        del asyncio.get_running_loop().create_server
        await Bounds(quiet, limits=limits)({"type": "lifespan"}, Life(object()).receive, send)
    assert "aren't bounded" in logs[0]["event"]
    for task in asyncio.all_tasks():
        if task.get_name() == "refused":
            task.cancel()
