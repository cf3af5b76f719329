"""The colours of the design, read from the style sheet that the board uses, so that both never disagree."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Literal, TypeAlias

Theme: TypeAlias = Literal["light", "dark"]
THEMES: tuple[Theme, ...] = ("light", "dark")

_COLOUR = re.compile(r"--([\w-]+):\s*light-dark\(\s*(#[0-9A-Fa-f]{6})\s*,\s*(#[0-9A-Fa-f]{6})\s*\)")


def colours_in(css: str, theme: Theme) -> dict[str, str]:
    """Every token of the style sheet that is a pair of colours, by name without dashes in front."""
    return {name: light if theme == "light" else dark for name, light, dark in _COLOUR.findall(css)}


@cache
def palette(theme: Theme) -> Mapping[str, str]:
    """The design's colours of one theme: `palette("dark")["series-1"]`."""
    css = files("bongsu.web").joinpath("static", "tokens.css").read_text(encoding="utf-8")
    return colours_in(css, theme)
