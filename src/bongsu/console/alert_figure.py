"""The figure of alerts over time: a row a trouble with a bar each time it was there, and how many began when."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from html import escape

import plotly.graph_objects as go

from bongsu.console.template import template
from bongsu.console.times import TICKS
from bongsu.console.tokens import Theme, palette
from bongsu.console.words import Words
from bongsu.model.alert import SEVERITIES, Alert, Severity

MOST_ROWS = 14
ROW_PIXELS = 30
COUNT_PIXELS = 110
GAP_PIXELS = 44
TOP_PIXELS = 34
FOOT_PIXELS = 72
LETTERS = 26
SHAPES: dict[Severity, str] = {"info": "○", "warning": "▲", "error": "◆", "critical": "■"}
"""As on the board: status is shape and word as well as colour."""
_COLOURS: dict[Severity, str] = {"info": "info", "warning": "warn-fill", "error": "crit", "critical": "crit"}
_WIDTHS: dict[Severity, float] = {"info": 0.3, "warning": 0.42, "error": 0.56, "critical": 0.7}
_BUCKETS = 48


@dataclass(slots=True, kw_only=True)
class Row:
    """One trouble: its newest alert, and every one of them within the range, oldest first."""

    newest: Alert
    alerts: list[Alert] = field(default_factory=list)


def rows_of(alerts: Sequence[Alert], *, start: int, end: int) -> list[Row]:
    """What has the same fingerprint makes a row; what is open comes first, worst first, then the latest (UTC ms)."""
    rows: dict[str, Row] = {}
    for alert in sorted(alerts, key=lambda one: one.fired_at or 0):
        if alert.fired_at is None or alert.fired_at > end or (alert.resolved_at or end) < start:
            continue
        row = rows.setdefault(alert.fingerprint, Row(newest=alert))
        row.newest = alert
        row.alerts.append(alert)
    return sorted(rows.values(), key=_order)


def _order(row: Row) -> tuple[bool, int, int]:
    alert = row.newest
    rank = SEVERITIES.index(alert.severity)
    return alert.resolved_at is not None, -rank if alert.open else 0, -(alert.resolved_at or alert.fired_at or 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertFigure:
    """Draws one range of alerts. `start` and `end` are UTC ms; `at` gives an instant as the wall time that is shown."""

    start: int
    end: int
    words: Words
    theme: Theme
    at: Callable[[int], str]

    def draw(self, alerts: Sequence[Alert]) -> go.Figure:
        """The figure."""
        rows = rows_of(alerts, start=self.start, end=self.end)
        shown = rows[:MOST_ROWS]
        figure = self._sheet(len(shown), left_out=len(rows) - len(shown))
        figure.update_xaxes(range=[self.at(self.start), self.at(self.end)])
        if not rows:
            self._empty(figure)
            return figure
        names = [f"{place} {label_of(row.newest, self.words.language)}" for place, row in enumerate(shown)]
        for severity in reversed(SEVERITIES):
            found = [
                (name, alert)
                for name, row in zip(names, shown, strict=True)
                for alert in row.alerts
                if alert.severity == severity
            ]
            if found:
                figure.add_trace(self._bars(severity, found))
            self._count(figure, severity, alerts)
        figure.update_layout(
            yaxis={
                "categoryorder": "array",
                "categoryarray": names[::-1],
                "tickvals": names[::-1],
                "ticktext": [label_of(row.newest, self.words.language) for row in shown[::-1]],
            }
        )
        return figure

    def _sheet(self, rows: int, *, left_out: int) -> go.Figure:
        upper = max(3, rows) * ROW_PIXELS
        plot = TOP_PIXELS + upper + GAP_PIXELS + COUNT_PIXELS
        top = 1 - TOP_PIXELS / plot
        figure = go.Figure(layout={"template": template(self.theme)})
        figure.update_layout(
            height=plot + FOOT_PIXELS,
            margin={"l": 8, "r": 8, "t": 0, "b": FOOT_PIXELS},
            barmode="stack",
            hovermode="closest",
            uirevision="kept",
            legend={"orientation": "h", "x": 0, "y": -40 / plot, "yanchor": "top", "traceorder": "reversed"},
            xaxis={
                "type": "date",
                "anchor": "y2",
                "tickangle": 0,
                "nticks": 6,
                "hoverformat": "%Y-%m-%d %H:%M:%S",
                "tickformatstops": TICKS,
            },
            yaxis={"domain": [top - upper / plot, top], "anchor": "x", "fixedrange": True, "type": "category"},
            yaxis2={"domain": [0, COUNT_PIXELS / plot], "anchor": "x", "fixedrange": True, "rangemode": "tozero"},
        )
        figure.update_layout(yaxis={"showgrid": False}, yaxis2={"tickformat": "d"})
        rest = f"  {self.words('lines.left_out', count=left_out)}" if left_out > 0 else ""
        self._caption(figure, f"<b>{self.words('alerts.times')}</b>{rest}", y=1.0, anchor="top")
        self._caption(figure, f"<b>{self.words('alerts.began')}</b>", y=(COUNT_PIXELS + 10) / plot, anchor="bottom")
        return figure

    def _caption(self, figure: go.Figure, text: str, *, y: float, anchor: str) -> None:
        figure.add_annotation(
            text=text,
            x=0,
            xref="paper",
            xanchor="left",
            y=y,
            yref="paper",
            yanchor=anchor,
            showarrow=False,
            font={"size": 14, "color": palette(self.theme)["ink-1"]},
        )

    def _empty(self, figure: go.Figure) -> None:
        figure.add_trace(go.Scatter(x=[None], y=[None], yaxis="y2", showlegend=False, hoverinfo="skip"))
        figure.add_annotation(
            text=self.words("alerts.none"),
            x=0.5,
            xref="paper",
            y=0.6,
            yref="paper",
            showarrow=False,
            font={"size": 13, "color": palette(self.theme)["ink-3"]},
        )
        figure.update_yaxes(showticklabels=False)

    def _bars(self, severity: Severity, found: Sequence[tuple[str, Alert]]) -> go.Bar:
        """Bars from when each began to when it was over, or now."""
        spans = [
            (max(self.start, alert.fired_at or self.start), min(self.end, alert.resolved_at or self.end))
            for _, alert in found
        ]
        least = (self.end - self.start) / 600
        return go.Bar(
            orientation="h",
            y=[name for name, _ in found],
            base=[self.at(begin) for begin, _ in spans],
            x=[max(least, over - begin) for begin, over in spans],
            width=_WIDTHS[severity],
            name=f"{SHAPES[severity]} {self.words(f'severity.{severity}')}",
            legendgroup=severity,
            marker={"color": palette(self.theme)[_COLOURS[severity]], "line": {"width": 0}},
            customdata=[
                [self._told(alert), self.at(begin)[:19].replace("T", " "), self.at(over)[:19].replace("T", " ")]
                for (_, alert), (begin, over) in zip(found, spans, strict=True)
            ],
            hovertemplate="%{customdata[0]}<br>%{customdata[1]} – %{customdata[2]}<extra></extra>",
            meta={"alerts": [alert.id for _, alert in found]},
        )

    def _count(self, figure: go.Figure, severity: Severity, alerts: Sequence[Alert]) -> None:
        """How many of a severity began in each of the range's parts."""
        size = max(1, (self.end - self.start) // _BUCKETS)
        counts = Counter(
            min(_BUCKETS - 1, (alert.fired_at - self.start) // size)
            for alert in alerts
            if alert.severity == severity and alert.fired_at is not None and self.start <= alert.fired_at <= self.end
        )
        if not counts:
            return
        figure.add_trace(
            go.Bar(
                x=[self.at(self.start + size * place + size // 2) for place in sorted(counts)],
                y=[counts[place] for place in sorted(counts)],
                width=size * 0.85,
                yaxis="y2",
                name=self.words(f"severity.{severity}"),
                legendgroup=severity,
                showlegend=False,
                marker={"color": palette(self.theme)[_COLOURS[severity]], "line": {"width": 0}},
                hovertemplate="%{x}<br>%{y}<extra>%{fullData.name}</extra>",
            )
        )

    def _told(self, alert: Alert) -> str:
        """What the pointer is told: words, value against threshold, who had it; untrusted texts are escaped."""
        word = f"{SHAPES[alert.severity]} {self.words(f'severity.{alert.severity}')}"
        lines = [f"<b>{word}</b> {escape(alert.said(self.words.language), quote=False)}"]
        labels = ", ".join(f"{name}={value}" for name, value in alert.labels)
        if alert.metric or labels:
            lines.append(escape(f"{alert.metric} {labels}".strip(), quote=False))
        if alert.value is not None:
            lines.append(escape(self.words("alerts.value", value=against(alert)), quote=False))
        if alert.acknowledged_by:
            lines.append(escape(self.words("alerts.had", by=alert.acknowledged_by), quote=False))
        return "<br>".join(lines)


def label_of(alert: Alert, language: str) -> str:
    """A row's name: shape, message in the language, labels' values; cut, and escaped, since Plotly reads markup."""
    labels = ", ".join(value for _, value in alert.labels)
    whole = f"{alert.said(language) or alert.metric or alert.rule} {labels}".strip()
    whole = whole if len(whole) <= LETTERS else whole[: LETTERS - 1] + "…"
    return f"{SHAPES[alert.severity]} {escape(whole, quote=False)}"


def against(alert: Alert) -> str:
    """`97% (85%)`: the value, and the threshold where there is one."""
    if alert.value is None:
        return ""
    limit = "" if alert.threshold is None else f" ({alert.threshold:g}{alert.unit})"
    return f"{alert.value:g}{alert.unit}{limit}"
