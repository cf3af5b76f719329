"""The figure of latency: a row a service, a column a step of time, in the heat of its share of the threshold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from zoneinfo import ZoneInfo

import numpy as np
import plotly.graph_objects as go

from bongsu.console.reader import HistoryReader, Queries
from bongsu.console.template import template
from bongsu.console.times import TICKS, moment, moments, step_for
from bongsu.console.tokens import Theme, palette
from bongsu.console.words import Words
from bongsu.model.query import Points
from bongsu.model.sample import Float64s

COLUMNS = 120
MOST_ROWS = 20
ROW_PIXELS = 30
FRAME_PIXELS = 76
SHARES = (0.5, 0.8, 1.0, 2.0)
"""Where the heat rises a step, in shares of the threshold; as on the board."""
_DEFAULT_MS = 100.0


def heat_figure(
    reader: Queries, *, start: int, end: int, zone: ZoneInfo, threshold: float | None, words: Words, theme: Theme
) -> go.Figure:
    """The slowest services of `start` ≤ at < `end` (UTC ms), the slowest first; `threshold` in ms."""
    colour = palette(theme)
    step = step_for(end - start, COLUMNS)
    rows = _rows(reader, start, end, step)
    limit = threshold or _DEFAULT_MS
    figure = go.Figure(layout={"template": template(theme)})
    figure.update_layout(
        height=FRAME_PIXELS + ROW_PIXELS * max(len(rows), 2),
        margin={"l": 8, "r": 8, "t": 34, "b": 36},
        hovermode="closest",
        uirevision="kept",
        title={"text": words("heat.title"), "font": {"size": 14, "color": colour["ink-1"]}, "x": 0, "y": 0.98},
    )
    if not rows:
        figure.update_layout(xaxis={"visible": False}, yaxis={"visible": False})
        figure.add_annotation(text=words("empty"), x=0.5, xref="paper", y=0.5, yref="paper", showarrow=False)
        return figure
    first = start - start % step
    columns = np.arange(first, end, step, dtype=np.int64)
    values = np.array([_placed(line, first, step, len(columns)) for line in rows])
    figure.add_trace(
        go.Heatmap(
            x=moments(columns, zone),
            y=[escape(dict(line.labels).get("service", "")) for line in rows],
            z=np.digitize(values, [share * limit for share in SHARES]) + np.where(np.isnan(values), np.nan, 0.0),
            customdata=values,
            hovertemplate="%{y}<br>%{x|%m-%d %H:%M}<br>p95 %{customdata:.1f} ms<extra></extra>",
            zmin=-0.5,
            zmax=len(SHARES) + 0.5,
            colorscale=list(_scale(colour)),
            showscale=False,
            xgap=1,
            ygap=4,
            hoverongaps=False,
        )
    )
    figure.update_xaxes(range=[moment(start, zone), moment(end, zone)], tickformatstops=TICKS, nticks=8)
    figure.add_annotation(
        text=_key(limit, colour),
        x=1,
        xref="paper",
        xanchor="right",
        y=1,
        yref="paper",
        yanchor="bottom",
        yshift=8,
        showarrow=False,
        font={"size": 12, "color": colour["ink-2"]},
    )
    figure.update_yaxes(autorange="reversed", showgrid=False, tickfont={"color": colour["ink-1"]}, fixedrange=True)
    return figure


def _key(limit: float, colour: Mapping[str, str]) -> str:
    """What the steps of heat stand for, ms."""
    words = [f"&lt; {limit * SHARES[0]:g}", *(f"{limit * share:g}" for share in SHARES)]
    steps = [f'<span style="color:{colour[f"heat-{number}"]}">■</span> {text}' for number, text in enumerate(words)]
    return "  ".join(steps) + " ms"


def _rows(reader: Queries, start: int, end: int, step: int) -> list[Points]:
    """The 95th percentiles, the worst of each step (averages from a source that knows no other)."""
    agg = "avg" if isinstance(reader, HistoryReader) else "max"
    found: Sequence[Points] = reader.query("service_latency_ms", start=start, end=end, step=step, agg=agg)  # type: ignore[arg-type]
    lines = [line for line in found if ("quantile", "0.95") in line.labels and len(line.at)]
    return sorted(lines, key=lambda line: (-float(line.value.max()), line.labels))[:MOST_ROWS]


def _placed(line: Points, first: int, step: int, count: int) -> Float64s:
    row = np.full(count, np.nan)
    place = (line.at - first) // step
    inside = (place >= 0) & (place < count)
    row[place[inside]] = line.value[inside]
    return row


def _scale(colour: Mapping[str, str]) -> Iterator[tuple[float, str]]:
    """A colour scale of plateaus, one a step of heat."""
    steps = len(SHARES) + 1
    for number in range(steps):
        for edge in (number, number + 1):
            yield edge / steps, colour[f"heat-{number}"]
