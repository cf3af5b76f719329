"""Plotly figures of what the pages show, for the console and for notebooks.

from bongsu import PerformanceDashboard, RealTimeMonitor
monitor = RealTimeMonitor(); monitor.start_monitoring()
PerformanceDashboard(source=monitor).create_system_status_dashboard()
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import plotly.graph_objects as go

from bongsu.clock import SystemClock
from bongsu.console.alert_figure import AlertFigure
from bongsu.console.connection_figure import connection_figure, rows_of
from bongsu.console.heat_figure import heat_figure
from bongsu.console.panels import DATA, PERFORMANCE, SYSTEM, Panel
from bongsu.console.reader import Queries, alerts_of, happened, milliseconds, reader_of
from bongsu.console.sheet import Sheet
from bongsu.console.times import moment, offset
from bongsu.console.tokens import Theme
from bongsu.console.words import Language, Words, words
from bongsu.ports import Clock

Instant = int | str | datetime
"""A time: UTC milliseconds, RFC 3339 text, or a `datetime`."""


class PerformanceDashboard:
    """Draws dashboards from a source of history.

    `source` is a `RealTimeMonitor`, a REST client (`bongsu.client.Client`) or any object with
    `get_metrics_history`; `thresholds` are the settings of that name (none are drawn without).
    Times are shown in `timezone`. Every dashboard is of the `hours` before `until` (now if not given); with `compare`
    each line has that of the same time a week before behind it. What a source knows of marks and alerts is drawn too.
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

    def create_system_status_dashboard(
        self, hours: float = 1.0, *, until: Instant | None = None, compare: bool = False
    ) -> go.Figure:
        """CPU, memory, network, disks, load and services' latency, one above the other on one time axis."""
        return self._dashboard(SYSTEM, hours, until, compare=compare)

    def create_performance_metrics_dashboard(
        self, hours: float = 1.0, *, until: Instant | None = None, compare: bool = False
    ) -> go.Figure:
        """Services' throughput, errors and 95th percentiles, the network, and what they use of the machine."""
        return self._dashboard(PERFORMANCE, hours, until, compare=compare)

    def create_data_quality_dashboard(
        self, hours: float = 1.0, *, until: Instant | None = None, compare: bool = False
    ) -> go.Figure:
        """Feeds' coverage, delay, scores and faults, and how many events came."""
        return self._dashboard(DATA, hours, until, compare=compare)

    def create_latency_heatmap_dashboard(self, hours: float = 1.0, *, until: Instant | None = None) -> go.Figure:
        """Latency (p95) by service and time, in the heat of its share of the threshold."""
        start, end = self._range(hours, until)
        return heat_figure(
            self._reader,
            start=start,
            end=end,
            zone=self._zone,
            threshold=self._thresholds.get("latency_threshold_ms"),
            words=self._words,
            theme=self._theme,
        )

    def create_alert_history_dashboard(self, hours: float = 24.0, *, until: Instant | None = None) -> go.Figure:
        """When what was wrong: a row a trouble with a bar each time, and how many alerts began.

        Raises:
            TypeError: the source knows no alerts.
        """
        start, end = self._range(hours, until)
        alerts = alerts_of(self._source).alerts(start=start, end=end + 1)
        figure = AlertFigure(
            start=start, end=end, words=self._words, theme=self._theme, at=lambda at: moment(at, self._zone)
        )
        return figure.draw(alerts)

    def create_connection_status_dashboard(self, hours: float = 24.0, *, until: Instant | None = None) -> go.Figure:
        """The states of marketplaces, connections and checks, worst first."""
        start, end = self._range(hours, until)
        return connection_figure(
            rows_of(self._reader, start=start, end=end),
            start=start,
            end=end,
            offset_ms=offset(end, self._zone),
            words=self._words,
            theme=self._theme,
        )

    def _range(self, hours: float, until: Instant | None) -> tuple[int, int]:
        end = self._clock.now() if until is None else milliseconds(until)
        return end - int(hours * 3_600_000), end

    def _dashboard(self, panels: Sequence[Panel], hours: float, until: Instant | None, *, compare: bool) -> go.Figure:
        start, end = self._range(hours, until)
        sheet = Sheet(
            panels=panels,
            start=start,
            end=end,
            words=self._words,
            theme=self._theme,
            zone=self._zone,
            thresholds=self._thresholds,
        )
        figure = sheet.draw(self._reader, compare=compare)
        marks, alerts = happened(self._source, start=start, end=end)
        sheet.mark(figure, marks=marks, alerts=alerts)
        return figure
