"""The console's words in Korean and English, from two catalogues with the same keys."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Literal, TypeAlias

Language: TypeAlias = Literal["ko", "en"]
LANGUAGES: tuple[Language, ...] = ("ko", "en")


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
    text = files("bongsu.console").joinpath("words", f"{language}.json").read_text(encoding="utf-8")
    return Words(language, json.loads(text))


def language_of(*wishes: str | None) -> Language:
    """The first of the wishes that names a language of ours (`ko`, `en-US`, `KO_kr`); Korean otherwise."""
    for wish in wishes:
        code = (wish or "").strip().lower().replace("_", "-").split("-")[0]
        if code in LANGUAGES:
            return code
    return "ko"
