from __future__ import annotations

import json
import re
from importlib.resources import files

import pytest

from bongsu.console.panels import DATA, PERFORMANCE, SYSTEM
from bongsu.console.words import LANGUAGES, SHARED, Language, language_of, words

_BLANK = re.compile(r"{(\w+)}")


def _entries(language: Language) -> dict[str, str]:
    return dict(words(language)._entries)


def test_both_catalogues_have_the_same_keys_and_blanks() -> None:
    """A key of one language exists in the other, with the same blanks to fill."""
    ko, en = _entries("ko"), _entries("en")
    assert list(ko) == list(en)
    for key in ko:
        assert set(_BLANK.findall(ko[key])) == set(_BLANK.findall(en[key])), key


def test_each_language_keeps_to_itself() -> None:
    """No English entry holds Hangul, and every Korean sentence does."""
    assert not [key for key, text in _entries("en").items() if re.search("[가-힣]", text)]
    latin = {"line.cpu_usage", "panel.cpu", "threshold", "line.load"}
    assert not [key for key, text in _entries("ko").items() if not re.search("[가-힣]", text) and key not in latin]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_panel_and_line_has_words(language: Language) -> None:
    """What the page's panels draw is named in both languages."""
    said = words(language)
    for panel in (*SYSTEM, *DATA, *PERFORMANCE):
        assert said(f"panel.{panel.key}")
        assert all(said(f"line.{metric}") for metric in panel.metrics)


@pytest.mark.parametrize(
    ("wishes", "language"),
    [
        (("en-US",), "en"),
        (("KO_kr",), "ko"),
        ((None, "", "fr", "en"), "en"),
        (("fr", None), "ko"),
        ((), "ko"),
        (("ko", "en"), "ko"),
    ],
)
def test_the_first_understood_wish_wins(wishes: tuple[str | None, ...], language: Language) -> None:
    """Wishes are taken in order, unknown ones are passed over, and Korean is the end of the line."""
    assert language_of(*wishes) == language


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_speaks_with_one_voice(language: Language) -> None:
    """What the live view above and the figures below both name is the board's word, and ours has no other."""
    board = json.loads(files("bongsu.web").joinpath("static", "i18n", f"{language}.json").read_text(encoding="utf-8"))
    ours = json.loads(files("bongsu.console").joinpath("words", f"{language}.json").read_text(encoding="utf-8"))
    said = words(language)
    assert {key: said(key) for key in SHARED} == {key: board[theirs] for key, theirs in SHARED.items()}
    assert not set(SHARED) & set(ours)
