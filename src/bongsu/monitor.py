"""The in-process handle: monitoring inside a script or a notebook, without a server."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Iterable
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import structlog

from bongsu.clock import SystemClock
from bongsu.engine import Engine
from bongsu.logs import join_guide_logger, speak_through_logging
from bongsu.model.alert import Alert
from bongsu.model.query import Aggregation, Latest, Points, RangeQuery
from bongsu.model.sample import Labels, labels_of
from bongsu.ports import Clock
from bongsu.settings.model import Settings
from bongsu.settings.sections import Monitoring

T = TypeVar("T")

_HOUR_MS = 3_600_000
_MOST_ALERTS = 1_000
_FIRST_READING = 5.0
"""Seconds after the start in which `get_latest_metrics` waits for the machine to be read."""
_LOOK = 0.02
"""Seconds between two looks while it waits."""
_FROM_TWO_READINGS = "cpu_usage"
"""What is there once all of a machine's metrics are: a share of time needs a second reading."""


class RealTimeMonitor:
    """Watches this machine from inside a Python program.

        monitor = RealTimeMonitor()
        monitor.start_monitoring()
        monitor.get_latest_metrics()["cpu_usage"]

    The work is done in a thread of its own; every method may be called from any thread.

    Args:
        interval: seconds between two readings.
        data: a folder to keep history in; None keeps it in memory.
        collectors: own collectors read beside those of the machine: decorated functions, `MetricsCollector`s, or
            anything with `name`, `interval` and `collect()`.
        settings: all other settings; `interval` goes before theirs when given.
    """

    def __init__(
        self,
        *,
        interval: float | None = None,
        data: str | Path | None = None,
        collectors: Iterable[object] = (),
        settings: Settings | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._settings = _with_interval(settings or Settings(), interval)
        self._data = Path(data) if data is not None else None
        self._collectors = tuple(collectors)
        self._clock = clock or SystemClock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._engine: Engine | None = None
        self._patient_until = 0.0
        self._failure: BaseException | None = None
        self._opened = threading.Event()

    def start_monitoring(self) -> None:
        """Begin to measure in a thread; returns at once. Without effect while running.

        What it has to say goes to the program's own logging, under the guide's logger.
        """
        if self._thread is not None:
            return
        join_guide_logger()
        if not structlog.is_configured():
            speak_through_logging()
        self._opened.clear()
        self._failure = None
        self._thread = threading.Thread(target=self._run, name="bongsu-monitor", daemon=True)
        self._thread.start()

    def stop_monitoring(self) -> None:
        """Stop measuring and write what was measured. Without effect while stopped."""
        thread, self._thread = self._thread, None
        if thread is None:
            return
        self._opened.wait()
        if self._loop is not None and self._failure is None:
            self._loop.call_soon_threadsafe(self._loop.stop)
        thread.join()
        self._loop = None
        self._engine = None

    def __enter__(self) -> Self:
        self.start_monitoring()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop_monitoring()

    def get_latest_metrics(self) -> dict[str, Any]:
        """The newest values: `{name: value}`, or `{name: {"core=0": value}}` where the metric has labels.

        Just after the start this waits until the machine was read often enough to tell its CPU use.

        Raises:
            RuntimeError: monitoring isn't running.
        """
        return metrics_by_name(self._ask(self._latest(self._running())))

    def get_metrics_history(self, metric_name: str, hours: float = 24) -> list[dict[str, Any]]:
        """Readings of the last hours, oldest first: `[{"timestamp": datetime, "value": …, "labels": {…}}, …]`.

        Raises:
            RuntimeError: monitoring isn't running.
        """
        end = self._clock.now() + 1
        found = self.query(metric_name, start=end - int(hours * _HOUR_MS), end=end)
        rows = [
            {"timestamp": datetime.fromtimestamp(at / 1000, UTC), "value": value, "labels": dict(points.labels)}
            for points in found
            for at, value in zip(points.at.tolist(), points.value.tolist(), strict=True)
        ]
        return sorted(rows, key=lambda row: row["timestamp"])

    def query(
        self,
        metric: str,
        *,
        start: int,
        end: int,
        step: int | None = None,
        agg: Aggregation = "avg",
        labels: Labels | dict[str, str] = (),
    ) -> list[Points]:
        """Points of every selected series with start ≤ at < end; times and `step` in UTC milliseconds.

        Raises:
            RuntimeError: monitoring isn't running.
            ValueError: the step isn't above 0.
        """
        if step is not None and step < 1:
            raise ValueError(f"a step of {step} ms isn't above 0")
        asked = RangeQuery(metric=metric, labels=labels_of(labels), start=start, end=end, step=step, agg=agg)
        return self._ask(self._running().history.range(asked))

    def alerts(self, *, start: int, end: int) -> list[Alert]:
        """What is open now, worst first, then what fired with start ≤ at < end and is over, newest first (UTC ms).

        Raises:
            RuntimeError: monitoring isn't running.
        """
        return self._ask(self._alerts(self._running(), start, end))

    # -- the thread --------------------------------------------------------------------------------------------

    def _run(self) -> None:
        loop = self._loop = asyncio.new_event_loop()
        try:
            engine = self._engine = loop.run_until_complete(self._open())
            self._opened.set()
            loop.run_forever()
            loop.run_until_complete(engine.stop())
        except Exception as error:  # noqa: BLE001 - the thread's supervisor: told to whoever asks next
            self._failure = error
        finally:
            self._opened.set()
            loop.close()

    async def _open(self) -> Engine:
        engine = await Engine.open(self._settings, clock=self._clock, data=self._data, collectors=self._collectors)
        await engine.start()
        self._patient_until = self._clock.monotonic() + _FIRST_READING
        return engine

    async def _latest(self, engine: Engine) -> list[Latest]:
        while not engine.hub.latest(_FROM_TWO_READINGS) and self._clock.monotonic() < self._patient_until:
            await self._clock.sleep_until(self._clock.monotonic() + _LOOK)
        return engine.hub.latest()

    async def _alerts(self, engine: Engine, start: int, end: int) -> list[Alert]:
        service = engine.alarms.service
        past = await service.past(start=start, end=end, limit=_MOST_ALERTS)
        return service.open_alerts() + [alert for alert in past if alert.phase == "resolved"]

    def _running(self) -> Engine:
        if self._thread is not None:
            self._opened.wait()
        if self._failure is not None:
            raise RuntimeError(f"monitoring could not start: {self._failure}") from self._failure
        if self._engine is None or self._thread is None:
            raise RuntimeError("monitoring isn't running: call start_monitoring() first")
        return self._engine

    def _ask(self, work: Coroutine[Any, Any, T]) -> T:
        assert self._loop is not None
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()


def metrics_by_name(latest: Iterable[Latest]) -> dict[str, Any]:
    """The guide's form of the newest values: a number, or numbers by label text (`core=0`, `a=1,b=2`).

    Where a metric has series with labels and one without, the latter stands under the empty text.
    """
    found: dict[str, dict[str, float]] = {}
    for one in latest:
        text = ",".join(f"{name}={value}" for name, value in one.labels)
        found.setdefault(one.metric, {})[text] = one.value
    return {name: inner[""] if list(inner) == [""] else inner for name, inner in found.items()}


def _with_interval(settings: Settings, interval: float | None) -> Settings:
    if interval is None:
        return settings
    monitoring = settings.monitoring.model_dump() | {"update_interval_seconds": interval}
    return settings.model_copy(update={"monitoring": Monitoring.model_validate(monitoring)})
