"""Browsers for the tests of screens: Debian's Chromium, told apart from the network."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.browser.console_stack import Visitors
from tests.browser.rest import Backend, Rest
from tests.browser.stage import ALERT_ROUTES, CHROMIUM_FLAGS, NOBODY, Alerts, Feed, Past, facts, serve
from tests.browser.tabs import Tab, Tabs

WATCHES = ("shop", "marketplaces", "connections", "checks", "data", "services")
"""Everything a server may watch besides its machine."""


CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
"""The browser that people have."""
SHELL = ("chromium-headless-shell", *CHROMIUM)
"""The same without windows, which cost it half a second of a core each; that of the people where there is none."""
PATIENCE = 15_000
"""Milliseconds that a busy machine has to show what is expected; none is lost where it comes sooner."""


@pytest.fixture(scope="package")
def launch(program: Callable[..., str]) -> Iterator[Callable[..., Browser]]:
    """The browsers of this folder, by the names a program may have: each started once, and again should it have died.
    (Playwright's own loop runs until the last test of the folder: no coroutine tests here.)
    """
    started: dict[str, Browser] = {}
    expect.set_options(timeout=PATIENCE)
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


@pytest.fixture(scope="package")
def backend() -> Backend:
    """Where the boards' servers ask what the test answers."""
    return Backend()


@pytest.fixture(scope="package")
def address(backend: Backend) -> Iterator[str]:
    """Where the board is served, without a backend of its own."""
    with serve(facts, backend) as url:
        yield url


@pytest.fixture(scope="package")
def whole_address(backend: Backend) -> Iterator[str]:
    """Where a board is served whose server watches everything: the overview in full."""
    with serve(lambda: replace(facts(), watches=WATCHES), backend) as url:
        yield url


@pytest.fixture(scope="package")
def tabs(launch: Callable[..., Browser]) -> Iterator[Tabs]:
    """Tabs for boards, which know the board's files."""
    tabs = Tabs()
    yield tabs
    tabs.close()


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
def rest(backend: Backend, past: Past, alerts: Alerts) -> Iterator[Rest]:
    """What pages of this test are answered over REST."""
    rest = Rest()
    rest.route("query[?]", past.answer)
    rest.route(ALERT_ROUTES, alerts.answer)
    rest.say("checks$", {"at": 0, "checks": []})
    rest.say("connections$", {"at": 0, "connections": []})
    rest.say("session$", NOBODY)
    rest.say("marks[?]", {"marks": []})
    rest.say("anomalies[?]", {"anomalies": []})
    rest.say("anomalies/band[?]", {"series": []})
    yield rest
    assert rest.faults == []


@pytest.fixture
def board(
    chromium: Browser, tabs: Tabs, address: str, feed: Feed, rest: Rest, backend: Backend, faults: list[str]
) -> Iterator[Callable[..., Page]]:
    """Opens the board in a tab: `board(query="?lang=en", width=390)`.

    `answers` may change what REST says. The tab knows the board's files already, but where a first visit is meant
    (`own`) or the page is prepared.
    """
    taken: list[tuple[Tab, bool]] = []
    test = backend.open(rest)

    def open_page(
        query: str = "",
        *,
        url: str = address,
        wait: str = ".hero h1:not(:empty)",
        prepare: Callable[[Page], object] | None = None,
        answers: Callable[[Rest], object] | None = None,
        own: bool = False,
        **options: Any,
    ) -> Page:
        own = own or prepare is not None
        tab = tabs.take(chromium, test=test, own=own, **options)
        taken.append((tab, own))
        tab.socket, tab.faults = feed.open, faults
        if answers is not None:
            answers(rest)
        if prepare is not None:
            prepare(tab.page)
        tab.page.goto(f"{url}/monitoring/dashboard{query}")
        tab.page.wait_for_selector(wait)
        return tab.page

    yield open_page
    for tab, own in taken:
        tabs.give(tab, own=own)
    backend.close(test)
