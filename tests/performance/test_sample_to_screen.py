"""From a collector's stamp to the drawn frame, in a real browser beside a real server."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.console_stack import chromium
from tests.integration.console_processes import ROOT, Ports, answers, running, wait_for
from tests.performance.readings import SERIES

pytestmark = pytest.mark.slow

GOAL_MS = 200
STANDS_MS = 1_000
ROUNDS = 5
UPDATES = 60

# The board asks for an update a second; here it gets five, so that a minute tells as much as five. Each drawing is
# noted with the newest sample's own time: the product says it in its event.
WATCH = """
const send = WebSocket.prototype.send;
WebSocket.prototype.send = function (text) {
  send.call(this, text.replace('"interval_ms":1000', '"interval_ms":200'));
};
window.drawn = [];
document.addEventListener('bongsu:drawn', ({ detail: { at, drawn } }) => {
  window.drawn.push([at, drawn, performance.now()]);
});
"""


def delays(page: Page, updates: int) -> list[float]:
    """Milliseconds from each of so many readings to the screen, ascending."""
    page.evaluate("window.drawn.length = 0")
    while page.evaluate("window.drawn.length") < updates:
        page.wait_for_timeout(200)
    return sorted(float(drawn) - float(at) for at, drawn, _ in page.evaluate("window.drawn"))


@pytest.mark.guide("G034")
def test_a_reading_is_on_the_screen_within_a_fifth_of_a_second(
    tmp_path: Path, program: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """2,000 series five times a second: 99 of 100 readings are drawn within 200 ms, in the best of five rounds.

    Rounds tell the program from the machine: what else runs here is not ours. The whole thousand is `make bench`.
    """
    program("chromium", "chromium-browser", "google-chrome")
    monkeypatch.setenv("BONGSU_COLLECTORS", "tests.performance.readings:Readings")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    ports, log = Ports(), tmp_path / "server.log"
    with running(ports.server(tmp_path / "data"), folder=tmp_path, log=log), chromium() as browser:
        wait_for("the server", lambda: answers(f"{ports.rest_url}/readyz"), log)
        page = browser.new_context(viewport={"width": 1280, "height": 900}, locale="ko-KR").new_page()
        page.add_init_script(WATCH)
        page.goto(f"{ports.rest_url}/monitoring/dashboard")
        while page.evaluate("window.drawn.length") < 10:
            page.wait_for_timeout(200)
        worst = []
        for _ in range(ROUNDS):
            taken = delays(page, UPDATES)
            worst.append(round(taken[int(len(taken) * 0.99)]))
            if worst[-1] < GOAL_MS:
                break
        assert min(worst) < GOAL_MS, worst
        page.locator("#own").scroll_into_view_if_needed()
        expect(page.locator("[data-metric=reading_00]")).to_contain_text(f"{SERIES // 20}개")


def test_the_board_stands_within_a_second(tmp_path: Path, program: Callable[..., str]) -> None:
    """From the address to the first drawn reading in under a second, with nothing cached; the best of five visits."""
    program("chromium", "chromium-browser", "google-chrome")
    ports, log = Ports(), tmp_path / "server.log"
    with running(ports.server(tmp_path / "data"), folder=tmp_path, log=log), chromium() as browser:
        wait_for("the server", lambda: answers(f"{ports.rest_url}/readyz"), log)
        taken = []
        for _ in range(ROUNDS):
            context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="ko-KR")
            page = context.new_page()
            page.add_init_script(WATCH)
            page.goto(f"{ports.rest_url}/monitoring/dashboard")
            while not page.evaluate("window.drawn.length"):
                page.wait_for_timeout(10)
            taken.append(round(float(page.evaluate("window.drawn[0][2]"))))
            context.close()
        assert min(taken) < STANDS_MS, taken
