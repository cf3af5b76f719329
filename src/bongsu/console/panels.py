"""What the page 시스템 상태 shows: its panels, each with the metrics it draws. Plain values."""

from __future__ import annotations

from dataclasses import dataclass


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
    most: int = 5
    """How many lines are drawn at most, the largest ones; the figure says how many it left out."""


SYSTEM: tuple[Panel, ...] = (
    Panel(key="cpu", metrics=("cpu_usage",), unit="%", scale=(0, 101), threshold="cpu_threshold_percent"),
    Panel(
        key="memory",
        metrics=("memory_usage", "swap_usage"),
        unit="%",
        scale=(0, 101),
        threshold="memory_threshold_percent",
    ),
    Panel(
        key="network",
        metrics=("network_receive_bytes_per_second", "network_transmit_bytes_per_second"),
        unit="B/s",
        most=4,
    ),
    Panel(
        key="disk_io",
        metrics=("disk_read_bytes_per_second", "disk_write_bytes_per_second"),
        unit="B/s",
        most=4,
    ),
    Panel(key="disk", metrics=("disk_usage",), unit="%", scale=(0, 101), threshold="disk_threshold_percent"),
    Panel(key="load", metrics=("load_1m", "load_5m", "load_15m"), unit=""),
)
"""The panels of the page in reading order."""
