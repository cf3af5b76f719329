"""The shop's database goes away, comes back and hangs: figures stay, the page says so, everything else goes on."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import create_engine

from tests.fakes import shop_data
from tests.fakes.postgres import Cluster, running_cluster
from tests.fakes.stopwatch import Stopwatch
from tests.integration.test_shop_postgres import NOW
from tests.integration.whole_server import WholeServer, until

pytestmark = pytest.mark.slow


def fill(database: Cluster) -> None:
    """A small shop with orders of two days."""
    engine = create_engine(database.url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        shop_data.create(connection)
        shop_data.fill(connection, now=NOW, orders=2_000, products=50, days=2)
    engine.dispose()


@pytest.mark.guide("G106", "G112")
def test_a_database_that_stops_and_hangs(chromium: Browser, tmp_path: Path, program: Callable[..., str]) -> None:
    """Stopped: figures stay, marked with the reason; started: they go on without a reload; frozen: nothing slows."""
    shop = {"BONGSU_SHOP__INTERVAL_SECONDS": "1", "BONGSU_SHOP__TIMEOUT_SECONDS": "1"}
    with running_cluster(program) as database:
        fill(database)
        with WholeServer(tmp_path, settings=shop | {"BONGSU_SHOP__URL": database.url}) as server:
            rest = f"http://127.0.0.1:{server.port}"

            def view() -> dict[str, object]:
                told: dict[str, object] = httpx.get(f"{rest}/api/v1/shop").json()
                return told

            def read() -> bool:
                """Where this machine is busy a round takes more than its tenth of a second: `slow`, but read."""
                return view()["health"] in ("ok", "slow")

            until("the first figures", read)
            page = chromium.new_context(locale="ko-KR").new_page()
            page.goto(f"{rest}/monitoring/dashboard?page=shop&lang=ko")
            page.evaluate("window.unchanged = true")
            orders = page.locator("[data-tile=orders] .fig")
            expect(orders).not_to_have_text("–")
            before, shown = view()["sales"], orders.text_content()
            assert shown not in ("0", "", None)

            database.stop()
            until("the failure is told", lambda: view()["health"] == "failing")
            assert view()["reason"]
            assert view()["sales"] == before
            expect(page.locator(".shophero .iss").first).to_contain_text("connection")
            expect(orders).to_have_text(shown)
            assert all(
                point[1] != 0 for series in server.query("shop_orders_today", start="-5m") for point in series["points"]
            )

            database.start()
            until("the figures are back", read)
            expect(page.locator(".shophero")).not_to_have_class(re.compile(r"\bstale\b"))
            expect(page.locator(".shophero .iss.unknown")).to_have_count(0)
            assert page.evaluate("window.unchanged")

            database.freeze()
            until("the hanging is told", lambda: "hangs" in str(view()["reason"]))
            watch = Stopwatch(server.process.pid)
            for _ in range(5):
                assert httpx.get(f"{rest}/readyz").status_code == 200
            assert watch.seconds < 2
            newest = server.query("cpu_usage", start="-10s")[0]["points"][-1][0]
            assert time.time() * 1000 - newest < 5_000
            assert view()["sales"] == before
            database.thaw()
            until("the figures are back again", read)
            page.context.close()
