"""The console's words in Korean and English, from two catalogues with the same keys."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Literal, TypeAlias

Language: TypeAlias = Literal["ko", "en"]
LANGUAGES: tuple[Language, ...] = ("ko", "en")


SHARED: Mapping[str, str] = {
    "brand": "brand",
    "demo": "mock",
    "pages": "nav",
    "account.out": "account.out",
    "range": "range",
    "range.15m": "range.15m",
    "range.1h": "range.1h",
    "range.6h": "range.6h",
    "range.24h": "range.24h",
    "panel.cpu": "panel.cpu",
    "panel.memory": "panel.memory",
    "panel.network": "panel.network",
    "panel.disk_io": "panel.disk-io",
    "panel.disk": "panel.disks",
    "panel.load": "panel.load",
    "line.memory_usage": "line.memory",
    "line.swap_usage": "line.swap",
    "line.network_receive_bytes_per_second": "line.receive",
    "line.network_transmit_bytes_per_second": "line.transmit",
    "line.disk_read_bytes_per_second": "line.read",
    "line.disk_write_bytes_per_second": "line.write",
    "line.load_1m": "line.load1",
    "line.load_5m": "line.load5",
    "line.load_15m": "line.load15",
    "word.threshold": "threshold",
    "severity.info": "severity.info",
    "severity.warning": "severity.warning",
    "severity.error": "severity.error",
    "severity.critical": "severity.critical",
}
"""Our key → the board's: what both screens name has one name, kept in one place."""


class Words:
    """One language's words: `words("range.1h")`, `words("lines.left_out", count=3)`."""

    def __init__(self, language: Language, entries: Mapping[str, str]) -> None:
        self.language = language
        self._entries = entries

    def __call__(self, key: str, **values: object) -> str:
        """The words of a key, with its blanks filled in.

        Raises:
            KeyError: no such key; a test keeps both catalogues complete.
        """
        return self._entries[key].format(**values) if values else self._entries[key]

    def get(self, key: str, otherwise: str) -> str:
        """The words of a key, or `otherwise` where the catalogue has none."""
        return self._entries.get(key, otherwise)


@cache
def words(language: Language) -> Words:
    """The catalogue of a language."""
    ours = _read("bongsu.console", "words", f"{language}.json")
    board = _read("bongsu.web", "static", "i18n", f"{language}.json")
    return Words(language, ours | {key: board[theirs] for key, theirs in SHARED.items()})


def _read(package: str, *path: str) -> dict[str, str]:
    entries: dict[str, str] = json.loads(files(package).joinpath(*path).read_text(encoding="utf-8"))
    return entries


def language_of(*wishes: str | None) -> Language:
    """The first of the wishes that names a language of ours (`ko`, `en-US`, `KO_kr`); Korean otherwise."""
    for wish in wishes:
        code = (wish or "").strip().lower().replace("_", "-").split("-")[0]
        if code in LANGUAGES:
            return code
    return "ko"
