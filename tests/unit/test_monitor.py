"""The in-process handle: three lines in a script, no server."""

from __future__ import annotations

import io
import logging
from pathlib import Path

import pytest
import structlog

from bongsu import PerformanceDashboard, RealTimeMonitor
from bongsu.clock import SystemClock
from bongsu.collect.measured import metric
from bongsu.model.query import Latest
from bongsu.monitor import metrics_by_name


@metric("orders_open", unit="건", by="market", ko="처리되지 않은 주문 수입니다.")
def orders_open() -> dict[str, int]:
    return {"naver": 12, "coupang": 7}


def latest(name: str, value: float, **labels: str) -> Latest:
    return Latest(metric=name, labels=tuple(sorted(labels.items())), value=value, at=0)


def test_values_by_name_and_label_text() -> None:
    """A metric without labels is a number, one with labels numbers by label text, a mixed one both."""
    found = metrics_by_name(
        [
            latest("cpu_usage", 12.5),
            latest("cpu_core_usage", 3.0, core="0"),
            latest("errors", 1.0, b="2", a="1"),
            latest("mixed", 1.0),
            latest("mixed", 2.0, x="y"),
        ]
    )
    assert found == {
        "cpu_usage": 12.5,
        "cpu_core_usage": {"core=0": 3.0},
        "errors": {"a=1,b=2": 1.0},
        "mixed": {"": 1.0, "x=y": 2.0},
    }


@pytest.mark.guide("G038")
@pytest.mark.guide("G001")
def test_the_guides_four_methods() -> None:
    """start, latest, history, stop: as the guide shows them, the first reading is there when first asked."""
    monitor = RealTimeMonitor()
    monitor.start_monitoring()
    try:
        now = monitor.get_latest_metrics()
        assert {"cpu_usage", "memory_usage", "disk_usage"} <= set(now)
        rows = monitor.get_metrics_history("memory_usage", hours=1)
        assert rows
        assert set(rows[0]) == {"timestamp", "value", "labels"}
        assert rows[-1]["value"] == pytest.approx(now["memory_usage"], abs=20)
    finally:
        monitor.stop_monitoring()


@pytest.mark.guide("G117")
def test_own_metrics_are_read_beside_the_machines(tmp_path: Path) -> None:
    """A decorated function's values are there, and in history after a restart when a folder was named."""
    with RealTimeMonitor(data=tmp_path, collectors=[orders_open]) as monitor:
        assert monitor.get_latest_metrics()["orders_open"] == {"market=naver": 12.0, "market=coupang": 7.0}
    with RealTimeMonitor(data=tmp_path) as again:
        values = {row["labels"]["market"]: row["value"] for row in again.get_metrics_history("orders_open")}
        assert values == {"naver": 12.0, "coupang": 7.0}


def test_asking_before_the_start_says_what_to_do() -> None:
    """Reading from a monitor that doesn't run is an error that names the call to make."""
    monitor = RealTimeMonitor()
    with pytest.raises(RuntimeError, match="start_monitoring"):
        monitor.get_latest_metrics()
    monitor.stop_monitoring()


@pytest.mark.parametrize("step", [0, -60_000])
def test_a_step_is_above_nought(step: int) -> None:
    """Below it, steps of samples in the tail would never end."""
    with pytest.raises(ValueError, match="above 0"):
        RealTimeMonitor().query("memory_usage", start=0, end=1, step=step)


def test_a_folder_that_cannot_be_used_is_told_to_the_first_who_asks(tmp_path: Path) -> None:
    """start_monitoring returns at once; the fault comes out at the first question."""
    (tmp_path / "file").write_text("not a folder")
    monitor = RealTimeMonitor(data=tmp_path / "file" / "data")
    monitor.start_monitoring()
    with pytest.raises(RuntimeError, match="could not start"):
        monitor.get_latest_metrics()
    monitor.stop_monitoring()


def test_it_can_be_started_again() -> None:
    """Stop and start: the second life reads anew."""
    monitor = RealTimeMonitor(interval=0.5)
    for _ in range(2):
        monitor.start_monitoring()
        monitor.start_monitoring()
        assert monitor.get_latest_metrics()
        monitor.stop_monitoring()
        monitor.stop_monitoring()


@pytest.mark.guide("G049")
def test_the_programs_own_logging_hears_it(tmp_path: Path) -> None:
    """Inside somebody's program the guide's logger governs what the monitor says, and nothing goes to stdout."""
    structlog.reset_defaults()
    (tmp_path / "history.db").write_bytes(b"no database" * 1000)
    guide = logging.getLogger("src.realtime_monitoring_dashboard")
    heard = logging.StreamHandler(io.StringIO())
    guide.addHandler(heard)
    with RealTimeMonitor(data=tmp_path) as monitor:
        monitor.get_latest_metrics()
    guide.removeHandler(heard)
    assert "damaged" in heard.stream.getvalue()


@pytest.mark.guide("G042")
def test_a_notebook_sees_what_was_wrong() -> None:
    """The handle knows the alerts of its own records, and the dashboard draws them: here, that there were none."""
    with RealTimeMonitor() as monitor:
        at = SystemClock().now()
        assert monitor.alerts(start=at - 1_000, end=at) == []
        figure = PerformanceDashboard(source=monitor).create_alert_history_dashboard(hours=1)
    assert any(note.text == "이 기간에는 알림이 없었습니다" for note in figure.layout.annotations)
