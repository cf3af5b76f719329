"""A metric of one's own goes the whole way with no further code."""

from __future__ import annotations

import asyncio
import json
import textwrap
from pathlib import Path

import httpx
import pytest
import websockets

from bongsu.app import App
from bongsu.collect.own import CollectorError
from bongsu.settings.load import load

SHOP = """
from bongsu import MetricsCollector, metric

@metric("orders_open", unit="건", by="market", interval=0.2, ko="처리를 기다리는 주문 수입니다.", en="Orders waiting.")
async def orders_open():
    return {"naver": 12, "coupang": 7}

class Warehouse(MetricsCollector):
    interval = 0.2

    def get_parcels(self):
        return 31

    def get_realtime_metrics(self):
        metrics = super().get_realtime_metrics()
        metrics["parcels_waiting"] = self.get_parcels()
        return metrics
"""


def app_with(folder: Path, *collectors: str) -> App:
    free = {"server.port": 0, "server.live_port": 0, "storage.data_dir": str(folder / "data")}
    return App(load({**free, "collectors": list(collectors)}, environment={}, folder=folder), console=False)


async def shown_live(address: str, wanted: set[str]) -> dict[str, float]:
    """Watch until each wanted metric came, by name."""
    seen: dict[str, float] = {}
    async with websockets.connect(address, proxy=None) as socket, asyncio.timeout(20):
        await socket.send(json.dumps({"op": "subscribe", "topics": ["custom", "system"], "interval_ms": 200}))
        while not wanted <= seen.keys():
            frame = json.loads(await socket.recv())
            seen |= {one["metric"]: one["value"] for one in frame.get("metrics", ())}
    return seen


@pytest.mark.guide("G117")
async def test_stored_pushed_and_exported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By one line in the settings it is in live frames, REST with its unit, history and the Prometheus text."""
    (tmp_path / "own_shop.py").write_text(textwrap.dedent(SHOP))
    monkeypatch.chdir(tmp_path)
    app = app_with(tmp_path, "own_shop")
    await app.start()
    try:
        seen = await shown_live(app.addresses.live, {"orders_open", "parcels_waiting", "cpu_usage"})
        assert seen["parcels_waiting"] == 31
        async with httpx.AsyncClient(base_url=app.addresses.rest) as client:
            latest = (await client.get("/api/v1/metrics")).json()["metrics"]
            mine = {one["labels"]["market"]: one for one in latest if one["metric"] == "orders_open"}
            assert {market: (one["value"], one["unit"]) for market, one in mine.items()} == {
                "naver": (12, "건"),
                "coupang": (7, "건"),
            }
            assert sum(one["metric"] == "memory_usage" for one in latest) == 1
            stored = (await client.get("/api/v1/metrics/parcels_waiting/history?hours=1")).json()["series"]
            assert stored[0]["points"][0][1] == 31
            text = (await client.get("/metrics")).text
            assert "# HELP orders_open Orders waiting." in text
            assert 'orders_open{market="naver"} 12' in text
    finally:
        await app.stop()


async def test_one_that_cannot_be_loaded_keeps_the_server_from_starting(tmp_path: Path) -> None:
    """A wrong name in the settings is said at the start, not passed over."""
    app = app_with(tmp_path, "no_such_module_of_ours")
    with pytest.raises(CollectorError, match="there is no module 'no_such_module_of_ours'"):
        await app.start()
