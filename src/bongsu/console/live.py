"""The components of a page: the bar, and the one live part, drawn by the board's modules on a socket of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from bongsu.console.menu import live_of
from bongsu.console.place import Place
from bongsu.console.words import Words

_SCRIPT = "const m = await import(location.origin + '{path}');\nexport default m.default;\n"
"""A line break tells Streamlit that this is a script and not the path of one."""


TOOLS_PIXELS = 34
"""The row of a figure's buttons."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """Where the files are that pages load: the board's modules and the console's own."""

    board: str
    console: str
    plotly: str


def served_in(assets: Mapping[str, str]) -> Served:
    """As the launcher put it into the secrets."""
    return Served(board=str(assets["board"]), console=str(assets["console"]), plotly=str(assets["plotly"]))


def bar(served: Served, data: dict[str, Any], *, on_language: Callable[[str], None]) -> None:
    """Show the bar (`menu.bar_of`); `on_language` hears the code that was chosen."""

    def chosen() -> None:
        on_language(str(st.session_state["bar"].get("language")))

    with st.container(key="top"):
        _component("bongsu_bar", f"{served.console}/bar.js")(key="bar", data=data, on_language_change=chosen)


def history(
    served: Served, figure: go.Figure, words: Words, *, key: str, file: str, alt: str, csv: bool = True
) -> None:
    """Show a figure that is redrawn in place; `alt` says in words what it shows, `file` names what is saved of it."""
    data = {
        "plotly": served.plotly,
        "spec": figure.to_json(),
        "alt": alt,
        "file": file,
        "csv": csv,
        "words": {"png": words("png"), "csv": words("csv"), "time": words("table.time")},
    }
    with st.container(key=key, height=int(figure.layout.height) + TOOLS_PIXELS, border=False):
        _component("bongsu_figure", f"{served.console}/figure.js")(key=f"figure-{key}", data=data)


def live_view(page: str, place: Place, served: Served, words: Words, *, on_near: Callable[[], None]) -> None:
    """Show a page of the board live; `on_near` hears when the reader comes near to what is below it."""
    _live(page, ".st-key-explore", place, served, words, on_near=on_near)


def live_alerts(place: Place, served: Served, words: Words, *, on_near: Callable[[], None]) -> None:
    """Show the live view of alerts, with everything that can be done about them."""
    _live("alerts", ".st-key-past", place, served, words, on_near=on_near)


def live_settings(place: Place, served: Served, words: Words, *, on_near: Callable[[], None]) -> None:
    """Show the page of the settings; nothing of ours stands below it."""
    _live("settings", ".st-key-nothing-below", place, served, words, on_near=on_near)


def _live(page: str, below: str, place: Place, served: Served, words: Words, *, on_near: Callable[[], None]) -> None:
    """One page of the board as a component; `below` finds what comes after it on the console's page."""
    data = live_of(page, place.live(), served.board, words) | {"below": below}
    _component(f"bongsu_live_{page}", f"{served.console}/live.js")(
        key=f"live-{page}", data=data, on_near_change=on_near
    )


@cache
def _component(name: str, path: str) -> Any:
    """A component, registered once a process: reruns only mount it."""
    return st.components.v2.component(name, js=_SCRIPT.replace("{path}", path), isolate_styles=False)
