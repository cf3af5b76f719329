"""Pages of a live view with history to explore below it: 시스템 상태, 성능 메트릭."""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import datetime
from typing import ClassVar
from zoneinfo import ZoneInfo

import plotly.graph_objects as go
import streamlit as st
import structlog

from bongsu.client import Client
from bongsu.clock import SystemClock
from bongsu.console.facts import Facts
from bongsu.console.figures import PerformanceDashboard, step_for
from bongsu.console.live import Served, history, live_view
from bongsu.console.near import NEAR, by_hand, came_near
from bongsu.console.note import note
from bongsu.console.place import Place
from bongsu.console.ranges import DEFAULT, HOURS, step_words
from bongsu.console.summary import summary
from bongsu.console.tokens import Theme
from bongsu.console.words import Words
from bongsu.model.errors import BongsuError

_LOG = structlog.get_logger("bongsu.console")

REFRESH = 30.0
"""Seconds between two readings of the history: the live view above shows what happens meanwhile."""


class ExplorePage(ABC):
    """Draws a page in one language and theme, from one server; which one, its kinds below say."""

    live: ClassVar[str]
    """The page of the board that is drawn live."""

    def __init__(
        self, *, place: Place, served: Served, facts: Facts, source: Client, words: Words, theme: Theme
    ) -> None:
        self._place = place
        self._served = served
        self._facts = facts
        self._source = source
        self._words = words
        self._theme = theme

    @abstractmethod
    def figure(self, dashboard: PerformanceDashboard, hours: float) -> go.Figure:
        """The history of the last hours, drawn."""

    def draw(self) -> None:
        """The whole page."""
        with st.container(key="live"):
            live_view(self.live, self._place, self._served, self._words, on_near=came_near)
        st.fragment(self._explore, run_every=REFRESH)()

    def _explore(self) -> None:
        words = self._words
        asked = st.query_params.get("range", DEFAULT)
        with st.container(border=True, key="explore"):
            with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
                st.subheader(words("explore.title"), anchor=False, width="content")
                chosen = st.segmented_control(
                    words("range"),
                    list(HOURS),
                    default=asked if asked in HOURS else DEFAULT,
                    format_func=lambda name: words(f"range.{name}"),
                    key="range",
                    label_visibility="collapsed",
                    required=True,
                    wrap=True,
                )
            if chosen != asked:
                st.query_params["range"] = chosen
            if st.session_state.get(NEAR):
                self._history(chosen)

    def _history(self, chosen: str) -> None:
        words = self._words
        clock = SystemClock()
        dashboard = PerformanceDashboard(
            self._source,
            language=words.language,
            theme=self._theme,
            timezone=self._facts.timezone,
            thresholds=self._facts.thresholds,
            clock=clock,
        )
        try:
            figure = self.figure(dashboard, HOURS[chosen])
        except (BongsuError, OSError) as error:
            _LOG.warning("the history can't be read", error=str(error))
            st.html(note("▲", words("away.short"), tint="warn"))
            return
        held = by_hand()
        figure.update_layout(uirevision=chosen, dragmode=False if held else "zoom")
        time = datetime.fromtimestamp(clock.now() / 1000, ZoneInfo(self._facts.timezone)).strftime("%H:%M:%S")
        step = step_for(int(HOURS[chosen] * 3_600_000))
        said = words("explore.raw", time=time) if step == 1_000 else ""
        said = said or words("explore.refreshed", time=time, step=step_words(step, words))
        st.caption(said if held else f"{said} · {words('explore.hint')}")
        history(self._served, figure, alt=f"{words('explore.title')}: {words(f'range.{chosen}')}")
        if st.toggle(words("table.show"), key="table"):
            st.table(summary(figure, words), border="horizontal")


class SystemPage(ExplorePage):
    """시스템 상태: this machine."""

    live = "system"

    def figure(self, dashboard: PerformanceDashboard, hours: float) -> go.Figure:
        """CPU, memory, network, disks and load."""
        return dashboard.create_system_status_dashboard(hours=hours)


class PerformancePage(ExplorePage):
    """성능 메트릭: services, and the network they speak through."""

    live = "services"

    def figure(self, dashboard: PerformanceDashboard, hours: float) -> go.Figure:
        """Throughput, errors, latency and network."""
        return dashboard.create_performance_metrics_dashboard(hours=hours)
