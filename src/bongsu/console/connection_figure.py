"""The figure of connection states: a row a thing, a column a step of time, worst first; words beside the colours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from bongsu.console.reader import HistoryReader, Queries
from bongsu.console.template import template
from bongsu.console.times import TICKS, step_for
from bongsu.console.tokens import Theme, palette
from bongsu.console.words import Words
from bongsu.model.check import STATES, Kind, State
from bongsu.model.query import Points

KINDS: tuple[Kind, ...] = ("marketplace", "connection", "check")
COLUMNS = 90
"""Bars of a row."""
ROW_PIXELS = 46
FRAME_PIXELS = 70
_COLOURS: Mapping[State, str] = {
    "up": "ok-line",
    "pending": "unknown",
    "maintenance": "info",
    "rate_limited": "info",
    "degraded": "warn",
    "config_error": "warn",
    "auth_failed": "crit",
    "down": "crit",
}
_SIGNS: Mapping[State, str] = {
    "up": "●",
    "pending": "?",
    "maintenance": "◆",
    "rate_limited": "◆",
    "degraded": "▲",
    "config_error": "▲",
    "auth_failed": "■",
    "down": "■",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One thing: its worst state in each column (NaN where nothing is known), its newest state and response (ms)."""

    kind: Kind
    name: str
    states: NDArray[np.float64]
    newest: State
    response_ms: float | None


def rows_of(reader: Queries, *, start: int, end: int) -> list[Row]:
    """What history knows of every marketplace, connection and check in the range, worst first."""
    step = -(-(end - start) // COLUMNS)
    found = [row for kind in KINDS for row in _rows(reader, kind, start, end, step)]
    return sorted(found, key=lambda row: (-STATES.index(row.newest), KINDS.index(row.kind), row.name))


def connection_figure(
    rows: Sequence[Row], *, start: int, end: int, offset_ms: int, words: Words, theme: Theme
) -> go.Figure:
    """The rows as a figure; `offset_ms` is the time zone's. Without rows it says that nothing was recorded."""
    colour = palette(theme)
    figure = go.Figure(layout={"template": template(theme)})
    figure.update_layout(
        height=FRAME_PIXELS + ROW_PIXELS * max(len(rows), 2),
        margin={"l": 8, "r": 8, "t": 34, "b": 36},
        hovermode="closest",
        uirevision="kept",
        title={"text": words("connections.title"), "font": {"size": 14, "color": colour["ink-1"]}, "x": 0, "y": 0.98},
    )
    if not rows:
        figure.update_layout(xaxis={"visible": False}, yaxis={"visible": False})
        figure.add_annotation(
            text=words("connections.empty"), x=0.5, xref="paper", y=0.5, yref="paper", showarrow=False
        )
        return figure
    step = -(-(end - start) // COLUMNS)
    middles = (start + step * np.arange(COLUMNS) + step // 2 + offset_ms).astype("datetime64[ms]")
    names = [f"{words(f'kind.{row.kind}')} · {escape(row.name)}" for row in rows]
    figure.add_trace(
        go.Heatmap(
            x=middles,
            y=names,
            z=np.array([row.states for row in rows]),
            text=[[_word(words, value) for value in row.states] for row in rows],
            hovertemplate="%{y}<br>%{x|%m-%d %H:%M}<br>%{text}<extra></extra>",
            zmin=-0.5,
            zmax=len(STATES) - 0.5,
            colorscale=list(_scale(colour)),
            showscale=False,
            xgap=1,
            ygap=24,
            hoverongaps=False,
        )
    )
    for name, row in zip(names, rows, strict=True):
        figure.add_annotation(
            text=_beside(words, row),
            x=1.0,
            xref="paper",
            xanchor="right",
            y=name,
            yshift=17,
            showarrow=False,
            font={"size": 12, "color": colour["ink-2"]},
        )
    shown = [str(np.datetime64(at + offset_ms, "ms")) for at in (start, end)]
    figure.update_xaxes(range=shown, tickformatstops=TICKS, nticks=8)
    figure.update_yaxes(autorange="reversed", fixedrange=True, showgrid=False, tickfont={"color": colour["ink-1"]})
    return figure


def _rows(reader: Queries, kind: Kind, start: int, end: int, step: int) -> Iterator[Row]:
    found = reader.query(f"{kind}_response_ms", start=start, end=end, step=_fine(start, end))
    responses = {points.labels: points for points in found}
    for points in _states(reader, kind, start, end):
        if not len(points.at):
            continue
        worst = np.full(COLUMNS, np.nan)
        columns = np.clip((points.at - start) // step, 0, COLUMNS - 1)
        np.fmax.at(worst, columns, np.round(points.value))
        response = responses.get(points.labels)
        yield Row(
            kind=kind,
            name=dict(points.labels).get(kind, ""),
            states=worst,
            newest=_state(float(points.value[-1])),
            response_ms=float(response.value[-1]) if response is not None and len(response.value) else None,
        )


def _states(reader: Queries, kind: Kind, start: int, end: int) -> Sequence[Points]:
    """The worst state of each step; as they came from a source that only averages (a mean of states is none)."""
    if isinstance(reader, HistoryReader):
        return reader.query(f"{kind}_state", start=start, end=end)
    return reader.query(f"{kind}_state", start=start, end=end, step=_fine(start, end), agg="max")


def _fine(start: int, end: int) -> int:
    """The step (ms) that is read: a minute, longer over days."""
    return max(60_000, step_for(end - start))


def _state(value: float) -> State:
    return STATES[min(max(round(value), 0), len(STATES) - 1)]


def _word(words: Words, value: float) -> str:
    return "" if np.isnan(value) else words(f"state.{_state(float(value))}")


def _beside(words: Words, row: Row) -> str:
    took = "" if row.response_ms is None else f" · {row.response_ms:,.0f} ms"
    return f"{_SIGNS[row.newest]} {words(f'state.{row.newest}')}{took}"


def _scale(colour: Mapping[str, str]) -> Iterator[tuple[float, str]]:
    """A colour scale of plateaus, one a state."""
    for number, state in enumerate(STATES):
        for edge in (number, number + 1):
            yield edge / len(STATES), colour[_COLOURS[state]]
