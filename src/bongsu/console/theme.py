"""Streamlit's settings for the console: the design's colours for both themes, nothing sent home, no file watching.

`.streamlit/config.toml` holds the same for `streamlit run`; a test keeps the two equal.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from bongsu.console.tokens import Theme, palette

Option: TypeAlias = str | int | bool | Sequence[str] | Sequence[int]

FONT = "Pretendard Variable, Pretendard, Noto Sans KR, Noto Sans CJK KR, Malgun Gothic, sans-serif"

_GENERAL: dict[str, Option] = {
    "browser.gatherUsageStats": False,
    "client.showErrorDetails": "none",
    "client.showErrorLinks": False,
    "client.toolbarMode": "minimal",
    "global.showWarningOnDirectExecution": False,
    "runner.magicEnabled": False,
    "server.fileWatcherType": "none",
    "server.headless": True,
    "server.maxUploadSize": 1,
    "server.runOnSave": False,
    "server.showEmailPrompt": False,
    "theme.baseFontSize": 15,
    "theme.baseRadius": "10px",
    "theme.buttonRadius": "6px",
    "theme.font": FONT,
    "theme.headingFontSizes": ["28px", "22px", "18px", "16px", "15px", "15px"],
    "theme.headingFontWeights": [600, 600, 600, 600, 600, 600],
    "theme.showSidebarBorder": True,
    "theme.showWidgetBorder": True,
}

_COLOURS = {
    "primaryColor": "accent",
    "linkColor": "accent",
    "backgroundColor": "bg",
    "secondaryBackgroundColor": "surface-1",
    "textColor": "ink-1",
    "borderColor": "line-1",
    "dataframeBorderColor": "line-1",
    "greenColor": "ok",
    "blueColor": "info",
    "orangeColor": "warn",
    "redColor": "crit",
    "grayColor": "unknown",
}
"""Streamlit's key → the token of the design."""


def colours(theme: Theme) -> dict[str, str]:
    """Streamlit's colour keys of one theme."""
    tokens = palette(theme)
    return {key: tokens[token] for key, token in _COLOURS.items()}


def options() -> dict[str, Option]:
    """Every option, by its dotted name."""
    found = dict(_GENERAL)
    for theme in ("light", "dark"):
        found |= {f"theme.{theme}.{key}": value for key, value in colours(theme).items()}
    return found
