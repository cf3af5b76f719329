"""The board's picture: the same data gives the same pixels, other data gives others."""

from __future__ import annotations

import time
from collections.abc import Callable

from PIL import Image, ImageChops
from playwright.sync_api import Page, expect

from tests.browser.picture import MOMENT, PATIENCE, shot, stop_clock
from tests.browser.stage import Feed, Past, machine, until

Open = Callable[..., Page]

EDGE = 16
"""Levels of 255 by which the rim of a dot or a round corner may differ: Chromium smooths it otherwise where it draws it
in two strokes (up to 10 levels on 28 pixels of a busy machine's screen)."""


def visit(board: Open, feed: Feed, past: Past, cpu: float) -> Page:
    """The first screen with a fixed clock, a fixed past and one update, once all that belongs to it has come."""
    past.since = MOMENT - 600_000
    past.until = MOMENT - 10_000  # what comes live is no part of it, whichever comes first
    page = board(prepare=stop_clock, color_scheme="light", reduced_motion="reduce", timezone_id="UTC")
    feed.tell(machine(cpu=cpu), MOMENT - 400, kind="snapshot")
    expect(page.locator("[data-tile=cpu] .fig")).to_contain_text(f"{cpu:.1f}")
    expect(page.locator("#cpu .sub")).to_contain_text(f"{cpu:.1f}%")
    expect(page.locator(".tile.stale")).to_have_count(0)
    expect(page.locator(".panel.loading:visible")).to_have_count(0)
    until(
        page, "[...document.querySelectorAll('.tile .spark .ln')].every((one) => one.getAttribute('d')?.includes('L'))"
    )
    page.wait_for_load_state("networkidle")
    return page


def difference(one: Image.Image, other: Image.Image) -> tuple[int, int, int, int] | None:
    """The box of pixels that differ by more than Chromium's own edges do."""
    return ImageChops.difference(one, other).point(lambda level: level > EDGE).getbbox()


def test_equal_data_gives_equal_pixels(board: Open, feed: Feed, past: Past) -> None:
    """Two visits at the same instant see the same picture to the pixel; another value changes it."""
    page = visit(board, feed, past, 42.0)
    first = shot(page)
    page.context.close()
    page = visit(board, feed, past, 42.0)
    unlike, end = difference(first, shot(page)), time.monotonic() + PATIENCE
    while unlike and time.monotonic() < end:  # what comes late on a busy machine is waited for
        unlike = difference(first, shot(page))
    page.context.close()
    assert unlike is None
    assert difference(first, shot(visit(board, feed, past, 58.0))) is not None
