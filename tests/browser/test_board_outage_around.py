"""Redis stops and a marketplace hangs under the whole server: the rest goes on, and the page follows by itself."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import redis as redis_package
from playwright.sync_api import Browser, expect

from bongsu.clock import SystemClock
from bongsu.collect.checks.states import PREFIX
from bongsu.demo import marketplaces as demo
from bongsu.demo.doors import Doors
from tests.fakes.redis import PrivateRedis
from tests.fakes.stopwatch import Stopwatch
from tests.integration.whole_server import WholeServer, until

pytestmark = pytest.mark.slow

INTERVAL = 5.0
"""Seconds between two probes: the shortest that the settings allow, so that minutes become seconds."""


@contextmanager
def street(faults: dict[str, str]) -> Iterator[tuple[Doors, demo.StandIns]]:
    """The stand-ins of the marketplaces in a thread of their own; `faults` may be changed meanwhile."""
    stand_ins = demo.StandIns(clock=SystemClock(), fault=lambda market, _: faults.get(market, ""))
    doors = Doors(stand_ins, clock=SystemClock())
    opened, over = threading.Event(), threading.Event()

    async def serve() -> None:
        await doors.open()
        opened.set()
        await asyncio.to_thread(over.wait)
        doors.close()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)  # whoever still hangs ends with it
    thread.start()
    assert opened.wait(10)
    try:
        yield doors, stand_ins
    finally:
        over.set()
        thread.join(10)


def settings(doors: Doors, redis: PrivateRedis) -> dict[str, str]:
    """The three marketplaces and Redis, probed every five seconds."""
    keys = {
        "COUPANG": {"ACCESS_KEY": demo.ACCESS_KEY, "SECRET_KEY": demo.SECRET_KEY, "VENDOR_ID": demo.VENDOR},
        "NAVER": {"CLIENT_ID": demo.CLIENT_ID, "CLIENT_SECRET": demo.CLIENT_SECRET},
        "11ST": {"API_KEY": demo.API_KEY},
    }
    own = {f"BONGSU_MARKETPLACES__{name}__{key}": value for name, all_ in keys.items() for key, value in all_.items()}
    own |= {f"BONGSU_MARKETPLACES__{name.upper()}__BASE_URL": doors.base_url(name) for name in demo.MARKETS}
    cache = {"name": "cache", "url": redis.url, "interval_seconds": INTERVAL, "timeout_seconds": 1}
    return own | {
        "BONGSU_MARKETPLACES__INTERVAL_SECONDS": str(INTERVAL),
        "BONGSU_MARKETPLACES__TIMEOUT_SECONDS": "2",
        "BONGSU_REDIS__URL": redis.url,
        "BONGSU_CONNECTIONS": json.dumps([cache]),
    }


@pytest.mark.guide("G104", "G106", "G116")
def test_redis_stops_while_a_marketplace_hangs(chromium: Browser, tmp_path: Path, program: Callable[..., str]) -> None:
    """The others are asked and shown as ever, nothing slows, no 0 is drawn; when both are back so are their states."""
    faults: dict[str, str] = {}
    with (
        PrivateRedis(program) as redis,
        street(faults) as (doors, stand_ins),
        WholeServer(tmp_path, settings=settings(doors, redis)) as server,
    ):
        rest = f"http://127.0.0.1:{server.port}"

        def states() -> dict[str, tuple[str, float]]:
            found: dict[str, tuple[str, float]] = {}
            for part in ("checks", "connections"):
                told: list[dict[str, Any]] = httpx.get(f"{rest}/api/v1/{part}").json().get(part, [])
                found |= {one["name"]: (one["state"], time.time() * 1000 - (one["checked_at"] or 0)) for one in told}
            return found

        def are(**wanted: str) -> bool:
            found = states()
            return all(found.get(name, ("", 0))[0] == state for name, state in wanted.items())

        well = {"coupang": "up", "naver": "up", "11st": "up", "cache": "up"}
        until("all are well", lambda: are(**well))
        until("Redis has the states", lambda: _kept(redis) >= 3)
        page = chromium.new_context(locale="ko-KR").new_page()
        page.goto(f"{rest}/monitoring/dashboard?page=marketplaces&lang=ko")
        page.evaluate("window.unchanged = true")
        expect(page.get_by_role("heading", level=1)).to_contain_text("모두")

        faults["coupang"] = "hanging"
        redis.stop()
        asked, began = stand_ins.asked["coupang"], time.monotonic()
        until("both are told", lambda: are(coupang="down", cache="down"))
        lasted = time.monotonic() - began
        assert stand_ins.asked["coupang"] - asked <= 2 * lasted / INTERVAL + 2
        found = states()
        assert [found[name][0] for name in ("naver", "11st")] == ["up", "up"]
        assert max(found[name][1] for name in ("naver", "11st")) < 3 * INTERVAL * 1000
        assert server.figure("bongsu_checks_redis_up") == 0
        expect(page.locator("h1")).to_contain_text("2")
        watch = Stopwatch(server.process.pid)
        for _ in range(5):
            assert httpx.get(f"{rest}/readyz").status_code == 200
        assert watch.seconds < 2
        assert time.time() * 1000 - server.query("cpu_usage", start="-10s")[0]["points"][-1][0] < 5_000

        faults.clear()
        redis.start()
        until("all are well again", lambda: are(**well))
        until("Redis has the states again", lambda: _kept(redis) >= 3)
        expect(page.get_by_role("heading", level=1)).to_contain_text("모두")
        assert page.evaluate("window.unchanged")
        answered = server.query("marketplace_response_ms", start="-5m")
        assert answered
        assert all(value > 0 for series in answered for _, value in series["points"])
        page.context.close()


def _kept(redis: PrivateRedis) -> int:
    with redis_package.Redis.from_url(redis.url) as client:
        return sum(1 for _ in client.scan_iter(f"{PREFIX}*"))
