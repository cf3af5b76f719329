"""Where figures get their points: anything that answers a range query, or the guide's `get_metrics_history`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

import numpy as np
import structlog

from bongsu.client import Client
from bongsu.model.alert import Alert
from bongsu.model.errors import BongsuError
from bongsu.model.mark import Mark
from bongsu.model.query import Aggregation, Points
from bongsu.model.sample import Float64s, Int64s, Labels, labels_of

_HOUR = 3_600_000
_LOG = structlog.get_logger("bongsu.console")
_MOST_ALERTS = 1_000
"""As many as one answer of REST holds."""


@runtime_checkable
class Queries(Protocol):
    """A source that answers range queries itself: the monitor's handle, or another reader."""

    def query(
        self, metric: str, *, start: int, end: int, step: int | None = None, agg: Aggregation = "avg"
    ) -> Sequence[Points]:
        """Points of every series of the metric, `start` ≤ at < `end`, `step` in ms (times are UTC ms)."""
        ...


@runtime_checkable
class Histories(Protocol):
    """A source that knows the guide's method only."""

    def get_metrics_history(self, metric_name: str, hours: int = 24) -> Sequence[Mapping[str, Any]]:
        """`[{"timestamp", "value", "labels"}, …]` of the last hours."""
        ...


@runtime_checkable
class AlertHistories(Protocol):
    """A source that knows what was wrong: the monitor's handle, or another reader."""

    def alerts(self, *, start: int, end: int) -> Sequence[Alert]:
        """What is open now, and what fired with `start` ≤ at < `end` and is over (UTC ms)."""
        ...


@runtime_checkable
class MarkHistories(Protocol):
    """A source that knows deploys, campaigns and notes."""

    def marks(self, *, start: int, end: int) -> Sequence[Mark]:
        """Marks of the range, oldest first (UTC ms)."""
        ...


class ClientReader:
    """Asks the server over REST."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def query(
        self, metric: str, *, start: int, end: int, step: int | None = None, agg: Aggregation = "avg"
    ) -> list[Points]:
        """As `Queries.query`."""
        return self._client.query(metric, start=start, end=end, step=f"{step}ms" if step else None, agg=agg)

    def alerts(self, *, start: int, end: int) -> list[Alert]:
        """As `AlertHistories.alerts`."""
        return self._client.alerts("all", start=start, end=end, limit=_MOST_ALERTS)


class HistoryReader:
    """Answers range queries from `get_metrics_history`, averaging each step here."""

    def __init__(self, source: Histories) -> None:
        self._source = source

    def query(
        self, metric: str, *, start: int, end: int, step: int | None = None, agg: Aggregation = "avg"
    ) -> list[Points]:
        """As `Queries.query`; only averages are made (`agg` must be `avg`)."""
        if agg != "avg":
            raise ValueError(f"a source with get_metrics_history alone can be averaged, not asked for {agg!r}")
        rows = self._source.get_metrics_history(metric, hours=max(1, -(-(end - start) // _HOUR)))
        series: dict[Labels, list[tuple[int, float]]] = {}
        for row in rows:
            at = milliseconds(row["timestamp"])
            if start <= at < end:
                series.setdefault(labels_of(row.get("labels") or {}), []).append((at, float(row["value"])))
        return [_points(metric, labels, sorted(pairs), step) for labels, pairs in series.items()]


def reader_of(source: object) -> Queries:
    """The way to ask a source.

    Raises:
        TypeError: the source has neither `query` nor `get_metrics_history`.
    """
    if isinstance(source, Client):
        return ClientReader(source)
    if isinstance(source, Queries):
        return source
    if isinstance(source, Histories):
        return HistoryReader(source)
    raise TypeError(
        f"{type(source).__name__} can't be drawn from: give a RealTimeMonitor, a bongsu.client.Client, "
        "or an object with get_metrics_history(metric_name, hours)"
    )


def alerts_of(source: object) -> AlertHistories:
    """The way to ask a source for alerts.

    Raises:
        TypeError: the source has no `alerts`.
    """
    if isinstance(source, Client):
        return ClientReader(source)
    if isinstance(source, AlertHistories):
        return source
    raise TypeError(
        f"{type(source).__name__} knows no alerts: give a RealTimeMonitor, a bongsu.client.Client, "
        "or an object with alerts(start=…, end=…)"
    )


def happened(source: object, *, start: int, end: int) -> tuple[Sequence[Mark], Sequence[Alert]]:
    """What a source knows to have happened in the range; nothing of what it doesn't know or can't tell now.

    A chart without its marks is still a chart; the log says what is missing.
    """
    alerts: Sequence[Alert] = ()
    marks: Sequence[Mark] = ()
    try:
        if isinstance(source, Client | AlertHistories):
            alerts = alerts_of(source).alerts(start=start, end=end)
        if isinstance(source, MarkHistories):
            marks = source.marks(start=start, end=end)
    except (BongsuError, OSError) as error:
        _LOG.warning("what happened meanwhile can't be read", error=str(error))
    return marks, alerts


def milliseconds(moment: object) -> int:
    """UTC milliseconds of a time given as milliseconds, `datetime` or RFC 3339 text."""
    if isinstance(moment, int | float):
        return int(moment)
    if isinstance(moment, str):
        moment = datetime.fromisoformat(moment)
    if isinstance(moment, datetime):
        return int(moment.timestamp() * 1000)
    raise TypeError(f"a time is milliseconds, a datetime or RFC 3339 text, not {type(moment).__name__}")


def _points(metric: str, labels: Labels, pairs: list[tuple[int, float]], step: int | None) -> Points:
    at = np.array([pair[0] for pair in pairs], dtype=np.int64)
    value = np.array([pair[1] for pair in pairs], dtype=np.float64)
    if step is not None:
        at, value = averaged(at, value, step)
    return Points(metric=metric, labels=labels, at=at, value=value)


def averaged(at: Int64s, value: Float64s, step: int) -> tuple[Int64s, Float64s]:
    """One point a step that holds samples: its start and their mean. Times ascend; `step` in ms."""
    if not len(at):
        return at, value
    slots, first, count = np.unique(at // step, return_index=True, return_counts=True)
    return slots * step, np.add.reduceat(value, first) / count
