"""The user guide's pictures, taken from the demo as readers will see it: `make pictures` writes them to docs/images."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, expect

from tests.integration.console_processes import Ports, answers, running, wait_for

pytestmark = pytest.mark.slow

DOCS = Path(__file__).resolve().parents[2] / "docs"
WRITE = os.environ.get("BONGSU_PICTURES") == "1"
AFTER = 150.0 if WRITE else 0.0
"""Seconds the demo runs before: empty charts are no pictures."""
HEIGHTS = {"overview": 1080, "data": 1000, "services": 860, "shop": 860, "marketplaces": 760, "alerts": 760}
SUFFIXES = {"ko": ".ko", "en": ""} if WRITE else {"ko": ".ko"}
LOCALES = {"ko": "ko-KR", "en": "en-US"}
COLOURS = 128


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where a demo runs."""
    ports, folder = Ports(), tmp_path_factory.mktemp("demo")
    with running([*ports.server(folder / "data"), "--demo"], folder=folder, log=folder / "log"):
        wait_for("the demo", lambda: answers(f"{ports.rest_url}/readyz"), folder / "log")
        yield ports.rest_url


def test_the_pictures_are_of_the_demo_and_say_so(chromium: Browser, demo: str, tmp_path: Path) -> None:
    """Each page that the guide shows opens without a fault, says that its data is simulated, and is kept small."""
    folder = DOCS / "images" if WRITE else tmp_path
    faults: list[str] = []
    for language, suffix in SUFFIXES.items():
        page = chromium.new_page(
            viewport={"width": 1280, "height": 900}, locale=LOCALES[language], timezone_id="Asia/Seoul"
        )
        page.on("pageerror", lambda fault: faults.append(str(fault)))
        page.goto(f"{demo}/monitoring/dashboard")
        page.wait_for_timeout(AFTER * 1000 if suffix == ".ko" else 0)
        for name, height in HEIGHTS.items():
            page.set_viewport_size({"width": 1280, "height": height})
            page.goto(f"{demo}/monitoring/dashboard?page={name}")
            expect(page.locator("main h1")).not_to_be_empty()
            expect(page.get_by_role("banner")).to_contain_text("모의 데이터" if language == "ko" else "Simulated")
            page.wait_for_timeout(4_000 if WRITE else 0)
            taken = Image.open(BytesIO(page.screenshot())).convert("RGB").quantize(COLOURS)
            path = folder / f"{name}{suffix}.png"
            taken.save(path, optimize=True)
            assert path.stat().st_size < 160_000
        page.close()
    assert faults == []


@pytest.mark.parametrize("name", ["guide.md", "guide.ko.md"])
def test_each_picture_of_the_guide_is_there(name: str) -> None:
    """In both languages."""
    shown = re.findall(r"\]\((images/[\w.]+)\)", (DOCS / name).read_text(encoding="utf-8"))
    assert len(shown) >= len(HEIGHTS)
    for picture in shown:
        assert (DOCS / picture).is_file(), picture
        assert (".ko." in picture) == (".ko." in name), picture
