"""A viewer as a server, before it has heard anything: Redis and the owner aren't there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from bongsu.settings.model import Settings
from bongsu.viewer import Viewer
from tests.fakes.redis import free_port


@asynccontextmanager
async def viewing(folder: Path) -> AsyncIterator[httpx.AsyncClient]:
    """REST of a viewer that stands alone."""
    server = {"role": "view", "owner_url": f"http://127.0.0.1:{free_port()}", "port": 0, "live_port": 0}
    settings = Settings.model_validate(
        {
            "server": server,
            "redis": {"url": f"redis://127.0.0.1:{free_port()}/0"},
            "storage": {"data_dir": str(folder / "data")},
            "logging": {"dir": str(folder / "logs")},
        }
    )
    viewer = Viewer(settings, console=False)
    await viewer.start()
    try:
        async with httpx.AsyncClient(base_url=viewer.addresses.rest, trust_env=False) as client:
            yield client
    finally:
        await viewer.stop()


async def test_a_viewer_stands_alone(tmp_path: Path) -> None:
    """It starts, says what it waits for, serves its pages and figures; what needs the owner is 503; no file is made."""
    async with viewing(tmp_path) as client:
        ready = await client.get("/readyz")
        assert (ready.status_code, "owner" in ready.json()["detail"]) == (503, True)
        assert (await client.get("/healthz")).status_code == 200
        page = await client.get("/monitoring/dashboard")
        assert (page.status_code, "<!doctype html>" in page.text.lower()) == (200, True)
        facts = (await client.get("/monitoring/boot.json")).json()
        assert "cpu_usage" in facts["catalogue"]
        shown = {one["metric"] for one in (await client.get("/api/v1/metrics")).json()["metrics"]}
        assert shown == {"bongsu_view_behind_seconds"}
        figures = (await client.get("/metrics")).text
        assert "bongsu_bus_connected" in figures
        assert 'bongsu_process_memory_bytes{part="server"}' in figures
        assert (await client.get("/api/v1/rules")).status_code == 503
    assert not (tmp_path / "data").exists()
