"""REST as every page of the board may ask it: a server with something everywhere, and one with nothing yet."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Page

from bongsu.model.shop import ShopView
from tests.browser.alerts_stage import furnish
from tests.browser.rest import Ask, Rest
from tests.browser.settings_stage import settings_bodies
from tests.browser.stage import NOBODY, Alerts, Feed, Item, machine
from tests.browser.test_board import now
from tests.browser.test_board_marketplaces import street
from tests.browser.test_board_services import services
from tests.browser.test_board_shop import busy

TOPICS: dict[str, list[Item]] = {
    "system": machine(memory=97.0),
    "custom": [("queue_depth", {}, 17.0), ("checkout_ms", {"market": "naver"}, 120.0)],
    "services": [
        ("service_requests_per_second", {"service": "checkout"}, 1.5),
        ("service_error_rate", {"service": "checkout"}, 5.6),
        ("service_latency_ms", {"service": "checkout", "quantile": "0.95"}, 300.0),
    ],
    "shop": [
        ("shop_revenue_today", {"marketplace": "naver"}, 1_500_000.0),
        ("shop_orders_today", {}, 40.0),
        ("shop_products_low", {}, 3.0),
    ],
    "checks": [("marketplace_response_ms", {"marketplace": "naver"}, 183.0)],
    "feeds": [("feed_quality", {"feed": "krx"}, 0.87), ("feed_events_per_second", {"feed": "krx"}, 900.0)],
}


def feed_head() -> dict[str, Any]:
    """A feed with a fault, as `GET /api/v1/quality` tells it."""
    shares = {"completeness": 0.99, "accuracy": 0.87, "timeliness": 1.0, "consistency": 1.0, "validity": 1.0}
    return {
        "feed": "krx",
        "title": "KRX 체결",
        "state": "open",
        "quality": 0.87,
        "quality_lower": 0.85,
        "worst": "accuracy",
        "events": 3_000,
        "events_per_second": 900.0,
        "seen": 2,
        "expected": 2,
        "faults": {"gap": 1},
        "uniqueness": None,
    } | shares


def feed_body() -> dict[str, Any]:
    """That feed with its symbols, faults and strip."""
    row = feed_head() | {"age_seconds": 0.4}
    symbols = [row | {"symbol": "005930", "state": "silent"}, row | {"symbol": "000660", "state": "ok", "quality": 1.0}]
    fault = {"fault": "gap", "symbol": "005930", "since": now() - 9_000, "count": 3, "detail": ""}
    return {
        "at": now(),
        "window": "1m",
        "feed": feed_head(),
        "total": 2,
        "offset": 0,
        "symbols": symbols,
        "faults": [fault],
        "past_faults": [fault | {"until": now() - 1_000, "symbol": None}],
        "heat": {"from": now() - 3_600_000, "step": 60_000, "rows": [[100, 85] * 30, [None, 60] * 30]},
    }


def symbol_body() -> dict[str, Any]:
    """Its symbol in full."""
    scores = {name: value for name, value in feed_head().items() if isinstance(value, float)}
    fault = feed_body()["faults"][0]
    return {
        "at": now(),
        "feed": "krx",
        "symbol": "005930",
        "windows": dict.fromkeys(("1m", "5m", "1h", "1d"), scores),
        "timeline": [{"from": now() - 60_000, "step": 60_000, "events": 900} | scores],
        "delay_limit_ms": 1_000,
        "delays": [[100, 880], [2_000, 20]],
        "usual_silence_ms": 1_000,
        "offenders": [],
        "gaps": [{"kind": "sequence", "from": now() - 9_000, "to": now() - 8_000, "lost": 3}],
        "faults": [fault],
        "past_faults": [],
    }


def full() -> dict[str, Any]:
    """Bodies by path below `/api/v1/`."""
    return {
        **settings_bodies(furnished=True),
        "session": NOBODY,
        "services": {"at": now(), "services": services()},
        "shop": busy(),
        "quality": {"at": now(), "window": "1m", "feeds": [feed_head()]},
        **{path: {"at": now(), path: rows} for path, rows in street().items()},
        "quality/krx": feed_body(),
        "quality/krx/005930": symbol_body(),
    }


def bare() -> dict[str, Any]:
    """The same of a server nobody has told anything."""
    return {
        **settings_bodies(furnished=False),
        "session": NOBODY,
        "services": {"at": now(), "services": []},
        "shop": ShopView(health="off"),
        "quality": {"at": now(), "window": "1m", "feeds": []},
        "checks": {"at": now(), "checks": []},
        "connections": {"at": now(), "connections": []},
    }


@dataclass
class House:
    """A server behind every page; `bodies` may be changed while a page is open."""

    alerts: Alerts
    bodies: dict[str, Any] = field(default_factory=bare)

    def open(self, rest: Rest) -> None:
        """Answers for a page."""
        rest.route("(?!(query|alerts|rules|silences|channels|notifications|anomalies|marks))", self.answer)

    def answer(self, ask: Ask) -> None:
        """One request; what nobody filled in isn't there, as it would not be at a server."""
        if ask.path in self.bodies:
            ask.fulfill(json=self.bodies[ask.path])
        else:
            ask.fulfill(json={"title": "not found"}, status=404)

    def fill(self) -> None:
        """From now on there is something everywhere."""
        self.bodies = full()
        furnish(self.alerts)

    @staticmethod
    def tell(feed: Feed, *, kind: str = "snapshot", factor: float = 1.0) -> None:
        """Values of every topic."""
        at = now()
        for topic, items in TOPICS.items():
            told = [(metric, labels, value * factor) for metric, labels, value in items]
            feed.tell(told, at, topic=topic, kind=kind)


def violations(page: Page) -> str:
    """What axe finds at WCAG A and AA in a page that holds axe; empty where there is nothing."""
    found = page.evaluate(
        "async (tags) => (await axe.run(document, { runOnly: tags, resultTypes: ['violations'] })).violations",
        ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    )
    named = [(one["id"], [node["html"][:160] for node in one["nodes"]]) for one in found]
    return json.dumps(named, indent=1) if named else ""
