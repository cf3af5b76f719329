"""From a sample that crosses a threshold to the request at a local webhook: the whole way in a real server."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
from bench.figures import quantile

from bongsu.app import App
from bongsu.settings.model import Settings
from tests.integration.receivers import receiving

CROSSINGS = 30


async def test_a_crossing_reaches_the_webhook_within_half_a_second(tmp_path: Path) -> None:
    """With for-duration 0, well within the 500 ms that are promised for 99 crossings of 100."""
    async with receiving() as hook:
        settings = Settings.model_validate(
            {
                "server": {"port": 0, "live_port": 0},
                "storage": {"data_dir": str(tmp_path / "data")},
                "logging": {"dir": str(tmp_path / "logs")},
                "rules": [{"id": "hot", "if": "probe over 10", "group_by": ["n"]}],
                "notifications": {
                    "webhooks": [{"name": "ops", "url": f"{hook.url}/hook"}],
                    "sending": {"per_minute": {"webhook:ops": 6_000}},
                },
            }
        )
        app = App(settings, console=False)
        await app.start()
        waits = []
        try:
            async with httpx.AsyncClient(base_url=app.addresses.rest) as rest:
                for number in range(CROSSINGS):
                    await asyncio.sleep(0.07)
                    body = [{"metric": "probe", "labels": {"n": str(number)}, "value": 11}]
                    began = asyncio.get_running_loop().time()
                    await rest.post("/api/v1/samples", json=body)
                    got = await hook.wait_for(number + 1)
                    waits.append(got[number].at - began)
        finally:
            await app.stop()
    assert quantile(waits, 0.9) < 0.5, waits
