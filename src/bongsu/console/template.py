"""The Plotly template of the design: quiet grid, no frame, the board's series colours and dashes."""

from __future__ import annotations

import plotly.graph_objects as go

from bongsu.console.tokens import Theme, palette

DASHES = ("solid", "6px,3px", "2px,3px", "8px,3px,2px,3px", "1px,3px", "12px,4px")
"""One dash a series colour: colour is never alone in telling lines apart."""

FONT = "Pretendard Variable, Pretendard, Noto Sans KR, Noto Sans CJK KR, Malgun Gothic, sans-serif"


def template(theme: Theme) -> go.layout.Template:
    """The template of one theme.

    The grounds are the card's colour, not transparent: Plotly outlines its hover line in white over nothing, and
    a notebook of the other theme would swallow the text.
    """
    colour = palette(theme)
    axis = {
        "zeroline": False,
        "ticks": "",
        "automargin": True,
        "tickfont": {"size": 12, "color": colour["ink-3"]},
        "title": {"font": {"size": 12, "color": colour["ink-3"]}},
    }
    return go.layout.Template(
        layout={
            "paper_bgcolor": colour["surface-1"],
            "plot_bgcolor": colour["surface-1"],
            "colorway": [colour[f"series-{number}"] for number in range(1, 7)],
            "font": {"family": FONT, "size": 12, "color": colour["ink-3"]},
            "margin": {"l": 46, "r": 8, "t": 8, "b": 22},
            "hovermode": "x unified",
            "hoverlabel": {
                "bgcolor": colour["surface-3"],
                "bordercolor": colour["line-2"],
                "font": {"family": FONT, "size": 12, "color": colour["ink-1"]},
            },
            "legend": {"font": {"size": 12, "color": colour["ink-2"]}, "bgcolor": "rgba(0,0,0,0)"},
            "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": colour["ink-4"], "activecolor": colour["ink-1"]},
            "xaxis": {
                **axis,
                "showgrid": False,
                "linecolor": colour["line-2"],
                "showline": True,
                "spikemode": "across",
                "spikethickness": 1,
                "spikedash": "solid",
                "spikecolor": colour["ink-4"],
            },
            "yaxis": {**axis, "gridcolor": colour["grid"], "showline": False, "nticks": 5},
        },
        data={"scatter": [{"type": "scatter", "line": {"width": 1.5}, "mode": "lines"}]},
    )
