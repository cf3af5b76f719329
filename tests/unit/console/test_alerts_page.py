"""The page 알림 시스템: the live part, the past as figure, table and file."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from bongsu.clock import SystemClock
from bongsu.console.near import NEAR
from tests.unit.console.little_server import LittleServer

HANGUL = re.compile("[가-힣]")


def told(number: int, **changed: Any) -> dict[str, Any]:
    """An alert as REST tells it, over for a while."""
    at = SystemClock().now() - 3_600_000 * number
    return {
        "id": f"a{number}",
        "fingerprint": f"f{number}",
        "source": "rule",
        "severity": "warning",
        "phase": "resolved",
        "message": f"alert {number}",
        "rule": "",
        "metric": "",
        "labels": {"mount": "/data"},
        "value": 91.0,
        "threshold": 90.0,
        "unit": "%",
        "pending_at": at,
        "fired_at": at,
        "acknowledged_at": None,
        "acknowledged_by": "",
        "acknowledged_until": None,
        "note": "",
        "resolved_at": at + 60_000,
        "seen_at": at,
        "no_data": False,
        "flapping": False,
        "silenced_by": "",
        "inhibited_by": "",
    } | changed


@pytest.fixture
def server() -> Iterator[LittleServer]:
    """A server with two alerts of the past."""
    st.cache_data.clear()
    world = LittleServer()
    world.alerts = [told(1), told(2, severity="critical", message="disk [full](http://x)")]
    with world.running() as running:
        yield running


def _script(url: str, language: str) -> None:
    from bongsu.client import Client
    from bongsu.console.alerts_page import AlertsPage
    from bongsu.console.facts import Facts
    from bongsu.console.live import Served
    from bongsu.console.place import Place
    from bongsu.console.words import language_of, words

    AlertsPage(
        place=Place(rest_url=url),
        served=Served(board="/assets/1", console="/console/1", plotly="/plotly.js"),
        facts=Facts(version="1"),
        source=Client(url),
        words=words(language_of(language)),
        theme="light",
    ).draw()


def _page(url: str, language: str = "ko", *, near: bool = True) -> AppTest:
    page = AppTest.from_function(_script, default_timeout=30, args=(url, language))
    page.session_state[NEAR] = near
    return page.run()


def _components(page: AppTest) -> dict[str, dict[str, Any]]:
    return {part.proto.component_name: json.loads(part.proto.json) for part in page.get("bidi_component")}


@pytest.mark.guide("G030")
@pytest.mark.guide("G042")
def test_the_page_shows_what_fires_and_what_was(server: LittleServer) -> None:
    """The live part is the board's alerts page; below it the figure and the table of the past, latest first."""
    page = _page(server.url)
    assert not page.exception
    components = _components(page)
    assert components["bongsu_live_alerts"]["page"] == "alerts"
    assert "alert 1" in components["bongsu_figure"]["spec"]
    rows = page.table[0].value
    assert list(rows["심각도"]) == ["▲ 주의", "■ 위험"]
    assert list(rows["알림"]) == ["alert 1", "disk \\[full\\]\\(http\\://x\\)"]


def test_the_table_is_narrowed_down(server: LittleServer) -> None:
    """A word leaves what mentions it; the file holds the same."""
    page = _page(server.url)
    page.text_input[0].set_value("full").run()
    assert list(page.table[0].value["심각도"]) == ["■ 위험"]
    page.text_input[0].set_value("nowhere").run()
    assert not page.table
    assert any("알림이 없었습니다" in caption.value for caption in page.caption)


def test_the_page_speaks_english_when_asked(server: LittleServer) -> None:
    """No Hangul in heading, filters, table or figure."""
    page = _page(server.url, "en")
    words = [page.subheader[0].value, page.text_input[0].label, page.table[0].value.to_string(), str(_components(page))]
    assert not HANGUL.search(" ".join(words))


def test_the_past_is_not_asked_for_before_it_is_looked_at(server: LittleServer) -> None:
    """Until the reader comes near, neither figure nor table is made."""
    page = _page(server.url, near=False)
    assert list(_components(page)) == ["bongsu_live_alerts"]
    assert not [path for path in server.asked if "alerts" in path]


def test_a_past_that_fails_does_not_take_the_page_down(server: LittleServer) -> None:
    """The live part stays, and the page says that it tries again."""
    server.history_works = False
    page = _page(server.url)
    assert not page.exception
    assert "지난 알림을 불러오지 못했습니다" in page.get("html")[0].proto.body
