"""Alerts over time as a figure, as a table and as a file."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bongsu.console.alert_figure import MOST_ROWS, rows_of
from bongsu.console.alert_table import csv_text, matching, plain, table_of
from bongsu.console.figures import PerformanceDashboard
from bongsu.console.tokens import palette
from bongsu.console.words import words
from bongsu.model.alert import Alert
from tests.fakes.clock import VirtualClock
from tests.unit.console.sources import NOW, Lines

HOUR = 3_600_000
SEOUL = ZoneInfo("Asia/Seoul")


def alert(number: int, *, ago: float, lasted: float | None = 0.5, **more: Any) -> Alert:
    """An alert that fired `ago` hours before NOW and lasted so many hours, None while it is open."""
    fired = NOW - int(ago * HOUR)
    over = None if lasted is None else fired + int(lasted * HOUR)
    known: dict[str, Any] = {
        "id": f"a{number}",
        "fingerprint": f"f{number}",
        "source": "rule",
        "severity": "warning",
        "phase": "firing" if over is None else "resolved",
        "message": f"alert {number}",
        "pending_at": fired,
        "changed_at": fired,
        "fired_at": fired,
        "resolved_at": over,
    }
    return Alert(**(known | more))


class Past(Lines):
    """A source that knows metrics and alerts."""

    def __init__(self, alerts: Sequence[Alert]) -> None:
        super().__init__({})
        self.held_alerts = alerts
        self.asked_alerts: list[tuple[int, int]] = []

    def alerts(self, *, start: int, end: int) -> Sequence[Alert]:
        """As `AlertHistories.alerts`."""
        self.asked_alerts.append((start, end))
        return self.held_alerts


def figure(alerts: Sequence[Alert], hours: float = 24, **more: Any) -> Any:
    """The figure of these alerts."""
    return PerformanceDashboard(Past(alerts), clock=VirtualClock(NOW), **more).create_alert_history_dashboard(hours)


@pytest.mark.guide("G042")
def test_each_trouble_is_a_row_with_a_bar_each_time() -> None:
    """Bars begin when it fired and end when it was over, or now; the open and worst stands on top."""
    drawn = figure(
        [
            alert(1, ago=5, fingerprint="disk"),
            alert(2, ago=3, fingerprint="disk"),
            alert(3, ago=1, lasted=None, severity="critical", message="down", labels=(("market", "11st"),)),
        ]
    )
    bars = {trace.legendgroup: trace for trace in drawn.data if trace.orientation == "h"}
    assert [list(bars["warning"].x), list(bars["critical"].x)] == [[HOUR / 2, HOUR / 2], [HOUR]]
    assert bars["critical"].base[0].startswith("2025-11-22T10:20")
    assert list(drawn.layout.yaxis.ticktext) == ["▲ alert 2", "■ down 11st"]
    assert bars["critical"].marker.color == palette("light")["crit"]
    assert bars["critical"].name == "■ 위험"


@pytest.mark.guide("G042")
def test_how_many_began_stands_below() -> None:
    """The lower part counts what fired within the range, by severity."""
    drawn = figure([alert(1, ago=5), alert(2, ago=5), alert(3, ago=30, lasted=40)])
    counts = [trace for trace in drawn.data if trace.yaxis == "y2"]
    assert [list(trace.y) for trace in counts] == [[2]]


def test_nothing_is_said_so() -> None:
    """An empty range has words, in the language asked for, and no bar."""
    drawn = figure([], language="en")
    assert any(note.text == "No alerts in this time" for note in drawn.layout.annotations)
    assert not any(trace.orientation == "h" for trace in drawn.data)


def test_messages_are_no_markup() -> None:
    """Plotly reads tags in names and hover texts: those of a message arrive escaped."""
    drawn = figure([alert(1, ago=1, message="<b>x</b><a href='javascript:1'>", acknowledged_by="<i>me")])
    shown = str(drawn.to_dict())
    assert "<b>x" not in shown
    assert "<i>me" not in shown
    assert "&lt;b&gt;x" in shown


def test_too_many_rows_are_counted() -> None:
    """The figure names how many troubles it leaves out."""
    drawn = figure([alert(number, ago=1 + number / 10) for number in range(MOST_ROWS + 3)])
    assert "외 3개" in drawn.layout.annotations[0].text


def test_rows_leave_out_what_was_over_before_or_never_fired() -> None:
    """What ended before the range, or was pending only, has no row."""
    found = rows_of(
        [alert(1, ago=9, lasted=1), alert(2, ago=9, lasted=8.5), alert(3, ago=1, fired_at=None)],
        start=NOW - HOUR,
        end=NOW,
    )
    assert [row.newest.id for row in found] == ["a2"]


def test_a_source_without_alerts_is_refused_with_what_to_give() -> None:
    """The error names what can be drawn from."""
    with pytest.raises(TypeError, match="alerts"):
        PerformanceDashboard(Lines({}), clock=VirtualClock(NOW)).create_alert_history_dashboard()


def test_the_table_filters_by_text_and_severity() -> None:
    """Words of message, metric, labels and note are sought; no severity chosen means every one; latest first."""
    alerts = [alert(1, ago=5, note="deploy"), alert(2, ago=1, severity="critical", labels=(("market", "naver"),))]
    assert [one.id for one in matching(alerts, text="", severities=[])] == ["a2", "a1"]
    assert [one.id for one in matching(alerts, text=" MARKET=nav", severities=[])] == ["a2"]
    assert [one.id for one in matching(alerts, text="deploy", severities=["critical"])] == []


def test_the_table_reads_as_people_write() -> None:
    """Times of the zone, shape and word, value against threshold, how long, who."""
    one = alert(1, ago=5, lasted=1.5, value=97.0, threshold=85.0, unit="%", acknowledged_by="수진", note="보는 중")
    row = [column[0] for column in table_of([one, alert(2, ago=1, lasted=None)], words("ko"), SEOUL).values()]
    assert row == [
        "11-22 06:20:00",
        "▲ 주의",
        "alert 1",
        "",
        "97% \\(85%\\)",
        "1시간 30분",
        "수진 확인함 · 보는 중",
    ]


def test_alerts_are_read_in_the_pages_language() -> None:
    """Table, file and chart tell the message in the language of the page, and the search finds it in any."""
    one = alert(1, ago=1, message="디스크 부족", messages=(("en", "Disk is full"),))
    for language, said in (("ko", "디스크 부족"), ("en", "Disk is full")):
        assert said in [column[0] for column in table_of([one], words(language), SEOUL).values()]
        assert said in csv_text([one], SEOUL, language)
        drawn = figure([one], language=language)
        assert any(said in label for label in drawn.layout.yaxis.ticktext)
        assert matching([one], text=said, severities=[]) == [one]


def test_the_file_runs_no_formula() -> None:
    """A message that a spreadsheet would run gets a quote in front; figures stay figures."""
    text = csv_text([alert(1, ago=1, message="=cmd|' /C calc'!A0", value=-5.0)], SEOUL, "en")
    row = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))[1]
    assert row[4] == "'=cmd|' /C calc'!A0"
    assert row[7] == "-5.0"


def test_tables_show_markdown_as_it_is() -> None:
    """Streamlit's tables read Markdown: what means something in it is escaped."""
    assert plain("[x](http://a) `b` <i>") == "\\[x\\]\\(http\\://a\\) \\`b\\` \\<i\\>"
