"""Durations as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bongsu.settings.duration import Duration


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [("1ms", 1), ("60s", 60_000), ("1.5s", 1_500), ("15m", 900_000), ("24h", 86_400_000), (" 7 d ", 604_800_000)],
)
def test_reads_what_people_write(text: str, milliseconds: int) -> None:
    """A number and a unit are milliseconds."""
    assert Duration.parse(text) == milliseconds


@pytest.mark.parametrize("text", ["", "60", "s", "-1s", "1 month", "1s1s", "1e3s", "101y", "٣s s"])
def test_refuses_the_rest(text: str) -> None:
    """What is no duration, or longer than a hundred years, is refused."""
    with pytest.raises(ValueError):
        Duration.parse(text)


@given(st.integers(min_value=0, max_value=10**12))
def test_spelling_reads_back(milliseconds: int) -> None:
    """Any duration's own spelling gives the same duration."""
    assert Duration.parse(str(Duration(milliseconds))) == milliseconds
