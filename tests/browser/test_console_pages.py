"""Every page of the console, whole: what it shows, in both languages and themes, and what can be done with the past."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from importlib.resources import files
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, Route, expect

from bongsu.console.menu import LIVE, address_of
from bongsu.console.words import words
from tests.browser.console_stack import Visitors, console, look_back, server, visit, wait_until_live
from tests.integration.console_processes import Ports

pytestmark = pytest.mark.slow

HANGUL = re.compile("[가-힣]")
NAMES_OF_LANGUAGES = re.compile("한국어로 보기|한")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
PLOT = ".js-plotly-plot .main-svg"
ALERTS = ".st-key-past"
CARD = ".st-key-explore"


@pytest.fixture(scope="module")
def ports(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ports]:
    """Where a console beside a running server is."""
    ports, folder = Ports(), tmp_path_factory.mktemp("stack")
    with ExitStack() as stack:
        stack.enter_context(server(ports, folder))
        stack.enter_context(console(ports, folder))
        yield ports


def _past(page: Page, card: str = CARD) -> None:
    """Scroll to what is below the live view, until its figure stands."""
    look_back(page, PLOT, card)


@pytest.mark.guide("G010", "G012", "G027", "G028", "G029", "G030", "G115")
@pytest.mark.parametrize(("language", "dark"), [("ko", False), ("en", True)], ids=["ko-light", "en-dark"])
@pytest.mark.parametrize("name", list(LIVE))
def test_a_page_is_whole(visitors: Visitors, ports: Ports, name: str, language: str, *, dark: bool) -> None:
    """Live view and past of each page: nothing for axe to find, no word of the other language, no sideways scroll."""
    address = f"{ports.console_url}{address_of(name)}"
    locale = "ko-KR" if language == "ko" else "en-US"
    with visit(visitors, address, dark=dark, bypass_csp=True, locale=locale) as seen:
        page = seen.page
        if name == "settings":  # nothing of ours stands below it
            page.wait_for_selector(".bongsu .srow", timeout=30_000)
        else:
            _past(page, ALERTS if name == "alerts" else CARD)
        page.wait_for_selector("[data-testid=stMain] .bongsu :is(h1, h2):not(:empty)", timeout=60_000)
        page.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8"))
        found = page.evaluate("async (tags) => (await axe.run(document, { runOnly: tags })).violations", TAGS)
        assert [(one["id"], [node["html"][:160] for node in one["nodes"]]) for one in found] == []
        text = NAMES_OF_LANGUAGES.sub("", page.locator("body").inner_text())
        if language == "en":
            assert not HANGUL.search(text), HANGUL.findall(text)
        else:
            sentences = [entry for entry in words("en")._entries.values() if " " in entry and "{" not in entry]
            assert [entry for entry in sentences if entry in text] == []
        page.set_viewport_size({"width": 390, "height": 844})
        page.wait_for_function(
            "() => ['html', '[data-testid=stMain]'].every((name) => {"
            " const part = document.querySelector(name); return part.scrollWidth <= part.clientWidth; })"
        )
        assert (seen.errors, seen.foreign) == ([], [])


def test_the_live_view_is_handed_over(visitors: Visitors, ports: Ports) -> None:
    """What was drawn before Streamlit came is the very view that its page shows: one bar, one view, one socket."""
    with visit(visitors, ports.console_url) as seen:
        page = seen.page
        wait_until_live(page)
        page.wait_for_selector(".st-key-live .bongsu .tile", timeout=30_000)
        page.wait_for_selector("[data-testid=stMain] .bongsu-bar, .st-key-top .bongsu-bar")
        expect(page.locator(".bongsu-bar")).to_have_count(1)
        expect(page.locator(".bongsu")).to_have_count(1)
        expect(page.locator(".bongsu-early, .bongsu-early-bar")).to_have_count(0)
        assert len([url for url in seen.sockets if url.endswith("/live")]) == 1
        assert seen.errors == []


@contextmanager
def _held(page: Page) -> Iterator[Callable[[], None]]:
    """Streamlit's own script waits until what is given here is called."""
    waiting: list[Route] | None = []

    def hold(route: Route) -> None:
        if waiting is None:
            route.continue_()
        else:
            waiting.append(route)

    def go_on() -> None:
        nonlocal waiting
        held, waiting = waiting or [], None
        for route in held:
            route.continue_()

    page.goto("about:blank")
    page.route("**/static/js/index.*.js", hold)
    page.go_back()
    yield go_on
    page.unroute_all(behavior="ignoreErrors")


def test_what_is_open_stays_open_when_the_page_takes_over(visitors: Visitors, ports: Ports) -> None:
    """A dialog that was opened before Streamlit stood is still there, with what was typed, and does what it says."""
    body = {"level": "error", "message": "early", "metric": "early_metric", "value": 1}
    httpx.post(f"{ports.rest_url}/api/v1/alerts", json=body, trust_env=False).raise_for_status()
    with visit(visitors, f"{ports.console_url}/?page=alerts") as seen, _held(seen.page) as go_on:
        row = seen.page.locator(".alerts .al").filter(has_text="early").first
        row.get_by_role("button", name="확인").click()
        dialog = seen.page.get_by_role("dialog")
        dialog.get_by_label("이름").fill("수진")
        go_on()
        seen.page.wait_for_selector(".st-key-live-alerts-place .bongsu", state="attached", timeout=60_000)
        expect(dialog.get_by_label("이름")).to_have_value("수진")
        assert dialog.evaluate("(one) => one.matches(':modal')")
        dialog.get_by_role("button", name="확인").click()
        expect(row).to_contain_text("수진 확인함")
        assert seen.errors == []


def test_a_press_is_not_lost_when_the_page_takes_over(visitors: Visitors, ports: Ports) -> None:
    """What is pressed while Streamlit comes is let go in the place where it was pressed; then the page takes over."""
    with visit(visitors, ports.console_url) as seen, _held(seen.page) as go_on:
        page = seen.page
        wait_until_live(page)
        box = page.locator(".bongsu [data-range='1h']").bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + 10, box["y"] + 10)
        page.mouse.down()
        go_on()
        page.wait_for_selector(".st-key-live", state="attached", timeout=60_000)
        page.wait_for_timeout(1_000)
        expect(page.locator(".bongsu-early .bongsu")).to_have_count(1)
        page.mouse.up()
        expect(page.locator(".bongsu [data-range='1h']")).to_have_attribute("aria-pressed", "true")
        expect(page.locator(".st-key-live .bongsu .tile").first).to_be_visible()
        expect(page.locator(".bongsu-early")).to_have_count(0)
        assert seen.errors == []


SLOWLY = """() => {
  const Real = window.WebSocket;
  window.held = null;
  window.WebSocket = class extends Real {
    constructor(...all) {
      super(...all);
      this.addEventListener('message', (message) => {
        if (message.given || !(message.data instanceof ArrayBuffer)) return;
        const live = new TextDecoder().decode(message.data).includes('bongsu_live_');
        if (window.held === null && live) window.held = [];
        if (!window.held) return;
        message.stopImmediatePropagation();
        window.held.push(() => {
          this.dispatchEvent(Object.assign(new MessageEvent('message', { data: message.data }), { given: true }));
        });
      });
    }
  };
}"""
"""What Streamlit tells its page waits in `held`, from the live view on."""


def test_a_run_that_takes_long_is_waited_for(visitors: Visitors, ports: Ports) -> None:
    """Where a busy server draws the live view seconds after the bar, the early one stands until it is handed over."""
    with visit(visitors, ports.console_url) as seen, _held(seen.page) as go_on:
        page = seen.page
        wait_until_live(page)
        page.evaluate(SLOWLY)
        go_on()
        page.wait_for_function("() => document.querySelector('.st-key-top .bongsu-bar') && window.held?.length > 0")
        page.wait_for_timeout(4_000)
        expect(page.locator(".bongsu-early .bongsu .tile").first).to_be_visible()
        before = [url for url in seen.sockets if url.endswith("/live")]
        page.evaluate("for (const go of window.held.splice(0)) go(); window.held = false")
        expect(page.locator(".st-key-live .bongsu .tile").first).to_be_visible()
        expect(page.locator(".bongsu-early")).to_have_count(0)
        assert [url for url in seen.sockets if url.endswith("/live")] == before, "nothing is opened anew"
        assert seen.errors == []


LATE = """() => {
  const find = document.querySelector;
  let there = null;
  const come = () => {
    there = true;
    document.body.append(document.createComment('what is drawn later'));
  };
  document.querySelector = function (what) {
    if (what !== '.st-key-explore' || there) return find.call(this, what);
    if (there === null) setTimeout(come, 500);
    there = false;
    return null;
  };
}"""
"""The place of the history comes half a second after it was asked for."""


def test_a_past_whose_place_comes_late_is_drawn(visitors: Visitors, ports: Ports) -> None:
    """Streamlit may draw what is below the live view after it: the history is asked for all the same."""
    with visit(visitors, ports.console_url) as seen, _held(seen.page) as go_on:
        wait_until_live(seen.page)
        seen.page.evaluate(LATE)
        go_on()
        _past(seen.page)
        assert seen.errors == []


def test_hover_and_zoom_survive_ten_ticks(visitors: Visitors, ports: Ports) -> None:
    """While ten updates are drawn above, the chosen section of the past and the words under the pointer stay."""
    shown = "() => document.querySelector('.js-plotly-plot')._fullLayout.xaxis.range.map(String)"
    with visit(visitors, f"{ports.console_url}/?range=15m") as seen:
        page = seen.page
        _past(page)
        plot = page.locator(".js-plotly-plot .nsewdrag").first
        plot.scroll_into_view_if_needed()
        box = plot.bounding_box()
        assert box is not None
        whole = page.evaluate(shown)
        page.mouse.move(box["x"] + box["width"] * 0.9, box["y"] + 40)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] * 0.999, box["y"] + 40, steps=5)
        page.mouse.up()
        page.wait_for_function(f"(whole) => ({shown})()[0] !== whole[0]", arg=whole)
        zoomed = page.evaluate(shown)
        page.mouse.move(box["x"] + box["width"] * 0.98, box["y"] + 50)
        page.mouse.move(box["x"] + box["width"] * 0.99, box["y"] + 52)
        hover = page.locator(".js-plotly-plot .hoverlayer .legend, .js-plotly-plot .hoverlayer .hovertext").first
        hover.wait_for()
        seen.ticks = 0
        for _ in range(600):
            if seen.ticks >= 10:
                break
            page.wait_for_timeout(100)
        assert seen.ticks >= 10
        assert page.evaluate(shown) == zoomed
        expect(hover).to_be_visible()
        assert seen.errors == []


@pytest.mark.guide("G029")
def test_the_past_can_be_taken_away_and_compared(visitors: Visitors, ports: Ports, tmp_path: Path) -> None:
    """PNG and CSV of what is drawn; last week and an own range stand in the address and come back from it."""
    with visit(visitors, f"{ports.console_url}/?page=performance") as seen:
        page = seen.page
        _past(page)
        tools = page.locator(".bongsu-tools").first
        for name, start in (("PNG 저장", b"\x89PNG"), ("CSV 저장", b"\xef\xbb\xbf")):
            with page.expect_download() as download:
                tools.get_by_role("button", name=name).click()
            path = tmp_path / download.value.suggested_filename
            download.value.save_as(path)
            assert path.name.startswith("bongsu-performance-history-1h.")
            assert path.read_bytes().startswith(start)
        rows = (tmp_path / "bongsu-performance-history-1h.csv").read_text(encoding="utf-8-sig").splitlines()
        assert rows[0].startswith("시각,")
        assert "CPU" in rows[0]
        page.locator(CARD).get_by_text("지난주와 비교").click()
        page.wait_for_url("**compare=true**")
        page.locator(CARD).get_by_role("radio", name="직접 선택").click()
        page.wait_for_url("**range=custom**")
        page.wait_for_selector(".st-key-custom-range")
        page.reload()
        _past(page)
        expect(page.locator(".st-key-custom-range")).to_be_visible()
        assert seen.errors == []
