"""A figure as a table: for those who can't see the lines, or want to copy the figures."""

from __future__ import annotations

from html import unescape

import numpy as np
import plotly.graph_objects as go

from bongsu.console.words import Words

_STEPS = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))


def summary(figure: go.Figure, words: Words) -> dict[str, list[str]]:
    """Columns by heading: each line's name and its last, average, lowest and highest value with its unit."""
    lines = [trace for trace in figure.data if trace.meta]
    columns: dict[str, list[str]] = {words(f"table.{name}"): [] for name in ("line", "last", "mean", "least", "most")}
    name, last, mean, least, most = columns.values()
    for line in lines:
        value = np.asarray(line.y, dtype=np.float64)
        value = value[~np.isnan(value)]
        unit: str = line.meta["unit"]
        name.append(unescape(line.name))
        last.append(shown(float(value[-1]), unit))
        mean.append(shown(float(value.mean()), unit))
        least.append(shown(float(value.min()), unit))
        most.append(shown(float(value.max()), unit))
    return columns


def shown(value: float, unit: str) -> str:
    """A value as the charts show it: `41.5%`, `2.30MB/s`, `1.2`."""
    if unit != "B/s":
        return f"{value:.1f}{unit}"
    for size, letter in _STEPS:
        if value >= size:
            return f"{value / size:.2f}{letter}{unit}"
    return f"{value:.0f}{unit}"
