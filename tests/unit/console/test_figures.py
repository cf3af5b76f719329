from __future__ import annotations

import re
from datetime import UTC, datetime

import numpy as np
import plotly.graph_objects as go
import pytest

from bongsu.console.figures import PerformanceDashboard
from bongsu.console.panels import SYSTEM
from bongsu.console.sheet import broken, shortened
from bongsu.console.times import MOST_POINTS, step_for
from bongsu.console.tokens import THEMES, Theme, palette
from bongsu.console.words import Language
from bongsu.model.alert import Alert
from bongsu.model.mark import Mark
from bongsu.model.query import Points
from tests.fakes.clock import VirtualClock
from tests.unit.console.sources import NOW, Lines, points
from tests.unit.console.test_alert_figure import alert

MINUTE = 60_000


def _source() -> Lines:
    rows = [(NOW - back * 10_000, 40.0 + back % 3) for back in range(360, 0, -1)]
    return Lines(
        {
            "cpu_usage": [points("cpu_usage", rows)],
            "disk_usage": [points("disk_usage", rows, mount="/"), points("disk_usage", rows, mount="/<b>x</b>")],
        }
    )


def _figure(
    source: Lines, *, language: Language = "ko", theme: Theme = "light", thresholds: dict[str, float] | None = None
) -> go.Figure:
    return PerformanceDashboard(
        source, language=language, theme=theme, thresholds=thresholds, clock=VirtualClock(NOW)
    ).create_system_status_dashboard(hours=1)


def _traces(figure: go.Figure, metric: str) -> list[go.Scatter]:
    return [trace for trace in figure.data if trace.meta and trace.meta["metric"] == metric]


@pytest.mark.guide("G040")
def test_the_figure_holds_what_history_answers() -> None:
    """`create_system_status_dashboard()` gives a Plotly figure with the very points of the source, in Seoul's time."""
    figure = _figure(_source())
    assert isinstance(figure, go.Figure)
    (cpu,) = _traces(figure, "cpu_usage")
    expected = _source().query("cpu_usage", start=NOW - 3_600_000, end=NOW, step=step_for(3_600_000))[0]
    assert np.asarray(cpu.y).tolist() == expected.value.tolist()
    shown = np.asarray(cpu.x, dtype="datetime64[ms]").astype(np.int64) - 9 * 3_600_000
    assert shown.tolist() == expected.at.tolist()
    assert figure.layout.hovermode is None
    assert figure.layout.template.layout.hovermode == "x unified"


def test_every_panel_has_its_caption_in_each_language() -> None:
    """The captions are the panels', in the language asked for and in no other."""
    captions = {
        language: " ".join(note.text for note in _figure(_source(), language=language).layout.annotations)
        for language in ("ko", "en")
    }
    assert "네트워크" in captions["ko"]
    assert "Network" in captions["en"]
    assert not [letter for letter in captions["en"] if "가" <= letter <= "힣"]


def test_every_metric_of_the_panels_is_asked_for_once() -> None:
    """One query a metric, over the same range and with the same step."""
    source = _source()
    _figure(source)
    wanted = [metric for panel in SYSTEM for metric in panel.metrics]
    assert [asked[0] for asked in source.asked] == wanted
    assert {asked[1:] for asked in source.asked} == {(NOW - 3_600_000, NOW, 5_000)}


def test_performance_draws_one_quantile_by_service() -> None:
    """Of the latencies only the 95th percentile is drawn, a line a service, named by the service alone."""
    lines = [
        points("service_latency_ms", [(NOW - 60_000, 1.0)], service="checkout", quantile=quantile)
        for quantile in ("0.5", "0.95")
    ]
    source = Lines({"service_latency_ms": lines})
    dashboard = PerformanceDashboard(source, clock=VirtualClock(NOW))
    traces = [trace for trace in dashboard.create_performance_metrics_dashboard().data if trace.meta]
    assert [(trace.name, trace.meta["labels"]["quantile"]) for trace in traces] == [("p95 응답 checkout", "0.95")]


def test_a_panel_without_data_says_so() -> None:
    """An empty panel keeps its place and says that nothing was recorded; no zero is drawn."""
    figure = _figure(Lines({}))
    notes = [note.text for note in figure.layout.annotations]
    assert notes.count("이 기간에는 기록이 없습니다") == len(SYSTEM)
    assert not [trace for trace in figure.data if trace.meta]


def test_thresholds_are_drawn_where_they_are_known() -> None:
    """A threshold is a dashed line in its panel with its value in words; without settings there is none."""
    assert not _figure(_source()).layout.shapes
    figure = _figure(_source(), thresholds={"cpu_threshold_percent": 80.0})
    (line,) = figure.layout.shapes
    assert (line.y0, line.y1, line.yref) == (80.0, 80.0, "y")
    assert "기준 80%" in [note.text for note in figure.layout.annotations]


def test_label_text_is_shown_as_it_is() -> None:
    """A mount's name can't bring markup into a legend."""
    names = [trace.name for trace in _traces(_figure(_source()), "disk_usage")]
    assert "디스크 /&lt;b&gt;x&lt;/b&gt;" in names


def test_what_is_left_out_is_said() -> None:
    """Of many lines the largest are drawn, each metric in turn, and the rest is counted in the caption."""
    rows = [(NOW - MINUTE, 1.0), (NOW - 1_000, 1.0)]
    many = [points("disk_usage", [(at, value * n) for at, value in rows], mount=f"/d{n}") for n in range(9)]
    figure = _figure(Lines({"disk_usage": many}))
    drawn = [trace.meta["labels"]["mount"] for trace in _traces(figure, "disk_usage")]
    assert drawn == ["/d8", "/d7", "/d6", "/d5", "/d4"]
    assert any("외 4개" in note.text for note in figure.layout.annotations)


def test_sent_and_received_share_a_crowded_panel() -> None:
    """Many interfaces of one metric don't crowd the other metric out."""
    rows = [(NOW - 1_000, 1.0)]
    received, sent = "network_receive_bytes_per_second", "network_transmit_bytes_per_second"
    source = Lines({name: [points(name, rows, interface=f"eth{n}") for n in range(9)] for name in (received, sent)})
    figure = _figure(source)
    assert (len(_traces(figure, received)), len(_traces(figure, sent))) == (2, 2)


@pytest.mark.parametrize("theme", THEMES)
def test_colours_are_the_designs(theme: Theme) -> None:
    """Lines and grounds take the tokens of the theme."""
    figure = _figure(_source(), theme=theme)
    assert _traces(figure, "cpu_usage")[0].line.color == palette(theme)["series-1"]
    assert figure.layout.template.layout.paper_bgcolor == palette(theme)["surface-1"]


def test_no_line_crosses_an_outage() -> None:
    """Where nothing was recorded for more than three usual distances the line is broken."""
    at = np.array([0, 1_000, 2_000, 60_000, 61_000], dtype=np.int64)
    moments, values = broken(at, np.ones(5), 1_000)
    assert np.isnan(values).tolist() == [False, False, False, True, False, False]
    assert moments.tolist() == [0, 1_000, 2_000, 2_001, 60_000, 61_000]


def test_slow_metrics_are_not_taken_for_outages() -> None:
    """A metric read every minute isn't broken at every point."""
    at = np.arange(0, 600_000, 60_000, dtype=np.int64)
    assert len(broken(at, np.ones(10), 1_000)[0]) == 10


@pytest.mark.parametrize(
    ("hours", "seconds"), [(0.25, 1), (1, 5), (6, 30), (24, 120), (168, 900), (24 * 365 * 50, 86_400)]
)
def test_steps_are_readable_and_bounded(hours: float, seconds: int) -> None:
    """The step is the finest readable one that keeps a line within the pixels of a chart."""
    assert step_for(int(hours * 3_600_000)) == seconds * 1_000
    assert hours > 24 * 365 or hours * 3_600 / seconds <= MOST_POINTS


def test_long_labels_keep_their_end() -> None:
    """The end of a path tells mounts apart."""
    assert shortened("/data") == "/data"
    assert shortened("/mnt/" + "a" * 40 + "/x1") == "…" + "a" * 20 + "/x1"


def test_last_week_stands_behind_each_line() -> None:
    """With `compare` the same metric of a week before is drawn at today's times, thinner, named as such; no legend."""
    week = 7 * 86_400_000
    today = points("cpu_usage", [(NOW - 60_000, 40.0), (NOW - 30_000, 41.0)])
    before = points("cpu_usage", [(NOW - week - 60_000, 10.0), (NOW - week - 30_000, 11.0)])
    source = Lines({"cpu_usage": [points("cpu_usage", [*_rows(before), *_rows(today)])]})
    dashboard = PerformanceDashboard(source, clock=VirtualClock(NOW))
    behind, line = _traces(dashboard.create_system_status_dashboard(compare=True), "cpu_usage")
    assert np.asarray(line.y).tolist() == [40.0, 41.0]
    assert np.asarray(behind.y).tolist() == [10.0, 11.0]
    assert np.asarray(behind.x).tolist() == np.asarray(line.x).tolist()
    assert (behind.name, behind.showlegend) == ("CPU · 지난주", False)


def test_a_range_of_ones_own_ends_where_asked() -> None:
    """`until` takes milliseconds, a datetime or text, and the range lies before it."""
    for until in (NOW - 86_400_000, datetime.fromtimestamp(NOW / 1000 - 86_400, UTC), "2025-11-21T11:20:00+09:00"):
        source = Lines({})
        dashboard = PerformanceDashboard(source, clock=VirtualClock(NOW))
        dashboard.create_data_quality_dashboard(2, until=until)
        assert {asked[1:3] for asked in source.asked} == {(NOW - 86_400_000 - 7_200_000, NOW - 86_400_000)}


class Eventful(Lines):
    """A source that also knows what happened."""

    def alerts(self, *, start: int, end: int) -> list[Alert]:
        return [alert(1, ago=1 / 6, lasted=None, metric="cpu_usage")]

    def marks(self, *, start: int, end: int) -> list[Mark]:
        return [
            Mark(id="1", at=NOW - 300_000, kind="deploy", label="<b>v2</b>"),
            Mark(id="2", at=NOW - 200_000, kind="state", label="db down"),
        ]


def test_deploys_and_alerts_are_marked() -> None:
    """A hairline with the deploy's words on hover; a band in the panel of the alert's metric up to now."""
    figure = PerformanceDashboard(Eventful({}), clock=VirtualClock(NOW)).create_system_status_dashboard()
    (hair,) = [shape for shape in figure.layout.shapes if shape.type == "line"]
    assert hair.x0 == hair.x1 == "2025-11-22T11:15:00.000"
    (band,) = [shape for shape in figure.layout.shapes if shape.type == "rect"]
    assert (band.x0, band.x1, band.yref) == ("2025-11-22T11:10:00.000", "2025-11-22T11:20:00.000", "y domain")
    assert [note.hovertext for note in figure.layout.annotations if note.hovertext] == ["배포 · &lt;b&gt;v2&lt;/b&gt;"]


@pytest.mark.guide("G003", "G029")
def test_latency_as_a_heat_map() -> None:
    """A row a service, the slowest first; cells rise in heat with their share of the threshold; gaps stay empty."""
    lines = [
        points("service_latency_ms", [(NOW - 60_000, value)], service=name, quantile="0.95")
        for name, value in (("quick", 20.0), ("slow", 250.0))
    ]
    lines.append(points("service_latency_ms", [(NOW - 60_000, 999.0)], service="slow", quantile="0.99"))
    dashboard = PerformanceDashboard(
        Lines({"service_latency_ms": lines}), thresholds={"latency_threshold_ms": 100.0}, clock=VirtualClock(NOW)
    )
    figure = dashboard.create_latency_heatmap_dashboard()
    (cells,) = figure.data
    assert list(cells.y) == ["slow", "quick"]
    heat = np.asarray(cells.z, dtype=float)
    assert [float(np.nanmax(row)) for row in heat] == [4.0, 0.0]
    assert np.isnan(heat).sum() == heat.size - 2
    assert re.sub("<[^>]+>", "", figure.layout.annotations[0].text) == "■ &lt; 50  ■ 50  ■ 80  ■ 100  ■ 200 ms"


def _rows(line: Points) -> list[tuple[int, float]]:
    return list(zip(line.at.tolist(), line.value.tolist(), strict=True))
