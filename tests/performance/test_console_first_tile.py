from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.browser.console_stack import FIRST_DRAWING, chromium, console, server, wait_until_live
from tests.integration.console_processes import Ports

pytestmark = pytest.mark.slow

GOAL_MS = 3_000
VISITS = 5
SPIN_SECONDS = 0.2


@pytest.mark.guide("G035")
def test_the_first_live_tile_is_there_within_three_seconds(tmp_path: Path, program: Callable[..., str]) -> None:
    """From a warm cache the first live figure is drawn within 3 s; the best of five visits tells.

    On a machine that others use at the same time a visit takes longer by what they take away: each is divided by how
    much longer than its CPU time a busy loop took just before and after it (1 on an idle machine).
    """
    program("chromium")
    ports, taken = Ports(), []
    with server(ports, tmp_path), console(ports, tmp_path), chromium() as browser:
        context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="ko-KR")
        context.add_init_script(FIRST_DRAWING)
        for _ in range(VISITS + 1):
            page = context.new_page()
            before = crowding()
            page.goto(ports.console_url)
            wait_until_live(page, timeout=60_000)
            drawn = float(page.locator("html").get_attribute("data-first-drawn") or "nan")
            page.close()
            taken.append((round(drawn), round((before + crowding()) / 2, 2)))
    assert min(drawn / crowded for drawn, crowded in taken[1:]) < GOAL_MS, taken


def crowding() -> float:
    """How much longer than its own CPU time a busy loop takes."""
    wall, cpu = time.perf_counter(), time.thread_time()
    while time.thread_time() - cpu < SPIN_SECONDS:
        pass
    return max(1.0, (time.perf_counter() - wall) / (time.thread_time() - cpu))
