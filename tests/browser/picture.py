"""Pictures of a page whose clock stands."""

from __future__ import annotations

import io
from datetime import UTC, datetime

from PIL import Image
from playwright.sync_api import Page

MOMENT = 1_795_000_000_000
"""2026-11-18 19:46:40 in Seoul: half-way through an evening, for every clock."""
PATIENCE = 5.0
"""Seconds for a page to become its picture."""


def stop_clock(page: Page) -> None:
    """It is the moment, and stays so."""
    page.clock.set_fixed_time(datetime.fromtimestamp(MOMENT / 1000, UTC))


def shot(page: Page) -> Image.Image:
    """The picture once it stands still."""
    before = None
    for _ in range(20):
        page.wait_for_timeout(150)
        now = page.screenshot(caret="hide", animations="disabled")
        if now == before:
            break
        before = now
    return Image.open(io.BytesIO(now)).convert("RGB")
