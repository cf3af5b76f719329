"""Browsers for the tests of screens: Debian's Chromium, told apart from the network."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser.console_stack import Visitors
from tests.browser.stage import ALERT_ROUTES, CHROMIUM_FLAGS, NOBODY, Alerts, Feed, Past, facts, serve, slow_down

WATCHES = ("shop", "marketplaces", "connections", "checks", "data", "services")
"""Everything a server may watch besides its machine."""


CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
"""The browser that people have."""
SHELL = ("chromium-headless-shell", *CHROMIUM)
"""The same without windows, which cost it half a second of a core each; that of the people where there is none."""


@pytest.fixture(scope="package")
def launch(program: Callable[..., str]) -> Iterator[Callable[..., Browser]]:
    """The browsers of this folder, by the names a program may have: each started once, and again should it have died.
    (Playwright's own loop runs until the last test of the folder: no coroutine tests here.)
    """
    started: dict[str, Browser] = {}
    with sync_playwright() as playwright:

        def one(*names: str) -> Browser:
            path = program(*names)
            if path not in started or not started[path].is_connected():
                started[path] = playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
            return started[path]

        yield one
        for browser in started.values():
            browser.close()


@pytest.fixture(scope="module")
def chromium(launch: Callable[..., Browser], pytestconfig: pytest.Config) -> Browser:
    """The running browser, that of the people for what measures time. Each test opens contexts of its own, which know
    nothing of each other.
    """
    return launch(*(CHROMIUM if pytestconfig.option.markexpr == "alone" else SHELL))


@pytest.fixture(scope="module")
def visitors(chromium: Browser) -> Iterator[Visitors]:
    """People who come to a whole server, or to its console."""
    visitors = Visitors(browser=chromium)
    yield visitors
    visitors.close()


@pytest.fixture
def context(chromium: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Makes contexts, as different people's browsers; `width` and `height` of the window, and Playwright's options."""
    with ExitStack() as stack:

        def make(width: int = 1280, height: int = 900, locale: str = "ko-KR", **options: Any) -> BrowserContext:
            made = chromium.new_context(viewport={"width": width, "height": height}, locale=locale, **options)
            stack.callback(made.close)
            return made

        yield make


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Where the board is served, without a backend."""
    with serve(facts) as url:
        yield url


@pytest.fixture(scope="module")
def whole_address() -> Iterator[str]:
    """Where a board is served whose server watches everything: the overview in full."""
    with serve(lambda: replace(facts(), watches=WATCHES)) as url:
        yield url


@pytest.fixture
def feed() -> Feed:
    """The live socket, played by the test."""
    return Feed()


@pytest.fixture
def past() -> Past:
    """History, played by the test."""
    return Past()


@pytest.fixture
def alerts() -> Alerts:
    """The server's alerts, played by the test."""
    return Alerts()


@pytest.fixture
def faults() -> Iterator[list[str]]:
    """What went wrong in a page: a test with any fault it didn't expect fails."""
    found: list[str] = []
    yield found
    assert found == []


@pytest.fixture
def board(
    context: Callable[..., BrowserContext], address: str, feed: Feed, past: Past, alerts: Alerts, faults: list[str]
) -> Callable[..., Page]:
    """Opens the board in a new browser: `board(query="?lang=en", width=390)`."""

    def open_page(
        query: str = "",
        *,
        url: str = address,
        wait: str = ".hero h1:not(:empty)",
        prepare: Callable[[Page], object] | None = None,
        **options: Any,
    ) -> Page:
        page = slow_down(context(**options).new_page())
        page.on("pageerror", lambda fault: faults.append(str(fault)))
        page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
        page.route_web_socket("**/live", feed.open)
        page.route("**/api/v1/query?*", past.answer)
        page.route(ALERT_ROUTES, alerts.answer)
        page.route("**/api/v1/checks", lambda route: route.fulfill(json={"at": 0, "checks": []}))
        page.route("**/api/v1/connections", lambda route: route.fulfill(json={"at": 0, "connections": []}))
        page.route("**/api/v1/session", lambda route: route.fulfill(json=NOBODY))
        page.route("**/api/v1/marks?*", lambda route: route.fulfill(json={"marks": []}))
        page.route("**/api/v1/anomalies?*", lambda route: route.fulfill(json={"anomalies": []}))
        page.route("**/api/v1/anomalies/band?*", lambda route: route.fulfill(json={"series": []}))
        if prepare is not None:
            prepare(page)
        page.goto(f"{url}/monitoring/dashboard{query}")
        page.wait_for_selector(wait)
        return page

    return open_page
