"""A sheet of panels, one above the other on one time axis: lines, thresholds, last week, and what happened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from bongsu.console.panels import Panel
from bongsu.console.reader import Queries
from bongsu.console.template import DASHES, template
from bongsu.console.times import TICKS, moment, moments, step_for
from bongsu.console.tokens import Theme, palette
from bongsu.console.words import Words
from bongsu.model.alert import Alert
from bongsu.model.mark import Mark, MarkKind
from bongsu.model.query import Points
from bongsu.model.sample import Labels

PANEL_PIXELS = 168
GAP_PIXELS = 52
TOP_PIXELS = 28
FOOT_PIXELS = 36
LABEL_LETTERS = 24
WEEK = 7 * 86_400_000

MOST_MARKS = 40
MOST_BANDS = 40
_SIGNS: Mapping[MarkKind, str] = {"deploy": "▲", "campaign": "◆", "note": "●"}
"""Marks that are drawn, with their shapes; changes of state have a figure of their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """Draws panels over `start` ≤ at < `end` (UTC ms)."""

    panels: Sequence[Panel]
    start: int
    end: int
    words: Words
    theme: Theme
    zone: ZoneInfo
    thresholds: Mapping[str, float]

    def draw(self, reader: Queries, *, compare: bool = False) -> go.Figure:
        """The figure; with `compare` each line has that of a week before behind it."""
        figure = self._paper(len(self.panels))
        for row, panel in enumerate(self.panels, start=1):
            lines = self._lines(reader, panel, 0)
            before = self._lines(reader, panel, WEEK) if compare else []
            self._draw(figure, row, panel, lines, {(line.metric, line.labels): line for line in before})
        figure.update_xaxes(range=[moment(self.start, self.zone), moment(self.end, self.zone)])
        return figure

    def mark(self, figure: go.Figure, *, marks: Sequence[Mark], alerts: Sequence[Alert]) -> None:
        """Add what happened: a hairline over all panels for a mark, a band in the panel that an alert is about."""
        colour = palette(self.theme)
        for mark in [mark for mark in marks if mark.kind in _SIGNS][-MOST_MARKS:]:
            at = moment(mark.at, self.zone)
            figure.add_shape(
                type="line",
                x0=at,
                x1=at,
                y0=0,
                y1=1,
                yref="paper",
                line={"color": colour["ink-3"], "width": 1, "dash": "1px,3px"},
            )
            figure.add_annotation(
                text=_SIGNS[mark.kind],
                hovertext=f"{self.words(f'mark.{mark.kind}')} · {escape(mark.label)}",
                x=at,
                y=1,
                yref="y domain",
                yanchor="top",
                showarrow=False,
                font={"size": 12, "color": colour["ink-2"]},
            )
        for row, panel in enumerate(self.panels, start=1):
            found = [one for one in alerts if one.metric in panel.metrics and one.fired_at is not None]
            for alert in found[-MOST_BANDS:]:
                self._band(figure, row, alert)

    def _band(self, figure: go.Figure, row: int, alert: Alert) -> None:
        colour = palette(self.theme)
        tint = "crit" if alert.severity in ("critical", "error") else "warn"
        figure.add_shape(
            type="rect",
            x0=moment(max(alert.fired_at or 0, self.start), self.zone),
            x1=moment(min(alert.resolved_at or self.end, self.end), self.zone),
            y0=0,
            y1=1,
            yref=f"{_nth('y', row)} domain",
            fillcolor=colour[f"{tint}-soft"],
            line={"width": 0},
            layer="below",
        )

    def _paper(self, rows: int) -> go.Figure:
        """An empty figure of `rows` panels that share the time axis, each with its own legend."""
        plot = rows * (PANEL_PIXELS + GAP_PIXELS) - GAP_PIXELS + TOP_PIXELS
        height = plot + FOOT_PIXELS
        figure = go.Figure(layout={"template": template(self.theme)})
        for row in range(1, rows + 1):
            top = 1 - ((row - 1) * (PANEL_PIXELS + GAP_PIXELS) + TOP_PIXELS) / plot
            figure.update_layout(
                {
                    _nth("yaxis", row): {"domain": [max(0.0, top - PANEL_PIXELS / plot), top], "anchor": "x"},
                    _nth("legend", row): {
                        "orientation": "h",
                        "x": 1,
                        "xanchor": "right",
                        "y": top + 4 / plot,
                        "yanchor": "bottom",
                        "itemclick": "toggle",
                    },
                }
            )
        figure.update_layout(
            height=height,
            margin={"l": 56, "r": 8, "t": 0, "b": FOOT_PIXELS},
            hoversubplots="axis",
            dragmode="zoom",
            uirevision="kept",
            separators=".,",
            xaxis={
                "type": "date",
                "anchor": _nth("y", rows),
                "hoverformat": "%Y-%m-%d %H:%M:%S",
                "tickformatstops": TICKS,
            },
        )
        return figure

    def _draw(
        self,
        figure: go.Figure,
        row: int,
        panel: Panel,
        lines: Sequence[Points],
        before: Mapping[tuple[str, Labels], Points],
    ) -> None:
        drawn = lines[: panel.most]
        for number, line in enumerate(drawn):
            trace = self._trace(panel, row, number, line, alone=len(drawn) == 1)
            week = before.get((line.metric, line.labels))
            if week is not None:
                figure.add_trace(self._week_before(trace, week))
            figure.add_trace(trace)
        self._caption(figure, row, panel, len(lines) - len(drawn))
        axis: dict[str, Any] = {"fixedrange": True, "ticksuffix": panel.unit, "tickformat": _ticks(panel)}
        axis |= {"range": list(panel.scale)} if panel.scale else {"rangemode": "tozero"}
        figure.update_layout({_nth("yaxis", row): axis})
        if not drawn:
            figure.add_trace(go.Scatter(x=[None], y=[None], yaxis=_nth("y", row), showlegend=False, hoverinfo="skip"))
            self._note(figure, row)
            figure.update_layout({_nth("yaxis", row): {"showticklabels": False}})
            return
        self._threshold(figure, row, panel)

    def _lines(self, reader: Queries, panel: Panel, back: int) -> list[Points]:
        """The panel's lines `back` ms earlier, metric by metric; within a metric the largest come first."""
        step = step_for(self.end - self.start)
        lines: list[Points] = []
        for metric in panel.metrics:
            found = reader.query(metric, start=self.start - back, end=self.end - back, step=step)
            held = [points for points in found if len(points.at) and panel.takes(points.labels)]
            lines += sorted(held, key=lambda points: (-float(points.value.max()), points.labels))
        return _fairly(lines, panel.metrics)

    def _trace(self, panel: Panel, row: int, number: int, line: Points, *, alone: bool) -> go.Scatter:
        at, value = broken(line.at, line.value, step_for(self.end - self.start))
        named = [pair for pair in line.labels if pair not in panel.labels]
        label = escape(shortened(", ".join(text for _, text in named)), quote=False)
        name = f"{self._prefix(panel)}{self.words('line.' + line.metric)} {label}".strip()
        colour = palette(self.theme)[f"series-{number + 1}"]
        return go.Scatter(
            x=moments(at, self.zone),
            y=value,
            name=name,
            xaxis="x",
            yaxis=_nth("y", row),
            legend=_nth("legend", row),
            showlegend=not alone,
            mode="lines",
            connectgaps=False,
            line={"color": colour, "width": 2.25 if number == 0 else 1.5, "dash": DASHES[number]},
            meta={"metric": line.metric, "labels": dict(line.labels), "unit": panel.unit},
            hovertemplate=("%{y:.3s}" if panel.unit == "B/s" else "%{y:.1f}") + panel.unit,
        )

    def _week_before(self, trace: go.Scatter, line: Points) -> go.Scatter:
        """The same line of a week before, under it: thinner, dotted, paler."""
        at, value = broken(line.at + WEEK, line.value, step_for(self.end - self.start))
        return go.Scatter(
            x=moments(at, self.zone),
            y=value,
            name=f"{trace.name} · {self.words('compare.before')}",
            xaxis="x",
            yaxis=trace.yaxis,
            showlegend=False,
            mode="lines",
            connectgaps=False,
            opacity=0.6,
            line={"color": trace.line.color, "width": 1.25, "dash": "1px,2px"},
            meta={**trace.meta, "before": True},
            hovertemplate=trace.hovertemplate,
        )

    def _prefix(self, panel: Panel) -> str:
        """Where a line's name says nothing without its panel's (`1분`), the panel's goes before it."""
        return f"{self.words('panel.' + panel.key)} " if panel.key == "load" else ""

    def _caption(self, figure: go.Figure, row: int, panel: Panel, left_out: int) -> None:
        text = f"<b>{self.words('panel.' + panel.key)}</b>"
        if left_out > 0:
            text += f"  {self.words('lines.left_out', count=left_out)}"
        figure.add_annotation(
            text=text,
            x=0,
            xref="paper",
            xanchor="left",
            xshift=-48,
            y=1,
            yref=f"{_nth('y', row)} domain",
            yanchor="bottom",
            yshift=6,
            showarrow=False,
            font={"size": 14, "color": palette(self.theme)["ink-1"]},
        )

    def _note(self, figure: go.Figure, row: int) -> None:
        figure.add_annotation(
            text=self.words("empty"),
            x=0.5,
            xref="paper",
            y=0.5,
            yref=f"{_nth('y', row)} domain",
            showarrow=False,
            font={"size": 13, "color": palette(self.theme)["ink-3"]},
        )

    def _threshold(self, figure: go.Figure, row: int, panel: Panel) -> None:
        value = self.thresholds.get(panel.threshold or "")
        if value is None:
            return
        colour = palette(self.theme)
        figure.add_shape(
            type="line",
            x0=0,
            x1=1,
            xref="paper",
            y0=value,
            y1=value,
            yref=_nth("y", row),
            line={"color": colour["ink-3"], "width": 1, "dash": "3px,3px"},
        )
        figure.add_annotation(
            text=self.words("threshold", word=self.words("word.threshold"), value=f"{value:g}", unit=panel.unit),
            x=1,
            xref="paper",
            xanchor="right",
            y=value,
            yref=_nth("y", row),
            yanchor="bottom",
            showarrow=False,
            bgcolor=colour["surface-1"],
            borderpad=0,
            font={"size": 12, "color": colour["ink-3"]},
        )


def _nth(name: str, number: int) -> str:
    """Plotly's names: `y`, `y2`, `y3` …"""
    return name if number == 1 else f"{name}{number}"


def _ticks(panel: Panel) -> str:
    return "~s" if panel.unit == "B/s" else "~g"


def shortened(text: str) -> str:
    """A label that fits a legend: its end, which tells mounts and devices apart, is kept."""
    return text if len(text) <= LABEL_LETTERS else "…" + text[-(LABEL_LETTERS - 1) :]


def _fairly(lines: Sequence[Points], metrics: Sequence[str]) -> list[Points]:
    """The largest of each metric in turn, so that none of a panel's metrics is crowded out by another."""
    queues = [[line for line in lines if line.metric == metric] for metric in metrics]
    longest = max((len(queue) for queue in queues), default=0)
    return [queue[place] for place in range(longest) for queue in queues if place < len(queue)]


def broken(
    at: NDArray[np.int64], value: NDArray[np.float64], step: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The line with a break (NaN) wherever nothing was recorded, so that no line is drawn across an outage.

    A break is more than three usual distances between two points; `step` in ms is the least of these.
    """
    if len(at) < 2:
        return at, value
    distance = np.diff(at)
    usual = max(float(np.median(distance)), float(step))
    breaks = np.flatnonzero(distance > 3 * usual) + 1
    return np.insert(at, breaks, at[breaks - 1] + 1), np.insert(value, breaks, np.nan)
