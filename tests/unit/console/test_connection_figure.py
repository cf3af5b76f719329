"""The figure of connection states."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
import pytest

from bongsu.console.figures import PerformanceDashboard
from bongsu.console.tokens import THEMES, Theme
from bongsu.console.words import Language
from bongsu.model.check import STATES
from tests.fakes.clock import VirtualClock
from tests.unit.console.sources import NOW, Lines, points

MINUTE = 60_000
DOWN, UP, DEGRADED = (float(STATES.index(state)) for state in ("down", "up", "degraded"))


class Worst(Lines):
    """Answers states as they are: the tests' samples come once a minute."""

    def query(self, metric: str, **asked: object) -> list[object]:  # type: ignore[override]
        asked.pop("step", None)
        return list(super().query(metric, start=asked["start"], end=asked["end"]))  # type: ignore[arg-type]


def figure(held: dict[str, list[object]], language: Language = "ko", theme: Theme = "light") -> go.Figure:
    """The figure of the last hour."""
    dashboard = PerformanceDashboard(Worst(held), language=language, theme=theme, clock=VirtualClock(NOW))  # type: ignore[arg-type]
    return dashboard.create_connection_status_dashboard(hours=1.5)


def held() -> dict[str, list[object]]:
    """A database that fell ten minutes ago, and a marketplace that is well."""
    ago = range(80, 0, -1)
    fallen = [(NOW - back * MINUTE, DOWN if back <= 10 else UP) for back in ago]
    well = [(NOW - back * MINUTE, UP) for back in ago]
    return {
        "connection_state": [points("connection_state", fallen, connection="<b>orders</b>")],
        "marketplace_state": [points("marketplace_state", well, marketplace="naver")],
        "marketplace_response_ms": [points("marketplace_response_ms", [(NOW - MINUTE, 183.4)], marketplace="naver")],
    }


@pytest.mark.guide("G041")
@pytest.mark.parametrize("theme", THEMES)
def test_states_are_drawn_worst_first(theme: Theme) -> None:
    """`create_connection_status_dashboard()` gives a row a thing, with the state of each step, in words too."""
    made = figure(held(), theme=theme)
    assert isinstance(made, go.Figure)
    (heat,) = made.data
    assert list(heat.y) == ["연결 · &lt;b&gt;orders&lt;/b&gt;", "마켓 · naver"]
    states = np.asarray(heat.z, dtype=float)
    assert states.shape == (2, 90)
    assert np.nanmax(states[0]) == DOWN
    assert (states[0] == DOWN).sum() == 10
    assert np.isnan(states[0][:9]).all()
    assert set(states[1][~np.isnan(states[1])]) == {UP}
    beside = [note.text for note in made.layout.annotations]
    assert beside == ["■ 장애", "● 정상 · 183 ms"]


def test_nothing_recorded_is_told() -> None:
    """Without anything watched the figure says so, in the language asked for."""
    made = figure({}, language="en")
    assert not made.data
    assert "docs/checks.md" in made.layout.annotations[0].text
    assert "No marketplace" in made.layout.annotations[0].text
