from __future__ import annotations

import pytest

from bongsu.console.tokens import THEMES, Theme, colours_in, palette


def test_pairs_are_read_by_theme() -> None:
    """A pair of colours gives the first to the light theme and the second to the dark one."""
    css = ":root { --ink-1:   light-dark(#0E141B, #EEF2F7);  /* why */ --s-1: 4px; }"
    assert colours_in(css, "light") == {"ink-1": "#0E141B"}
    assert colours_in(css, "dark") == {"ink-1": "#EEF2F7"}


@pytest.mark.parametrize("theme", THEMES)
def test_the_style_sheet_has_what_figures_use(theme: Theme) -> None:
    """The board's style sheet names every colour that the Plotly template and the theme take from it."""
    named = palette(theme)
    wanted = {"ink-1", "ink-2", "ink-3", "ink-4", "line-1", "line-2", "grid", "surface-1", "surface-3", "bg", "accent"}
    assert wanted | {f"series-{n}" for n in range(1, 7)} | {"ok", "info", "warn", "crit", "unknown"} <= set(named)
