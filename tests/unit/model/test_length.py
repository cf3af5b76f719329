"""Lengths of time as people of either language say them."""

from __future__ import annotations

import pytest

from bongsu.model.length import length_words


@pytest.mark.parametrize(
    ("milliseconds", "ko", "en"),
    [
        (0, "0초", "0s"),
        (500, "500ms", "500ms"),
        (10_000, "10초", "10s"),
        (300_000, "5분", "5m"),
        (650_000, "10분 50초", "10m 50s"),
        (3_900_000, "1시간 5분", "1h 5m"),
        (90_061_000, "1일 1시간", "1d 1h"),
    ],
)
def test_a_length_is_said_in_its_two_largest_units(milliseconds: int, ko: str, en: str) -> None:
    """Korean has Korean units; what is shorter than a second is told in milliseconds."""
    assert (length_words(milliseconds, "ko"), length_words(milliseconds, "en")) == (ko, en)
