"""What the pages to explore show: their panels, each with the metrics it draws. Plain values."""

from __future__ import annotations

from dataclasses import dataclass

from bongsu.model.sample import Labels


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One chart: its key in the words, the metrics it draws (the first stands out), their unit.

    `scale` fixes the axis where the unit has natural ends (a little beyond them, so that a line at the
    end is drawn at its full width); `threshold` names the setting whose value is drawn as a
    dashed line.
    """

    key: str
    metrics: tuple[str, ...]
    unit: str
    scale: tuple[float, float] | None = None
    threshold: str | None = None
    labels: tuple[tuple[str, str], ...] = ()
    """Only series with these labels."""
    most: int = 5
    """How many lines are drawn at most, the largest ones; the figure says how many it left out."""
    without: tuple[str, ...] = ()
    """No series that has one of these labels."""

    def takes(self, labels: Labels) -> bool:
        """Whether a series of these labels is drawn."""
        return set(self.labels) <= set(labels) and not {name for name, _ in labels} & set(self.without)


_CPU = Panel(key="cpu", metrics=("cpu_usage",), unit="%", scale=(0, 101), threshold="cpu_threshold_percent")
_MEMORY = Panel(
    key="memory",
    metrics=("memory_usage", "swap_usage"),
    unit="%",
    scale=(0, 101),
    threshold="memory_threshold_percent",
)
_NETWORK = Panel(
    key="network",
    metrics=("network_receive_bytes_per_second", "network_transmit_bytes_per_second"),
    unit="B/s",
    most=4,
)
_DISK_IO = Panel(
    key="disk_io", metrics=("disk_read_bytes_per_second", "disk_write_bytes_per_second"), unit="B/s", most=4
)
_DISK = Panel(key="disk", metrics=("disk_usage",), unit="%", scale=(0, 101), threshold="disk_threshold_percent")
_LOAD = Panel(key="load", metrics=("load_1m", "load_5m", "load_15m"), unit="")
_LATENCY = Panel(
    key="latency",
    metrics=("service_latency_ms",),
    unit="ms",
    threshold="latency_threshold_ms",
    labels=(("quantile", "0.95"),),
)

SYSTEM: tuple[Panel, ...] = (_CPU, _MEMORY, _NETWORK, _DISK_IO, _DISK, _LOAD, _LATENCY)
"""The panels of 시스템 상태 in reading order."""

PERFORMANCE: tuple[Panel, ...] = (
    Panel(key="throughput", metrics=("service_requests_per_second",), unit="/s"),
    Panel(key="errors", metrics=("service_error_rate",), unit="%", threshold="error_rate_threshold_percent"),
    _LATENCY,
    _NETWORK,
    _CPU,
    _MEMORY,
    _DISK,
)
"""The panels of 성능 메트릭 in reading order: the services, the network they speak through, what they use."""

DATA: tuple[Panel, ...] = (
    Panel(
        key="coverage",
        metrics=("feed_coverage",),
        unit="%",
        scale=(0, 101),
        threshold="data_coverage_threshold_percent",
    ),
    Panel(
        key="delay",
        metrics=("feed_delay_seconds",),
        unit="s",
        threshold="data_delay_threshold_seconds",
        labels=(("quantile", "0.95"),),
    ),
    Panel(key="score", metrics=("feed_quality",), unit="", scale=(0, 1.01), without=("symbol",)),
    Panel(
        key="dimensions",
        metrics=("feed_completeness", "feed_accuracy", "feed_timeliness", "feed_consistency"),
        unit="",
        scale=(0, 1.01),
    ),
    Panel(key="faults", metrics=("feed_faults",), unit=""),
    Panel(key="events", metrics=("feed_events_per_second",), unit="/s"),
)
"""The panels of 데이터 품질 in reading order."""
