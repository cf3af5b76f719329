"""The composition root: bound, measuring, answering, stopped, and started again."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
import websockets

from bongsu.app import App
from bongsu.client import AsyncClient
from bongsu.doors import PortTaken
from bongsu.model.errors import Unavailable
from bongsu.model.sample import Sample, labels_of
from bongsu.settings.load import load


def app_in(folder: Path, *, demo: bool = False, **flags: object) -> App:
    free = {"server.port": 0, "server.live_port": 0, "storage.data_dir": str(folder / "data")}
    settings = load({**free, **flags}, environment={}, folder=folder)
    return App(settings, console=False, demo=demo)


@asynccontextmanager
async def running(app: App) -> AsyncIterator[App]:
    await app.start()
    try:
        yield app
    finally:
        await app.stop()


async def ready(client: AsyncClient) -> None:
    async with asyncio.timeout(10):
        while not await client.ready():
            pass


async def test_what_was_taken_before_the_stop_is_there_after_the_start(tmp_path: Path) -> None:
    """A sample acknowledged just before the stop is in history when a new server opens the same folder."""
    async with running(app_in(tmp_path)) as app, AsyncClient(app.addresses.rest) as client:
        receipt = await client.send([Sample(metric="orders_open", value=12.0, labels=labels_of(market="naver"))])
        assert receipt.accepted == 1
    async with running(app_in(tmp_path)) as app, AsyncClient(app.addresses.rest) as client:
        (points,) = await client.history("orders_open", hours=1)
        assert (points.labels, points.value.tolist()) == (labels_of(market="naver"), [12.0])


async def test_it_becomes_ready_with_the_first_reading(tmp_path: Path) -> None:
    """/readyz turns to 200 by itself, and the machine's readings are there then."""
    async with running(app_in(tmp_path)) as app, AsyncClient(app.addresses.rest) as client:
        await ready(client)
        assert "memory_usage" in {one.metric for one in await client.metrics()}
        assert app.missing() == []


@pytest.mark.guide("G101")
async def test_the_live_port_greets_and_shows_everything(tmp_path: Path) -> None:
    """A client that says nothing gets a hello and then a snapshot of what there is."""
    async with running(app_in(tmp_path)) as app:
        async with AsyncClient(app.addresses.rest) as client:
            await ready(client)
        async with websockets.connect(app.addresses.live, proxy=None) as socket, asyncio.timeout(10):
            assert '"t":"hello"' in str(await socket.recv())
            frames = ""
            while "memory_usage" not in frames:
                frames += str(await socket.recv())
            assert '"t":"snapshot"' in frames


async def test_a_taken_port_is_named_with_its_setting(tmp_path: Path) -> None:
    """The error says which port, which setting, and what to do; nothing is left open."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        app = app_in(tmp_path, **{"server.live_port": port})
        with pytest.raises(PortTaken, match=rf"{port} is in use.*server\.live_port"):
            await app.start()


async def test_a_folder_in_use_is_refused(tmp_path: Path) -> None:
    """Two servers never write one history."""
    async with running(app_in(tmp_path)):
        with pytest.raises(Unavailable, match="used by another process"):
            await app_in(tmp_path).start()


async def test_boards_of_a_demo_know_that_they_show_simulated_figures(tmp_path: Path) -> None:
    """boot.json says `demo`, from which every screen takes its label."""
    for demo in (True, False):
        async with running(app_in(tmp_path, demo=demo)) as app, httpx.AsyncClient(trust_env=False) as http:
            boot = (await http.get(f"{app.addresses.rest}/monitoring/boot.json")).json()
            assert boot["demo"] is demo
            assert boot["thresholds"]["cpu_threshold_percent"] == 80.0
