"""The board in front of the real server: it dies, it comes back, and the page follows by itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, expect

from tests.browser.stage import drawn_points, until
from tests.integration.console_processes import Ports, answers, running, wait_for

pytestmark = pytest.mark.slow

CHART = "Chart.getChart(document.querySelector('#memory canvas'))"


@pytest.mark.guide("G106")
def test_the_board_outlives_its_server(chromium: Browser, tmp_path: Path, program: Callable[..., str]) -> None:
    """The server is killed and started anew: the page says so, reconnects, and its lines hold every instant once."""
    ports, log = Ports(), tmp_path / "server.log"
    command = ports.server(tmp_path / "data")
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, locale="ko-KR")
    page = context.new_page()
    status = page.get_by_role("status")
    with running(command, folder=tmp_path, log=log) as server:
        wait_for("the server", lambda: answers(f"{ports.rest_url}/readyz"), log)
        page.goto(f"{ports.rest_url}/monitoring/dashboard?lang=ko")
        expect(status).to_have_text("실시간", timeout=20_000)
        until(page, f"{CHART}?.data.datasets[0]?.data.length > 6", patience=30)
        server.kill()
        server.wait()
        expect(status).to_have_text("재연결 중")
        before = [x for x, _ in drawn_points(page, "memory")]
    with running(command, folder=tmp_path, log=log):
        wait_for("the server", lambda: answers(f"{ports.rest_url}/readyz"), log)
        expect(status).to_have_text("실시간", timeout=30_000)
        until(page, f"{CHART}.data.datasets[0].data.at(-1).x > {before[-1] + 3000}", patience=30)
        answer = httpx.post(
            f"{ports.rest_url}/api/v1/samples",
            json=[{"metric": "orders_open", "labels": {"market": "naver"}, "value": 12}],
        )
        assert answer.json()["accepted"] == 1
        page.locator("#own").scroll_into_view_if_needed()
        expect(page.locator("[data-metric=orders_open]")).to_contain_text("12")
        after = [x for x, _ in drawn_points(page, "memory")]
    context.close()
    assert after == sorted(set(after))
    assert set(before[1:-1]) <= set(after)
