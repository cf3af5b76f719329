from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from streamlit import config

from bongsu.console.theme import options

ROOT = Path(__file__).parents[3]


def _flat(table: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in table.items():
        found |= _flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {f"{prefix}{key}": value}
    return found


def test_streamlit_knows_every_option() -> None:
    """Each option exists in the Streamlit that is installed."""
    known = config.get_config_options()
    assert not [name for name in options() if name not in known]


def test_both_ways_of_starting_look_the_same() -> None:
    """`.streamlit/config.toml`, which `streamlit run` reads, says what the console started by the server is told."""
    file = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert _flat(file) == options()


def test_nothing_is_sent_home() -> None:
    """Usage statistics are off, and no mail address is asked for."""
    assert options()["browser.gatherUsageStats"] is False
    assert options()["server.showEmailPrompt"] is False
