"""Plotly figures of what the pages show, for the console and for notebooks.

from bongsu import PerformanceDashboard, RealTimeMonitor
monitor = RealTimeMonitor(); monitor.start_monitoring()
PerformanceDashboard(source=monitor).create_system_status_dashboard()
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from bongsu.clock import SystemClock
from bongsu.console.alert_figure import AlertFigure
from bongsu.console.connection_figure import connection_figure, rows_of
from bongsu.console.panels import PERFORMANCE, SYSTEM, Panel
from bongsu.console.reader import Queries, alerts_of, reader_of
from bongsu.console.template import DASHES, template
from bongsu.console.tokens import Theme, palette
from bongsu.console.words import Language, Words, words
from bongsu.model.query import Points
from bongsu.ports import Clock

STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 43_200, 86_400)
"""Steps a person can read, seconds."""

MOST_POINTS = 900
"""About as many points a line as a chart has pixels."""

PANEL_PIXELS = 168
GAP_PIXELS = 52
TOP_PIXELS = 28
FOOT_PIXELS = 36
LABEL_LETTERS = 24


def step_for(span: int) -> int:
    """The finest readable step (ms) that keeps a range of `span` ms within `MOST_POINTS`."""
    return next((s for s in STEPS if span / (s * 1000) <= MOST_POINTS), STEPS[-1]) * 1000


class PerformanceDashboard:
    """Draws dashboards from a source of history.

    `source` is a `RealTimeMonitor`, a REST client (`bongsu.client.Client`) or any object with
    `get_metrics_history`; `thresholds` are the settings of that name (none are drawn without).
    Times are shown in `timezone`.
    """

    def __init__(
        self,
        source: object,
        *,
        language: Language = "ko",
        theme: Theme = "light",
        timezone: str = "Asia/Seoul",
        thresholds: Mapping[str, float] | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._source = source
        self._reader: Queries = reader_of(source)
        self._words: Words = words(language)
        self._theme = theme
        self._zone = ZoneInfo(timezone)
        self._thresholds = dict(thresholds or {})
        self._clock = clock or SystemClock()

    def create_system_status_dashboard(self, hours: float = 1.0) -> go.Figure:
        """CPU, memory, network, disks and load of the last `hours`, one above the other on one time axis."""
        return self._dashboard(SYSTEM, hours)

    def create_performance_metrics_dashboard(self, hours: float = 1.0) -> go.Figure:
        """Services' throughput, errors and 95th percentiles, and the network, of the last `hours`."""
        return self._dashboard(PERFORMANCE, hours)

    def create_alert_history_dashboard(self, hours: float = 24.0) -> go.Figure:
        """When what was wrong in the last `hours`: a row a trouble with a bar each time, and how many alerts began.

        Raises:
            TypeError: the source knows no alerts.
        """
        end = self._clock.now()
        start = end - int(hours * 3_600_000)
        alerts = alerts_of(self._source).alerts(start=start, end=end + 1)
        figure = AlertFigure(
            start=start, end=end, words=self._words, theme=self._theme, at=lambda moment: _moment(moment, self._zone)
        )
        return figure.draw(alerts)

    def create_connection_status_dashboard(self, hours: float = 24.0) -> go.Figure:
        """The states of marketplaces, connections and checks over the last `hours`, worst first."""
        end = self._clock.now()
        start = end - int(hours * 3_600_000)
        return connection_figure(
            rows_of(self._reader, start=start, end=end),
            start=start,
            end=end,
            offset_ms=_offset(end, self._zone),
            words=self._words,
            theme=self._theme,
        )

    def _dashboard(self, panels: Sequence[Panel], hours: float) -> go.Figure:
        end = self._clock.now()
        start = end - int(hours * 3_600_000)
        figure = self._sheet(len(panels))
        for row, panel in enumerate(panels, start=1):
            self._draw(figure, row, panel, start, end)
        figure.update_xaxes(range=[_moment(start, self._zone), _moment(end, self._zone)])
        return figure

    def _sheet(self, rows: int) -> go.Figure:
        """An empty figure of `rows` panels that share the time axis, each with its own legend."""
        plot = rows * (PANEL_PIXELS + GAP_PIXELS) - GAP_PIXELS + TOP_PIXELS
        height = plot + FOOT_PIXELS
        figure = go.Figure(layout={"template": template(self._theme)})
        for row in range(1, rows + 1):
            top = 1 - ((row - 1) * (PANEL_PIXELS + GAP_PIXELS) + TOP_PIXELS) / plot
            figure.update_layout(
                {
                    _nth("yaxis", row): {"domain": [max(0.0, top - PANEL_PIXELS / plot), top], "anchor": "x"},
                    _nth("legend", row): {
                        "orientation": "h",
                        "x": 1,
                        "xanchor": "right",
                        "y": top + 4 / plot,
                        "yanchor": "bottom",
                        "itemclick": "toggle",
                    },
                }
            )
        figure.update_layout(
            height=height,
            margin={"l": 56, "r": 8, "t": 0, "b": FOOT_PIXELS},
            hoversubplots="axis",
            dragmode="zoom",
            uirevision="kept",
            separators=".,",
            xaxis={
                "type": "date",
                "anchor": _nth("y", rows),
                "hoverformat": "%Y-%m-%d %H:%M:%S",
                "tickformatstops": [
                    {"dtickrange": [None, 60_000], "value": "%H:%M:%S"},
                    {"dtickrange": [60_000, 86_400_000], "value": "%H:%M\n%m-%d"},
                    {"dtickrange": [86_400_000, None], "value": "%m-%d"},
                ],
            },
        )
        return figure

    def _draw(self, figure: go.Figure, row: int, panel: Panel, start: int, end: int) -> None:
        lines = self._lines(panel, start, end)
        drawn = lines[: panel.most]
        for number, line in enumerate(drawn):
            figure.add_trace(self._trace(panel, row, number, line, step_for(end - start), alone=len(drawn) == 1))
        self._caption(figure, row, panel, len(lines) - len(drawn))
        axis: dict[str, Any] = {"fixedrange": True, "ticksuffix": panel.unit, "tickformat": _ticks(panel)}
        axis |= {"range": list(panel.scale)} if panel.scale else {"rangemode": "tozero"}
        figure.update_layout({_nth("yaxis", row): axis})
        if not drawn:
            figure.add_trace(go.Scatter(x=[None], y=[None], yaxis=_nth("y", row), showlegend=False, hoverinfo="skip"))
            self._note(figure, row)
            figure.update_layout({_nth("yaxis", row): {"showticklabels": False}})
            return
        self._threshold(figure, row, panel)

    def _lines(self, panel: Panel, start: int, end: int) -> list[Points]:
        """The panel's lines, metric by metric; within a metric the largest come first."""
        step = step_for(end - start)
        lines: list[Points] = []
        for metric in panel.metrics:
            found = self._reader.query(metric, start=start, end=end, step=step)
            held = [points for points in found if len(points.at) and set(panel.labels) <= set(points.labels)]
            lines += sorted(held, key=lambda points: (-float(points.value.max()), points.labels))
        return _fairly(lines, panel.metrics)

    def _trace(self, panel: Panel, row: int, number: int, line: Points, step: int, *, alone: bool) -> go.Scatter:
        at, value = broken(line.at, line.value, step)
        named = [pair for pair in line.labels if pair not in panel.labels]
        label = escape(shortened(", ".join(text for _, text in named)), quote=False)
        name = f"{self._prefix(panel)}{self._words('line.' + line.metric)} {label}".strip()
        colour = palette(self._theme)[f"series-{number + 1}"]
        return go.Scatter(
            x=_moments(at, self._zone),
            y=value,
            name=name,
            xaxis="x",
            yaxis=_nth("y", row),
            legend=_nth("legend", row),
            showlegend=not alone,
            mode="lines",
            connectgaps=False,
            line={"color": colour, "width": 2.25 if number == 0 else 1.5, "dash": DASHES[number]},
            meta={"metric": line.metric, "labels": dict(line.labels), "unit": panel.unit},
            hovertemplate=("%{y:.3s}" if panel.unit == "B/s" else "%{y:.1f}") + panel.unit,
        )

    def _prefix(self, panel: Panel) -> str:
        """Where a line's name says nothing without its panel's (`1분`), the panel's goes before it."""
        return f"{self._words('panel.' + panel.key)} " if panel.key == "load" else ""

    def _caption(self, figure: go.Figure, row: int, panel: Panel, left_out: int) -> None:
        text = f"<b>{self._words('panel.' + panel.key)}</b>"
        if left_out > 0:
            text += f"  {self._words('lines.left_out', count=left_out)}"
        figure.add_annotation(
            text=text,
            x=0,
            xref="paper",
            xanchor="left",
            xshift=-48,
            y=1,
            yref=f"{_nth('y', row)} domain",
            yanchor="bottom",
            yshift=6,
            showarrow=False,
            font={"size": 14, "color": palette(self._theme)["ink-1"]},
        )

    def _note(self, figure: go.Figure, row: int) -> None:
        figure.add_annotation(
            text=self._words("empty"),
            x=0.5,
            xref="paper",
            y=0.5,
            yref=f"{_nth('y', row)} domain",
            showarrow=False,
            font={"size": 13, "color": palette(self._theme)["ink-3"]},
        )

    def _threshold(self, figure: go.Figure, row: int, panel: Panel) -> None:
        value = self._thresholds.get(panel.threshold or "")
        if value is None:
            return
        colour = palette(self._theme)
        figure.add_shape(
            type="line",
            x0=0,
            x1=1,
            xref="paper",
            y0=value,
            y1=value,
            yref=_nth("y", row),
            line={"color": colour["ink-3"], "width": 1, "dash": "3px,3px"},
        )
        figure.add_annotation(
            text=self._words("threshold", word=self._words("word.threshold"), value=f"{value:g}", unit=panel.unit),
            x=1,
            xref="paper",
            xanchor="right",
            y=value,
            yref=_nth("y", row),
            yanchor="bottom",
            showarrow=False,
            font={"size": 12, "color": colour["ink-3"]},
        )


def _nth(name: str, number: int) -> str:
    """Plotly's names: `y`, `y2`, `y3` …"""
    return name if number == 1 else f"{name}{number}"


def _ticks(panel: Panel) -> str:
    return "~s" if panel.unit == "B/s" else "~g"


def shortened(text: str) -> str:
    """A label that fits a legend: its end, which tells mounts and devices apart, is kept."""
    return text if len(text) <= LABEL_LETTERS else "…" + text[-(LABEL_LETTERS - 1) :]


def _fairly(lines: Sequence[Points], metrics: Sequence[str]) -> list[Points]:
    """The largest of each metric in turn, so that none of a panel's metrics is crowded out by another."""
    queues = [[line for line in lines if line.metric == metric] for metric in metrics]
    longest = max((len(queue) for queue in queues), default=0)
    return [queue[place] for place in range(longest) for queue in queues if place < len(queue)]


def broken(
    at: NDArray[np.int64], value: NDArray[np.float64], step: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The line with a break (NaN) wherever nothing was recorded, so that no line is drawn across an outage.

    A break is more than three usual distances between two points; `step` in ms is the least of these.
    """
    if len(at) < 2:
        return at, value
    distance = np.diff(at)
    usual = max(float(np.median(distance)), float(step))
    breaks = np.flatnonzero(distance > 3 * usual) + 1
    return np.insert(at, breaks, at[breaks - 1] + 1), np.insert(value, breaks, np.nan)


def _moments(at: NDArray[np.int64], zone: ZoneInfo) -> NDArray[np.datetime64]:
    """Local wall times of the zone without a zone, which is how Plotly shows times as they are."""
    quarter = at // 900_000  # offsets change on quarters of an hour at the finest
    slots, place = np.unique(quarter, return_inverse=True)
    offsets = np.array([_offset(int(slot) * 900_000, zone) for slot in slots], dtype=np.int64)
    return (at + offsets[place]).astype("datetime64[ms]")


def _moment(at: int, zone: ZoneInfo) -> str:
    return str(np.datetime64(at + _offset(at, zone), "ms"))


def _offset(at: int, zone: ZoneInfo) -> int:
    """Milliseconds that the zone is ahead of UTC at an instant."""
    delta = datetime.fromtimestamp(at / 1000, tz=UTC).astimezone(zone).utcoffset()
    return int(delta.total_seconds() * 1000) if delta else 0
