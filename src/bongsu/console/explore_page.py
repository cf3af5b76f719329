"""Pages of a live view with history to explore below it: 시스템 상태, 데이터 품질, 성능 메트릭."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

import plotly.graph_objects as go
import streamlit as st
import structlog

from bongsu.clock import SystemClock
from bongsu.console.card import Span, card, range_words
from bongsu.console.figures import PerformanceDashboard
from bongsu.console.live import history, live_view
from bongsu.console.menu import LIVE
from bongsu.console.near import by_hand, came_near
from bongsu.console.note import note
from bongsu.console.page import Page
from bongsu.console.ranges import DEFAULT, HOURS, step_words
from bongsu.console.summary import summary
from bongsu.console.times import step_for
from bongsu.model.errors import BongsuError

_LOG = structlog.get_logger("bongsu.console")

REFRESH = 30.0
"""Seconds between two readings of the history: the live view above shows what happens meanwhile."""


class ExplorePage(Page):
    """Which page of the board is live, and which figures look back, its kinds below say."""

    name: ClassVar[str]
    """Its name in the address."""

    @abstractmethod
    def figure(self, dashboard: PerformanceDashboard, span: Span, *, compare: bool) -> go.Figure:
        """The history of a range, drawn; with `compare` beside that of the week before."""

    def more(self, dashboard: PerformanceDashboard, span: Span) -> Sequence[tuple[str, go.Figure]]:  # noqa: ARG002
        """Further figures below it, by name."""
        return ()

    def draw(self) -> None:
        """The whole page."""
        with st.container(key="live"):
            live_view(LIVE[self.name], self.place, self.served, self.words, on_near=came_near)
        st.fragment(self._explore, run_every=REFRESH)()

    def _explore(self) -> None:
        title = self.words("explore.title")
        card("explore", title, HOURS, DEFAULT, words=self.words, zone=self.zone, draw=self._history)

    def _history(self, span: Span) -> None:
        words = self.words
        said = st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center")
        with said:
            told = st.empty()
            with st.container(horizontal=True, width="content", key="explore-switches"):
                compare = st.toggle(words("compare"), key="compare", bind="query-params")
                table = st.toggle(words("table.show"), key="table", bind="query-params")
        dashboard = self.dashboard()
        try:
            figure = self.figure(dashboard, span, compare=compare)
            figures = [("history", figure), *self.more(dashboard, span)]
        except (BongsuError, OSError) as error:
            _LOG.warning("the history can't be read", error=str(error))
            st.html(note("▲", words("away.short"), tint="warn"))
            return
        told.caption(self._told(span))
        for key, one in figures:
            one.update_layout(uirevision=span.said, dragmode=False if by_hand() else "zoom")
            alt = one.layout.title.text or words("explore.title")
            file = f"bongsu-{self.name}-{key}-{span.name}"
            history(self.served, one, words, key=key, file=file, alt=f"{alt}: {range_words(span, words, self.zone)}")
        if table:
            st.table(summary(figure, words), border="horizontal")

    def _told(self, span: Span) -> str:
        """As of when, what a point stands for, and what can be done."""
        words = self.words
        time = datetime.fromtimestamp(SystemClock().now() / 1000, self.zone).strftime("%H:%M:%S")
        step = step_for(int(span.hours * 3_600_000))
        said = words("explore.raw", time=time) if step == 1_000 else ""
        said = said or words("explore.refreshed", time=time, step=step_words(step, words))
        return said if by_hand() else f"{said} · {words('explore.hint')}"


class SystemPage(ExplorePage):
    """시스템 상태: this machine, and what it is connected to."""

    name = "system"

    def figure(self, dashboard: PerformanceDashboard, span: Span, *, compare: bool) -> go.Figure:
        """CPU, memory, network, disks, load and latency."""
        return dashboard.create_system_status_dashboard(span.hours, until=span.until, compare=compare)

    def more(self, dashboard: PerformanceDashboard, span: Span) -> Sequence[tuple[str, go.Figure]]:
        """How connections stood."""
        return [("connections", dashboard.create_connection_status_dashboard(span.hours, until=span.until))]


class DataPage(ExplorePage):
    """데이터 품질: the feeds."""

    name = "data"

    def figure(self, dashboard: PerformanceDashboard, span: Span, *, compare: bool) -> go.Figure:
        """Coverage, delay, scores, faults and events."""
        return dashboard.create_data_quality_dashboard(span.hours, until=span.until, compare=compare)


class PerformancePage(ExplorePage):
    """성능 메트릭: services, the network they speak through, and what they use of the machine."""

    name = "performance"

    def figure(self, dashboard: PerformanceDashboard, span: Span, *, compare: bool) -> go.Figure:
        """Throughput, errors, latency, network, CPU, memory and disks."""
        return dashboard.create_performance_metrics_dashboard(span.hours, until=span.until, compare=compare)

    def more(self, dashboard: PerformanceDashboard, span: Span) -> Sequence[tuple[str, go.Figure]]:
        """Where and when it was slow."""
        return [("heat", dashboard.create_latency_heatmap_dashboard(span.hours, until=span.until))]
