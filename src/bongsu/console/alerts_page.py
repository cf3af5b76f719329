"""The page 알림 시스템: the live view of alerts first, below it the past: a figure, a table with filters, a file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import streamlit as st
import structlog

from bongsu.client import Client
from bongsu.clock import SystemClock
from bongsu.console.alert_table import csv_text, matching, table_of
from bongsu.console.facts import Facts
from bongsu.console.figures import PerformanceDashboard
from bongsu.console.live import Served, history, live_alerts
from bongsu.console.near import NEAR, by_hand, came_near
from bongsu.console.note import note
from bongsu.console.place import Place
from bongsu.console.ranges import ALERT_HOURS
from bongsu.console.tokens import Theme
from bongsu.console.words import Words
from bongsu.model.alert import SEVERITIES, Alert
from bongsu.model.errors import BongsuError

_LOG = structlog.get_logger("bongsu.console")

DEFAULT = "24h"
REFRESH = 30.0
"""Seconds between two readings: the live view above shows what happens meanwhile."""
MOST = 1_000
SHOWN = 100
"""Rows of the table; the file holds all."""


class AlertsPage:
    """Draws the page in one language and theme, from one server."""

    def __init__(
        self, *, place: Place, served: Served, facts: Facts, source: Client, words: Words, theme: Theme
    ) -> None:
        self._place = place
        self._served = served
        self._facts = facts
        self._source = source
        self._words = words
        self._theme = theme

    def draw(self) -> None:
        """The whole page."""
        with st.container(key="live-alerts-place"):
            live_alerts(self._place, self._served, self._words, on_near=came_near)
        st.fragment(self._past, run_every=REFRESH)()

    def _past(self) -> None:
        words = self._words
        asked = st.query_params.get("range", DEFAULT)
        with st.container(border=True, key="past"):
            with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
                st.subheader(words("alerts.title"), anchor=False, width="content")
                chosen = st.segmented_control(
                    words("range"),
                    list(ALERT_HOURS),
                    default=asked if asked in ALERT_HOURS else DEFAULT,
                    format_func=lambda name: words(f"range.{name}"),
                    key="alert-range",
                    label_visibility="collapsed",
                    required=True,
                    wrap=True,
                )
            if chosen != asked:
                st.query_params["range"] = chosen
            if st.session_state.get(NEAR):
                self._read(chosen)

    def _read(self, chosen: str) -> None:
        clock = SystemClock()
        end = clock.now()
        start = end - int(ALERT_HOURS[chosen] * 3_600_000)
        dashboard = PerformanceDashboard(
            self._source,
            language=self._words.language,
            theme=self._theme,
            timezone=self._facts.timezone,
            clock=clock,
        )
        try:
            figure = dashboard.create_alert_history_dashboard(hours=ALERT_HOURS[chosen])
            alerts = self._source.alerts("all", start=start, end=end + 1, limit=MOST)
        except (BongsuError, OSError) as error:
            _LOG.warning("the alerts of the past can't be read", error=str(error))
            st.html(note("▲", self._words("alerts.failed"), tint="warn"))
            return
        figure.update_layout(uirevision=chosen, dragmode=False if by_hand() else "zoom")
        alt = f"{self._words('alerts.title')}: {self._words(f'range.{chosen}')}"
        history(self._served, figure, alt=alt)
        self._table([alert for alert in alerts if alert.fired_at is not None], chosen)

    def _table(self, alerts: Sequence[Alert], chosen: str) -> None:
        words = self._words
        zone = ZoneInfo(self._facts.timezone)
        with st.container(horizontal=True, vertical_alignment="bottom", key="alert-filters"):
            text = st.text_input(words("alerts.search"), key="alert-text")
            severities = st.pills(
                words("alerts.severities"),
                list(reversed(SEVERITIES)),
                selection_mode="multi",
                format_func=lambda name: words(f"severity.{name}"),
                key="alert-severities",
            )
            found = matching(alerts, text=text, severities=severities)
            st.download_button(
                words("alerts.csv"),
                csv_text(found, zone),
                file_name=f"alerts-{chosen}.csv",
                mime="text/csv",
                on_click="ignore",
                disabled=not found,
            )
        if not found:
            st.caption(words("alerts.none"))
            return
        time = datetime.fromtimestamp(SystemClock().now() / 1000, zone).strftime("%H:%M:%S")
        key = "alerts.shown" if len(found) > SHOWN else "alerts.count"
        st.caption(f"{words(key, count=len(found), shown=SHOWN)} · {time}")
        st.table(table_of(found[:SHOWN], words, zone), border="horizontal")
