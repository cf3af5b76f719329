"""Words, figures and cuts."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bongsu.notify.cut import cut, cut_markup, cut_units, units
from bongsu.notify.escape import telegram
from bongsu.notify.figure import figure
from bongsu.notify.words import EN, KO, span

BLANK = re.compile(r"\{[a-z]+\}")


def test_both_languages_say_the_same() -> None:
    """Each sentence exists in Korean and English with the same blanks."""
    assert list(KO) == list(EN)
    for key, text in EN.items():
        assert set(BLANK.findall(text)) == set(BLANK.findall(KO[key])), key
        assert not re.search("[가-힣]", text), key


@pytest.mark.parametrize(
    ("milliseconds", "ko", "en"),
    [
        (0, "0초", "0 s"),
        (59_999, "59초", "59 s"),
        (4_800_000, "1시간 20분", "1 h 20 min"),
        (90_061_000, "1일 1시간", "1 d 1 h"),
        (-5, "0초", "0 s"),
    ],
)
def test_spans(milliseconds: int, ko: str, en: str) -> None:
    """The two largest units."""
    assert (span(milliseconds, "ko"), span(milliseconds, "en")) == (ko, en)


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (85.5, "%", "85.5%"),
        (80, "%", "80.0%"),
        (1_610_612_736, "B", "1.5 GiB"),
        (2_048, "B/s", "2 KiB/s"),
        (120.0, "ms", "120 ms"),
        (1_204_000.0, "", "1,204,000"),
        (0.123456, "", "0.123"),
        (0.000123456, "s", "0.0001235 s"),
        (-3.25, "s", "-3.25 s"),
        (float("inf"), "%", "inf"),
    ],
)
def test_figures(value: float, unit: str, text: str) -> None:
    """Values with their units, as people read them."""
    assert figure(value, unit) == text


@given(st.text(max_size=60), st.integers(1, 40))
def test_cuts_fit(text: str, limit: int) -> None:
    """A cut text fits and ends in an ellipsis; one that fits stays as it is."""
    assert len(cut(text, limit)) <= limit
    assert units(cut_units(text, limit)) <= limit
    for cutting, length in ((cut, len), (cut_units, units)):
        short = cutting(text, limit)
        assert short == text if length(text) <= limit else short.endswith("…")


@given(st.text(max_size=60), st.integers(1, 40))
def test_markup_is_never_cut_in_two(text: str, limit: int) -> None:
    """Once read, the text fits; entities stay whole and open tags are closed."""
    marked = cut_markup(f"<b>{telegram(text)}</b>", limit)
    assert marked.count("<b>") == marked.count("</b>") == 1
    inner = marked.replace("<b>", "").replace("</b>", "")
    assert not re.search(r"&(?!(?:amp|lt|gt|quot);)", inner)
    read = inner.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"').replace("&amp;", "&")
    assert units(read) <= limit
