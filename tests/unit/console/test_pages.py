from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from bongsu.console.menu import LIVE
from bongsu.console.near import NEAR
from bongsu.console.pages import PAGES
from bongsu.console.place import Place
from bongsu.console.standalone import SCRIPT
from tests.unit.console.little_server import FACTS, LittleServer

HANGUL = re.compile("[가-힣]")


@pytest.fixture
def server() -> Iterator[LittleServer]:
    st.cache_data.clear()
    with LittleServer().running() as running:
        yield running
    st.cache_data.clear()


def _page(url: str, *, starts: bool = False, **query: str) -> AppTest:
    page = AppTest.from_file(str(SCRIPT), default_timeout=30)
    for key, value in Place(rest_url=url, starts=starts, log="logs/console_server.log").secrets().items():
        page.secrets[key] = value
    page.secrets["assets"] = {"board": "/assets/1", "console": "/console/1", "plotly": "/static/plotly.js"}
    for key, value in query.items():
        page.query_params[key] = value
    page.session_state[NEAR] = True
    return page.run()


def _texts(page: AppTest) -> str:
    """All words that the script wrote, the figure's included."""
    parts = [element.value for element in [*page.subheader, *page.caption]]
    parts += [_proto(element).body for element in page.get("html")]
    parts += [json.dumps(json.loads(one["spec"]), ensure_ascii=False) + one["alt"] for one in _figures(page)]
    return "\n".join(str(part) for part in parts)


def _components(page: AppTest) -> dict[str, dict[str, Any]]:
    """What each of the page's components was given, by its name."""
    return {_proto(part).component_name: json.loads(_proto(part).json) for part in page.get("bidi_component")}


def _figures(page: AppTest) -> list[dict[str, Any]]:
    parts = [_proto(part) for part in page.get("bidi_component")]
    return [json.loads(part.json) for part in parts if part.component_name == "bongsu_figure"]


def _queries(server: LittleServer) -> list[dict[str, str]]:
    """The range queries that were asked."""
    asked = [urlsplit(path) for path in server.asked]
    return [
        {key: values[0] for key, values in parse_qs(one.query).items()} for one in asked if one.path == "/api/v1/query"
    ]


def _metrics_asked(server: LittleServer) -> set[str]:
    return {query["metric"] for query in _queries(server)}


def _proto(element: Any) -> Any:
    return element.proto


@pytest.mark.guide("G021")
def test_the_page_shows_live_view_and_history(server: LittleServer) -> None:
    """With a server the page has the bar, the live part and the figure of the history, and no error."""
    page = _page(server.url)
    assert not page.exception
    assert list(_components(page)) == ["bongsu_bar", "bongsu_live_system", "bongsu_figure"]
    assert page.subheader[0].value == "지난 기록 살펴보기"


@pytest.mark.guide("G030")
def test_the_address_leads_to_the_alerts(server: LittleServer) -> None:
    """`?page=alerts` is a page of its own, marked in the bar; an unknown page is the front page."""
    page = _page(server.url, page="alerts")
    assert not page.exception
    assert list(_components(page)) == ["bongsu_bar", "bongsu_live_alerts", "bongsu_figure"]
    tabs = _components(page)["bongsu_bar"]["pages"]
    assert [(tab["title"], tab["href"], tab["current"]) for tab in tabs] == [
        ("시스템 상태", "/", False),
        ("데이터 품질", "/?page=data", False),
        ("성능 메트릭", "/?page=performance", False),
        ("알림 시스템", "/?page=alerts", True),
        ("설정", "/?page=settings", False),
    ]
    assert "bongsu_live_system" in _components(_page(server.url, page="weather"))


@pytest.mark.guide("G007", "G028")
def test_the_address_leads_to_the_data_feeds(server: LittleServer) -> None:
    """`?page=data` shows the board's page of the feeds, and below it their coverage, delay and scores over time."""
    page = _page(server.url, page="data")
    assert not page.exception
    assert list(_components(page)) == ["bongsu_bar", "bongsu_live_data", "bongsu_figure"]
    assert {"feed_coverage", "feed_delay_seconds", "feed_quality"} <= _metrics_asked(server)
    assert _components(page)["bongsu_live_data"]["page"] == "data"


@pytest.mark.guide("G031")
def test_the_address_leads_to_the_settings(server: LittleServer) -> None:
    """`?page=settings` shows the board's page of the settings, and nothing of ours below it."""
    page = _page(server.url, page="settings")
    assert not page.exception
    assert list(_components(page)) == ["bongsu_bar", "bongsu_live_settings"]
    assert _components(page)["bongsu_live_settings"]["page"] == "settings"


@pytest.mark.guide("G012", "G029")
def test_performance_is_a_page(server: LittleServer) -> None:
    """`?page=performance` draws the services live, below them throughput, errors, latency, network and resources."""
    page = _page(server.url, page="performance")
    assert not page.exception
    assert list(_components(page)) == ["bongsu_bar", "bongsu_live_services", "bongsu_figure"]
    wanted = {"service_requests_per_second", "service_error_rate", "service_latency_ms"}
    wanted |= {"network_receive_bytes_per_second", "cpu_usage", "memory_usage", "disk_usage"}
    assert wanted <= _metrics_asked(server)
    assert [one["file"] for one in _figures(page)] == ["bongsu-performance-history-1h", "bongsu-performance-heat-1h"]


@pytest.mark.guide("G027")
def test_the_machine_its_latency_and_its_connections_are_looked_back_at(server: LittleServer) -> None:
    """시스템 상태 holds CPU, memory, disks, what was received, latency, and how connections stood."""
    page = _page(server.url)
    wanted = {"cpu_usage", "memory_usage", "disk_usage", "network_receive_bytes_per_second", "service_latency_ms"}
    assert wanted | {"connection_state", "marketplace_state"} <= _metrics_asked(server)
    assert "연결 상태" in _texts(page)


def test_last_week_and_own_ranges_are_in_the_address(server: LittleServer) -> None:
    """`?compare=true` asks for the week before too; `?range=custom` looks at the two moments that the address names."""
    address = {"compare": "true", "range": "custom", "from": "2025-11-20T09:00", "until": "2025-11-20T12:00"}
    page = _page(server.url, starts=False, **address)
    assert not page.exception
    asked = {(query["start"], query["end"]) for query in _queries(server) if query["metric"] == "cpu_usage"}
    end = 1_763_607_600_000
    week = 7 * 86_400_000
    assert asked == {(str(end - 3 * 3_600_000 - back), str(end - back)) for back in (0, week)}
    assert page.toggle(key="compare").value
    wrong = _page(server.url, starts=False, **{**address, "until": "2025-11-20T09:00"})
    assert not wrong.exception
    assert "시작은 끝보다 앞서야 합니다" in _texts(wrong)


def test_the_figure_is_that_of_history(server: LittleServer) -> None:
    """The values that REST answers stand in the figure, and the threshold that the facts name."""
    page = _page(server.url)
    assert "기준 80%" in _texts(page)
    asked = [path for path in server.asked if "metric=cpu_usage" in path]
    assert len(asked) == 1


def test_the_page_speaks_english_when_asked(server: LittleServer) -> None:
    """`?lang=en` leaves no Hangul anywhere in what the script writes."""
    page = _page(server.url, lang="en")
    assert "Look back" in _texts(page)
    assert not HANGUL.search(_texts(page))


def test_the_setting_decides_the_language_otherwise(server: LittleServer) -> None:
    """A server set to English shows English without being asked."""
    server.facts = {**FACTS, "language": "en"}
    assert not HANGUL.search(_texts(_page(server.url)))


def test_the_range_stands_in_the_address(server: LittleServer) -> None:
    """A range from the address is the range asked of history."""
    page = _page(server.url, range="7d")
    assert not page.exception
    path = next(path for path in server.asked if "metric=cpu_usage" in path)
    start, end = (int(value) for value in re.findall(r"(?:start|end)=(\d+)", path))
    assert end - start == 7 * 86_400_000


def test_a_server_that_is_away_is_said_with_what_to_do() -> None:
    """Without a server the page says so and how to start it, and shows no chart."""
    st.cache_data.clear()
    page = _page("http://127.0.0.1:9")
    assert not page.exception
    assert "bongsu up" in _texts(page)
    assert not _figures(page)
    assert list(_components(page)) == ["bongsu_bar"]


def test_a_console_that_starts_the_server_says_that_it_does() -> None:
    """Where the console starts the server itself, nobody is asked to do it."""
    st.cache_data.clear()
    words = _texts(_page("http://127.0.0.1:9", starts=True))
    assert "시작하고 있습니다" in words
    assert "logs/console_server.log" in words
    assert "bongsu up" not in words


def test_the_page_picks_up_when_the_server_is_back(server: LittleServer) -> None:
    """A page that said "away" shows everything once the server answers."""
    facts, server.facts = server.facts, None
    page = _page(server.url)
    assert not _figures(page)
    server.facts = facts
    page.run()
    assert _figures(page)


@pytest.mark.parametrize("starts", [False, True])
def test_a_console_without_a_token_says_so(server: LittleServer, *, starts: bool) -> None:
    """A server that wants to know who reads isn't away: the page says what is missing, and goes on once let in."""
    server.barred = True
    page = _page(server.url, starts=starts)
    words = _texts(page)
    assert "BONGSU_TOKEN" in words
    assert "연결할 수 없습니다" not in words
    server.barred = False
    page.run()
    assert _figures(page)


def test_history_is_not_asked_for_before_it_is_looked_at(server: LittleServer) -> None:
    """Until the reader comes near the figure, neither Plotly is loaded nor history asked."""
    page = _page(server.url)
    page.session_state[NEAR] = False
    server.asked.clear()
    page.run()
    assert not _figures(page)
    assert not [path for path in server.asked if "query" in path]


def test_history_that_fails_does_not_take_the_page_down(server: LittleServer) -> None:
    """A store that is closed costs the figure alone; the live part stays."""
    server.history_works = False
    page = _page(server.url)
    assert not page.exception
    assert "지난 기록을 불러오지 못했습니다" in _texts(page)
    assert list(_components(page)) == ["bongsu_bar", "bongsu_live_system"]


def test_the_history_can_be_read_as_a_table(server: LittleServer) -> None:
    """The switch below the figure shows its values as a table."""
    page = _page(server.url)
    assert not page.table
    page.toggle(key="table").set_value(True).run()
    assert "42.5%" in page.table[0].value.to_string()


def test_a_failure_is_told_by_number_and_without_its_inside() -> None:
    """What nobody foresaw gives words and a number; the error's text stays in the log."""

    def fail() -> None:
        from bongsu.console.trouble import tell

        assert tell(ValueError("password=1234"))

    page = AppTest.from_function(fail).run()
    assert re.search("추적 번호 [0-9a-f]{12}", _texts(page))
    assert "1234" not in _texts(page)


def test_simulated_data_is_labelled(server: LittleServer) -> None:
    """In a demo the bar is told to say so."""
    server.facts = {**FACTS, "demo": True}
    assert _components(_page(server.url))["bongsu_bar"]["demo"] is True


def test_every_page_of_the_bar_is_a_page() -> None:
    """What the head of the page draws early knows the pages that the script has, in the same order."""
    assert [name for name in PAGES if name in LIVE] == list(LIVE)
