"""Tabs that one test after the other opens the board in: what the browser has read and compiled stays, nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, Error, Page, WebSocketRoute

from tests.browser.rest import TEST
from tests.browser.stage import slow_down

Key = tuple[int, tuple[tuple[str, Any], ...]]


def empty(page: Page) -> None:
    """Takes away what a page has kept, and leaves nothing in the window."""
    origin = page.evaluate("sessionStorage.clear(), location.origin")
    page.goto("about:blank")
    page.context.clear_cookies()
    session = page.context.new_cdp_session(page)
    session.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "all"})
    session.detach()


@dataclass(kw_only=True)
class Tab:
    """A window with one page, and who hears of it now."""

    page: Page
    key: Key
    socket: Callable[[WebSocketRoute], object] = lambda _: None
    faults: list[str] = field(default_factory=list)
    let_go: Callable[[], None] = lambda: None

    def listen(self) -> None:
        """Once for all tests: nobody can let go of a socket's route."""
        self.page.route_web_socket("**/live", lambda socket: self.socket(socket))
        self.page.on("pageerror", lambda fault: self.faults.append(str(fault)))
        self.page.on("console", lambda said: self.faults.append(said.text) if said.type == "error" else None)


@dataclass
class Tabs:
    """Those that wait for the next test, by browser and by what can't be changed in an open one."""

    _waiting: dict[Key, list[Tab]] = field(default_factory=dict)

    def take(
        self,
        chromium: Browser,
        *,
        test: str,
        own: bool,
        width: int = 1280,
        height: int = 900,
        locale: str = "ko-KR",
        color_scheme: Any = "light",
        reduced_motion: Any = "no-preference",
        **options: Any,
    ) -> Tab:
        """A tab of that size and taste whose requests say which test they are of; `own`: a new one."""
        options["locale"] = locale
        key = (id(chromium), tuple(sorted(options.items())))
        waiting = [] if own else self._waiting.get(key, [])
        size: Any = {"width": width, "height": height}
        if waiting:
            tab = waiting.pop()
            tab.page.set_viewport_size(size)
        else:
            tab = Tab(page=chromium.new_context(viewport=size, **options).new_page(), key=key)
            tab.listen()
        tab.page.emulate_media(color_scheme=color_scheme, reduced_motion=reduced_motion)
        tab.page.set_extra_http_headers({TEST: test})
        tab.let_go = slow_down(tab.page)
        return tab

    def give(self, tab: Tab, *, own: bool) -> None:
        """The test is over. A tab that was its own, or is no longer what it was, is closed."""
        tab.faults, tab.socket = [], lambda _: None
        if own or tab.page.is_closed() or len(tab.page.context.pages) != 1:
            tab.page.context.close()
            return
        try:
            tab.let_go()
            empty(tab.page)
            tab.page.mouse.move(0, 0)
        except Error:
            tab.page.context.close()
            return
        self._waiting.setdefault(tab.key, []).append(tab)

    def close(self) -> None:
        """All of them."""
        for tab in (tab for tabs in self._waiting.values() for tab in tabs):
            tab.page.context.close()
        self._waiting.clear()
