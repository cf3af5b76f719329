from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.browser.console_stack import FIRST_DRAWING, chromium, console, server, wait_until_live
from tests.integration.console_processes import Ports

pytestmark = pytest.mark.slow

GOAL_MS = 3_000
VISITS = 5


@pytest.mark.guide("G035")
def test_the_first_live_tile_is_there_within_three_seconds(tmp_path: Path, program: Callable[..., str]) -> None:
    """From a warm cache the first live figure is drawn within 3 s; the quickest of five visits tells.

    The others tell of what else the machine is doing: at a load of 13 on two cores they took 2.6 to 4.7 s, on
    the idle machine 1.2 to 1.8 s.
    """
    program("chromium")
    ports, taken = Ports(), []
    with server(ports, tmp_path), console(ports, tmp_path), chromium() as browser:
        context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="ko-KR")
        context.add_init_script(FIRST_DRAWING)
        for _ in range(VISITS + 1):
            page = context.new_page()
            page.goto(ports.console_url)
            wait_until_live(page)
            taken.append(float(page.locator("html").get_attribute("data-first-drawn") or "nan"))
            page.close()
    warm = taken[1:]
    assert min(warm) < GOAL_MS, taken
