"""Each page's picture, held against the one that was looked at last: scripted frames, a stopped clock, both themes.

A picture that should change is renewed, looked at, and committed with the change:

    BONGSU_PICTURES=renew .venv/bin/python -m pytest -q tests/browser/test_board_pictures.py
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops
from playwright.sync_api import Page

from tests.browser.furnished import House
from tests.browser.picture import MOMENT, PATIENCE, shot, stop_clock
from tests.browser.rest import Ask
from tests.browser.stage import Alerts, Feed, machine, until
from tests.browser.test_board_every_page import PAGES, scroll_through

Open = Callable[..., Page]

PICTURES = Path(__file__).parent / "pictures"
RENEW = os.environ.get("BONGSU_PICTURES") == "renew"
WIDE, NARROW = (1280, 1200), (390, 1200)
ON_PHONES = ("overview", "shop")
COLOURS = 256
BLOCK = 5
"""Pixels that are averaged before two pictures are compared: letters may be drawn a little otherwise elsewhere."""
UNLIKE = 20
"""Levels of 255 from which a block is another one."""
ALLOWED = 0.002
"""Share of blocks that may be others."""


class Waves:
    """History with hills and valleys that are always the same."""

    def answer(self, one: Ask) -> None:
        """One request of `/api/v1/query`."""
        ask = one.query
        start, end, step = int(float(ask["start"])), int(float(ask["end"])), int(ask["step"].removesuffix("ms"))
        series = [
            {
                "metric": metric,
                "labels": labels,
                "points": [
                    [at, value * (0.7 + 0.3 * math.sin(at / 97_000) * math.cos(at / 31_000))]
                    for at in range(start - start % step, end, step)
                ],
            }
            for metric, labels, value in machine(cpu=45.0)
            if metric == ask["metric"]
        ]
        one.fulfill(json={"series": series})


@pytest.fixture
def past() -> Waves:
    """In place of the flat history of other tests."""
    return Waves()


@pytest.fixture
def still(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """What is made for a page is made at the moment."""
    with monkeypatch.context() as patch:
        patch.setattr(time, "time", lambda: MOMENT / 1000)
        yield patch


@pytest.fixture
def shown(board: Open, feed: Feed, alerts: Alerts, still: pytest.MonkeyPatch) -> Callable[..., Page]:
    """Opens a page of a furnished server at that moment."""

    def open_page(query: str, size: tuple[int, int] = WIDE, **options: Any) -> Page:
        house = House(alerts)
        house.fill()

        page = board(
            query,
            prepare=stop_clock,
            answers=house.open,
            wait="main h1:not(:empty)",
            width=size[0],
            height=size[1],
            reduced_motion="reduce",
            color_scheme="light",
            timezone_id="Asia/Seoul",
            **options,
        )
        house.tell(feed)
        still.undo()
        scroll_through(page)
        until(page, "[...document.querySelectorAll('.panel.loading')].every((one) => !one.checkVisibility())")
        return page

    return open_page


def unlike(one: Image.Image, other: Image.Image) -> float:
    """Share of blocks that differ, 0 to 1; 1 where the sizes do."""
    if one.size != other.size:
        return 1.0
    size = (one.width // BLOCK, one.height // BLOCK)
    small = [picture.resize(size, Image.Resampling.BOX) for picture in (one, other)]
    parts = ImageChops.difference(*small).split()
    worst = ImageChops.lighter(ImageChops.lighter(parts[0], parts[1]), parts[2])
    return sum(worst.histogram()[UNLIKE:]) / (size[0] * size[1])


def held(page: Page, name: str, folder: Path) -> None:
    """The page is what its picture shows."""
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        now, file = shot(page), PICTURES / f"{name}-{theme}.png"
        if RENEW:
            PICTURES.mkdir(exist_ok=True)
            few = now.quantize(COLOURS, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
            few.save(file, optimize=True)
            continue
        assert file.exists(), f"{file.name} isn't there yet: see the head of this file"
        wanted = Image.open(file).convert("RGB")
        share = unlike(now, wanted)
        end = time.monotonic() + PATIENCE
        while share > ALLOWED and time.monotonic() < end:  # what comes late on a busy machine is waited for
            now = shot(page)
            share = unlike(now, wanted)
        if share > ALLOWED:
            now.save(folder / file.name)
        assert share <= ALLOWED, f"{share:.1%} of {folder / file.name} is unlike {file}"


@pytest.mark.parametrize("name", PAGES)
def test_a_page_looks_as_it_did(shown: Callable[..., Page], tmp_path: Path, name: str) -> None:
    """With the same frames and answers each page is what was looked at last, in both themes."""
    held(shown(f"?page={name}"), name, tmp_path)


@pytest.mark.parametrize("size", [(1280, 2600), (390, 5200)], ids=["wide", "phone"])
def test_the_overview_of_everything_looks_as_it_did(
    shown: Callable[..., Page], whole_address: str, tmp_path: Path, size: tuple[int, int]
) -> None:
    """The same for whoever watches a shop, marketplaces, connections, feeds and services: the whole of it."""
    held(shown("", size, url=whole_address), "whole" if size[0] > 1000 else "whole-phone", tmp_path)


@pytest.mark.parametrize("name", ON_PHONES)
def test_a_page_looks_as_it_did_on_a_phone(shown: Callable[..., Page], tmp_path: Path, name: str) -> None:
    """The same where it is narrow."""
    held(shown(f"?page={name}", NARROW), f"{name}-phone", tmp_path)


def test_a_wall_looks_as_it_did(shown: Callable[..., Page], tmp_path: Path) -> None:
    """The same without controls and amounts."""
    page = shown("?kiosk=shop&money=0", (1920, 1080))
    page.wait_for_selector(".kclock")
    held(page, "wall", tmp_path)


def test_what_differs_is_seen(shown: Callable[..., Page]) -> None:
    """The comparison can fail: a figure that is another, a tile's colour and a missing panel are each too much."""
    page = shown("?page=system")
    before = shot(page)
    assert unlike(before, shot(page)) == 0
    changes = (
        "document.querySelector('[data-tile=cpu]').style.background = 'orange'",
        "document.querySelector('#network').style.visibility = 'hidden'",
        "document.querySelector('#cpu canvas').style.opacity = 0",
    )
    for change in changes:
        page.evaluate(change)
        after = shot(page)
        assert unlike(before, after) > ALLOWED, change
        before = after


def test_pictures_are_small() -> None:
    """All pictures of the repository together stay under 1.5 MB, and each is of something that is still tested."""
    names = {*PAGES, "wall", "whole", "whole-phone", *(f"{name}-phone" for name in ON_PHONES)}
    files = list(PICTURES.glob("*.png"))
    assert {file.stem for file in files} == {f"{name}-{theme}" for name in names for theme in ("light", "dark")}
    assert sum(file.stat().st_size for file in files) < 1_500_000
