"""The services' page: who fails, who is slow, and since when."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib.resources import files
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from bongsu.model.request import Latency, RouteView, ServiceView
from tests.browser.rest import Ask, Rest
from tests.browser.stage import Feed, fits
from tests.browser.test_board import now

Open = Callable[..., Page]


def services() -> list[ServiceView]:
    """A failing service with a hostile name for its route, and ours."""
    broken = RouteView(
        route="<img src=x onerror=alert(1)>",
        requests=10,
        errors=5,
        warnings=0,
        error_rate=50.0,
        latency=Latency(p50=10.0, p95=300.0, p99=310.0),
    )
    failing = ServiceView(
        service="checkout",
        requests_per_second=1.5,
        requests=90,
        errors=5,
        warnings=2,
        error_rate=5.6,
        latency=broken.latency,
        routes=(broken,),
        availability={"24h": 99.1, "7d": 99.9},
        watched_ms={"24h": 86_400_000, "7d": 3 * 86_400_000},
        watched_since=now() - 3 * 86_400_000,
    )
    ours = ServiceView(
        service="bongsu",
        requests_per_second=4,
        requests=240,
        errors=0,
        warnings=0,
        error_rate=0.0,
        latency=Latency(p50=1),
    )
    return [failing, ours]


@pytest.mark.guide("G003", "G009", "G010", "G011")
@pytest.mark.parametrize(("width", "theme"), [(1280, "light"), (390, "dark")])
def test_who_fails_stands_first(board: Open, feed: Feed, width: int, theme: str) -> None:
    """The sentence names it, table, routes and heat map show it, names are only text, and axe finds nothing."""

    def answers(rest: Rest) -> None:
        rest.say("services$", {"at": now(), "services": services()})
        rest.route("query[?]metric=service_latency_ms", heat)

    def heat(ask: Ask) -> None:
        points = [[now() // 15_000 * 15_000 - 15_000 * back, 40.0 * back] for back in range(10, 0, -1)]
        series: list[dict[str, Any]] = [{"metric": "m", "labels": {"service": "checkout"}, "points": points}]
        ask.fulfill(json={"series": series})

    page = board("?page=services&lang=en", answers=answers, width=width, color_scheme=theme, bypass_csp=True)
    figures: list[tuple[str, dict[str, str], float]] = [
        ("service_requests_per_second", {"service": "checkout"}, 1.5),
        ("scrape_up", {"target": "<b>api</b>"}, 1.0),
        ("scrape_samples", {"target": "<b>api</b>"}, 120.0),
        ("scrape_up", {"target": "node"}, 0.0),
    ]
    feed.tell(figures, now(), topic="services", kind="snapshot")
    expect(page.locator("h1")).to_have_text("1 service with errors: checkout")
    expect(page.locator("#services tbody tr").first).to_contain_text("99.10%99.90%over 3 d")
    expect(page.locator("#service-heat rect.h4")).to_have_count(6)
    page.locator("#service-routes").scroll_into_view_if_needed()
    expect(page.locator("#service-routes li").first).to_contain_text("<img src=x")
    expect(page.locator("main img")).to_have_count(0)
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    expect(page.locator("#service-targets tbody tr").first).to_contain_text("nodecan't be read")
    expect(page.locator("#service-targets tbody tr").last).to_contain_text("<b>api</b>")
    fits(page)
    page.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8"))
    found = page.evaluate(
        "async (tags) => (await axe.run(document, { runOnly: tags })).violations", ["wcag2a", "wcag2aa", "wcag21aa"]
    )
    assert found == [], json.dumps([(one["id"], [node["html"][:160] for node in one["nodes"]]) for one in found])


@pytest.mark.guide("G027")
def test_the_machines_page_shows_latency_and_connections(board: Open, feed: Feed) -> None:
    """Beside the machine: services' latency as a line, and what is connected, the worst first."""

    def state(name: str, state: str, took: float | None) -> dict[str, Any]:
        known = {"name": name, "kind": "connection", "title": {"ko": name, "en": name}, "state": state}
        return {**known, "target": "redis://h", "response_ms": took, "checked_at": now()}

    def answers(rest: Rest) -> None:
        connections = [state("cache", "up", 1.5), state("orders", "down", None)]
        rest.say("checks$", {"at": now(), "checks": []})
        rest.say("connections$", {"at": now(), "connections": connections})

    page = board("?page=system", answers=answers, height=1600)
    labels = {"service": "bongsu", "quantile": "0.95"}
    feed.tell([("service_latency_ms", labels, 42.0)], now(), topic="services", kind="snapshot")
    rows = page.locator("#links li")
    expect(rows.first).to_contain_text("orders장애")
    expect(rows.last).to_contain_text("cache정상")
    expect(page.locator("#links .sub")).to_have_text("정상 1 / 전체 2")
    expect(page.locator("#latency .sub")).to_have_text("bongsu 42 ms")
