"""The page at `/docs` in a real browser: both languages, a request run from it, nothing asked of other hosts."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.fakes.server import Stand, running


@pytest.fixture
def server() -> Iterator[str]:
    """The address of a server in a thread of its own."""
    addresses: list[str] = []
    started, ended = threading.Event(), threading.Event()

    async def serve() -> None:
        async with running(Stand()) as stand:
            addresses.append(stand.url)
            started.set()
            await asyncio.to_thread(ended.wait)

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    assert started.wait(20)
    yield addresses[0]
    ended.set()
    thread.join(20)


def opened(context: BrowserContext, server: str, faults: list[str]) -> Page:
    """The page, drawn; faults are collected."""
    page = context.new_page()
    page.on("console", lambda message: faults.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on(
        "request",
        lambda request: (
            faults.append(request.url) if urlsplit(request.url).hostname not in ("127.0.0.1", None) else None
        ),
    )
    page.goto(f"{server}/docs")
    page.wait_for_selector("section")
    return page


@pytest.mark.parametrize(
    ("locale", "other", "word"), [("ko-KR", "English", "매개변수"), ("en-US", "한국어", "Parameters")]
)
def test_both_languages(
    context: Callable[..., BrowserContext], server: str, faults: list[str], locale: str, other: str, word: str
) -> None:
    """The page speaks the browser's language, can be switched, and remembers it."""
    page = opened(context(locale=locale), server, faults)
    expect(page.locator("html")).to_have_attribute("lang", locale[:2])
    expect(page.locator("caption").first).to_have_text(word)
    page.get_by_role("button", name=other).click()
    expect(page.locator("html")).not_to_have_attribute("lang", locale[:2])
    page.reload()
    page.wait_for_selector("section")
    expect(page.locator("html")).not_to_have_attribute("lang", locale[:2])


def test_a_request_can_be_run(context: Callable[..., BrowserContext], server: str, faults: list[str]) -> None:
    """A GET is run from the page and its answer shown."""
    page = opened(context(locale="en-US"), server, faults)
    section = page.get_by_label("GET /healthz")
    section.get_by_role("button", name="Run").click()
    section.get_by_text("200 OK").wait_for()
    expect(section.locator(".try pre")).to_contain_text("alive")


def test_narrow_windows(context: Callable[..., BrowserContext], server: str, faults: list[str]) -> None:
    """At 390 px nothing scrolls sideways."""
    page = opened(context(width=390, height=844, locale="ko-KR"), server, faults)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
