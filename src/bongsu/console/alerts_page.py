"""The page 알림 시스템: the live view of alerts first, below it the past: a figure, a table with filters, a file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import streamlit as st
import structlog

from bongsu.clock import SystemClock
from bongsu.console.alert_table import csv_text, matching, table_of
from bongsu.console.card import Span, card, range_words
from bongsu.console.live import history, live_alerts
from bongsu.console.near import by_hand, came_near
from bongsu.console.note import note
from bongsu.console.page import Page
from bongsu.console.ranges import ALERT_HOURS
from bongsu.model.alert import SEVERITIES, Alert
from bongsu.model.errors import BongsuError

_LOG = structlog.get_logger("bongsu.console")

DEFAULT = "24h"
REFRESH = 30.0
"""Seconds between two readings: the live view above shows what happens meanwhile."""
MOST = 1_000
SHOWN = 100
"""Rows of the table; the file holds all."""


class AlertsPage(Page):
    """What fires and what can be done about it, above what was."""

    def draw(self) -> None:
        """The whole page."""
        with st.container(key="live-alerts-place"):
            live_alerts(self.place, self.served, self.words, on_near=came_near)
        st.fragment(self._past, run_every=REFRESH)()

    def _past(self) -> None:
        title = self.words("alerts.title")
        card("past", title, ALERT_HOURS, DEFAULT, words=self.words, zone=self.zone, draw=self._read)

    def _read(self, span: Span) -> None:
        words = self.words
        end = SystemClock().now() if span.until is None else span.until
        start = end - int(span.hours * 3_600_000)
        try:
            figure = self.dashboard().create_alert_history_dashboard(span.hours, until=span.until)
            alerts = self.source.alerts("all", start=start, end=end + 1, limit=MOST)
        except (BongsuError, OSError) as error:
            _LOG.warning("the alerts of the past can't be read", error=str(error))
            st.html(note("▲", words("alerts.failed"), tint="warn"))
            return
        figure.update_layout(uirevision=span.said, dragmode=False if by_hand() else "zoom")
        alt = f"{words('alerts.title')}: {range_words(span, words, self.zone)}"
        history(self.served, figure, words, key="history", file=f"bongsu-alerts-{span.name}", alt=alt, csv=False)
        fired = [alert for alert in alerts if alert.fired_at is not None and start <= (alert.resolved_at or end)]
        self._table([alert for alert in fired if (alert.fired_at or 0) <= end], span.name)

    def _table(self, alerts: Sequence[Alert], chosen: str) -> None:
        words = self.words
        zone = self.zone
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
                csv_text(found, zone, words.language),
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
