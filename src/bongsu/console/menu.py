"""The console's pages, as the bar lists them; the server of pages knows no more of them than this."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bongsu.console.words import LANGUAGES, Words

LIVE: Mapping[str, str] = {
    "system": "system",
    "data": "data",
    "performance": "services",
    "alerts": "alerts",
    "settings": "settings",
}
"""Which page of the board is drawn live at the head of a page of ours."""

_SHORT = {"ko": "한", "en": "EN"}


def address_of(name: str) -> str:
    """Where a page is found; the first one is the front page."""
    return "/" if name == next(iter(LIVE)) else f"/?page={name}"


def bar_of(board: str, words: Words, names: Sequence[str], current: str, *, demo: bool) -> dict[str, Any]:
    """What the bar shows: `board` is the address of the board's modules, `names` are the pages in order."""
    return {
        "board": board,
        "language": words.language,
        "languages": [{"code": code, "short": _SHORT[code], "name": words(f"language.{code}")} for code in LANGUAGES],
        "pages": [
            {"title": words(f"page.{name}"), "href": address_of(name), "current": name == current} for name in names
        ],
        "demo": demo,
        "words": {
            "brand": words("brand"),
            "pages": words("pages"),
            "demo": words("demo"),
            "away": words("away.console"),
            "account": words("account"),
            "out": words("account.out"),
            "language": words("language"),
            "light": words("theme.light"),
            "dark": words("theme.dark"),
        },
    }


def live_of(page: str, place_data: Mapping[str, Any], board: str, words: Words) -> dict[str, Any]:
    """What a live view is drawn from: the board's page, where its modules, REST and the socket are, its language."""
    return {"page": page, "board": board, "language": words.language, **place_data}
