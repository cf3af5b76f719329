"""Markup in everything that can be told to the server: every page of board and console shows it and runs none of it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page

from bongsu.console.pages import PAGES as CONSOLE_PAGES
from tests.browser.console_stack import Visitors, console, server, visit, wait_until_live
from tests.browser.stage import until
from tests.browser.test_board_every_page import PAGES, SETTLED
from tests.integration.console_processes import Ports

TELLING = ("alerts", "data", "services", "marketplaces")
"""Pages that tell of the markup."""
pytestmark = pytest.mark.slow

SHORT = "<img src=x onerror=window.pwned=1>"
MARKUP = (
    f"\"'>{SHORT}<svg/onload=window.pwned=2></title></script><script>window.pwned=3</script>"
    "<a href=javascript:window.pwned=4>a</a>{{7*7}}${window.pwned=5}"
)
FOUND = """() => [
  ...(window.pwned ? [`ran: ${window.pwned}`] : []),
  ...[...document.querySelectorAll('img[src="x"], svg[onload], [onerror], a[href^="javascript:" i]')]
    .map((one) => one.outerHTML),
  ...[...document.scripts].filter((one) => one.textContent.includes('pwned')).map((one) => one.outerHTML),
]"""
UNFOLD = """() => [...document.querySelectorAll('main :is(summary, [aria-expanded=false], tbody tr)')]
  .filter((one) => one.checkVisibility()).slice(0, 6).forEach((one) => one.click())"""
SHOWN = "() => document.body.innerText.includes('window.pwned=1')"


def settings(folder: Path) -> dict[str, Any]:
    """Names and titles of the settings are shown too."""
    return {
        "checks": [{"name": SHORT, "url": "http://127.0.0.1:9/"}],
        "connections": [{"name": SHORT, "url": "tcp://127.0.0.1:9"}],
        "panels": [{"title": {"ko": SHORT, "en": SHORT}, "metric": "hostile"}],
        "thresholds": {"cpu_threshold_percent": 100.0},
        "storage": {"data_dir": str(folder / "data")},
    }


def tell(url: str) -> None:
    """Everything that REST takes, full of markup."""
    labels = {"host": MARKUP, "mount": MARKUP, "device": MARKUP, "service": MARKUP, "market": MARKUP}
    with httpx.Client(base_url=f"{url}/api/v1", trust_env=False, timeout=30) as http:

        def post(path: str, body: Any) -> dict[str, Any]:
            answer = http.post(path, json=body)
            assert answer.status_code < 300, (path, answer.text)
            given: dict[str, Any] = answer.json()
            return given

        metrics = ("hostile", "disk_usage", "cpu_usage", "network_receive_bytes_per_second")
        post("/samples", [{"metric": name, "labels": labels, "value": 99.0} for name in metrics])
        post("/requests", [{"service": SHORT, "route": f"GET /{SHORT}", "ms": 900.0, "status": 500}])
        now = int(time.time() * 1000)
        event = {"feed": "ticks", "symbol": SHORT, "at": now, "fields": {"price": 1.0, "name": MARKUP}}
        post("/events", [event])
        for level in ("critical", "warning"):
            alert = {
                "level": level,
                "message": f"{level} {MARKUP}",
                "labels": labels,
                "metric": f"m_{level}",
                "value": 1,
            }
            last = post("/alerts", alert)
        post(f"/alerts/{last['id']}/acknowledge", {"by": MARKUP[:100], "note": MARKUP})
        post("/silences", {"matchers": {"host": MARKUP}, "for": "2h", "reason": MARKUP, "by": MARKUP[:100]})
        rule = {"id": "hostile", "name": MARKUP, "metric": "hostile", "op": ">", "value": 1, "severity": "error"}
        post("/rules", {**rule, "labels": {"host": MARKUP}, "message": SHORT.replace("{", "{{")})
        post("/marks", {"kind": "deploy", "label": MARKUP[:120], "by": SHORT})
        link = http.post("/marks", json={"kind": "deploy", "label": "x", "link": "javascript:window.pwned=6"})
        assert link.status_code == 400


@pytest.fixture(scope="module")
def ports(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ports]:
    """A server that was told all of it, and a console."""
    ports, folder = Ports(), tmp_path_factory.mktemp("hostile")
    (folder / "config").mkdir()
    (folder / "config" / "monitoring_config.json").write_text(json.dumps(settings(folder)), encoding="utf-8")
    with ExitStack() as stack:
        stack.enter_context(server(ports, folder))
        tell(ports.rest_url)
        stack.enter_context(console(ports, folder))
        yield ports


def looked_through(page: Page) -> list[str]:
    """Everything on the page was shown: scrolled by, each tab opened, the first lines unfolded; what was injected."""
    tabs = page.locator("main [role=tab], .bongsu [role=tab]")
    for number in range(max(1, tabs.count())):
        if tabs.count() > number and tabs.nth(number).is_visible():
            tabs.nth(number).click()
        for top in range(0, 4_000, 800):
            page.evaluate(f"scrollTo(0, {top})")
            page.wait_for_timeout(30)
        page.evaluate(UNFOLD)
        page.wait_for_timeout(60)
    found: list[str] = page.evaluate(FOUND)
    return found


def test_no_page_runs_what_it_is_told(visitors: Visitors, ports: Ports) -> None:
    """With the policy switched off, so that only the escaping holds: nothing runs and no element is made of it; and the
    markup is really there to be read on the pages that tell of it.
    """
    for name in PAGES:
        url = f"{ports.rest_url}/monitoring/dashboard?page={name}&lang=en"
        with visit(visitors, url, bypass_csp=True) as seen:
            seen.page.on("dialog", lambda dialog: seen.errors.append(dialog.message))
            seen.page.wait_for_selector("main h1:not(:empty)")
            until(seen.page, SETTLED)
            seen.page.wait_for_timeout(1_200)
            assert looked_through(seen.page) == [], name
            assert not seen.foreign, name
            if name in TELLING:
                until(seen.page, f"({SHOWN})()")
            if name == PAGES[-1]:  # what would have been found
                seen.page.evaluate(f"document.body.insertAdjacentHTML('beforeend', `{SHORT}`)")
                assert len(seen.page.evaluate(FOUND)) >= 1


def test_no_page_of_the_console_runs_what_it_is_told(visitors: Visitors, ports: Ports) -> None:
    """The same for the console's pages with their live parts."""
    for name in CONSOLE_PAGES:
        with visit(visitors, f"{ports.console_url}/?page={name}&lang=en", bypass_csp=True) as seen:
            wait_until_live(seen.page)
            seen.page.wait_for_timeout(1_500)
            assert looked_through(seen.page) == [], name
            if name == "alerts":
                until(seen.page, f"({SHOWN})()")
