"""Own charts: what the settings ask for stands on the overview."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect

from bongsu.settings.panels import Panel
from tests.browser.furnished import violations
from tests.browser.rest import Backend
from tests.browser.stage import Feed, drawn_points, facts, fits, machine, serve, until
from tests.browser.test_board import now
from tests.browser.test_board_every_page import AXE

Open = Callable[..., Page]

WISHES = [
    Panel(metric="queue_depth", chart="tile", title={"en": "Queue"}, aggregation="sum", threshold=10.0),
    Panel(metric="queue_depth", title={"ko": "대기열", "en": "Queues"}, labels={"queue": "mail*"}, threshold=10.0),
    Panel(metric="never_pushed"),
]


@pytest.fixture(scope="module")
def wished(backend: Backend) -> Iterator[str]:
    """A board whose settings ask for a tile and two lines."""
    panels = [panel.model_dump() for panel in WISHES]
    with serve(lambda: replace(facts(), panels=panels), backend) as url:
        yield url


@pytest.mark.guide("G118")
@pytest.mark.parametrize("width", [390, 1280])
def test_the_settings_charts_are_drawn(board: Open, feed: Feed, wished: str, width: int) -> None:
    """A tile with its sum and its threshold, a line for each chosen series, and an empty one that says so."""
    page = board("?lang=en", url=wished, width=width, bypass_csp=True, reduced_motion="reduce")
    feed.tell(machine(), now(), kind="snapshot")
    queues = [
        ("queue_depth", {"queue": name}, value) for name, value in (("mail-1", 7.0), ("mail-2", 5.0), ("sms", 3.0))
    ]
    feed.tell(queues, now(), topic="custom", kind="snapshot")
    tile = page.locator("[data-tile=own-1]")
    expect(tile).to_contain_text("Queue")
    expect(tile.locator(".fig")).to_have_text("15")
    chart = page.locator("#own-2")
    chart.scroll_into_view_if_needed()
    expect(chart.get_by_role("heading")).to_have_text("Queues")
    expect(chart.locator(".sub")).to_contain_text("mail-1 7")
    until(page, "Chart.getChart(document.querySelector('#own-2 canvas'))?.data.datasets.length >= 2")
    assert drawn_points(page, "own-2", 0)[-1][1] == 7
    assert drawn_points(page, "own-2", 1)[-1][1] == 5
    expect(page.locator("#own-3")).to_contain_text("never_pushed")
    narrow = page.evaluate("[...document.querySelectorAll('.grid > .panel')].filter((e) => e.clientWidth < 320).length")
    assert narrow == 0
    fits(page)
    page.evaluate(AXE)
    assert violations(page) == ""
