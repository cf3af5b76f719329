"""The board's picture: the same data gives the same pixels, other data gives others."""

from __future__ import annotations

import io
from collections.abc import Callable

from PIL import Image, ImageChops
from playwright.sync_api import Page, expect

from tests.browser.stage import Feed, Past, machine

Open = Callable[..., Page]

MOMENT = 1_795_000_000_000


def picture(board: Open, feed: Feed, past: Past, cpu: float) -> Image.Image:
    """The first screen with a fixed clock, a fixed past and one update."""
    past.since = MOMENT - 600_000
    page = board(prepare=lambda one: one.clock.set_fixed_time(MOMENT), color_scheme="light", timezone_id="UTC")
    feed.tell(machine(cpu=cpu), MOMENT - 400, kind="snapshot")
    expect(page.locator("[data-tile=cpu] .fig")).to_contain_text(f"{cpu:.1f}")
    expect(page.locator("#cpu .sub")).to_contain_text(f"{cpu:.1f}%")
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(300)
    shot = Image.open(io.BytesIO(page.screenshot()))
    page.context.close()
    return shot.convert("RGB")


def test_equal_data_gives_equal_pixels(board: Open, feed: Feed, past: Past) -> None:
    """Two visits at the same instant see the same picture to the pixel; another value changes it."""
    first, second, other = (picture(board, feed, past, cpu) for cpu in (42.0, 42.0, 58.0))
    assert ImageChops.difference(first, second).getbbox() is None
    assert ImageChops.difference(first, other).getbbox() is not None
