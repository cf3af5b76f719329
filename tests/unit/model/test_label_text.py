"""Labels as one text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bongsu.model.label_text import label_text, labels_from_text
from bongsu.model.sample import labels_of


@pytest.mark.parametrize(
    ("labels", "text"),
    [
        (labels_of(), ""),
        (labels_of(core="0"), "core=0"),
        (labels_of(b="2", a="1"), "a=1,b=2"),
        (labels_of(mount="/a,b"), "mount=/a,b"),
    ],
)
def test_there_and_back(labels: tuple[tuple[str, str], ...], text: str) -> None:
    """What was written is read again."""
    assert label_text(labels) == text
    assert labels_from_text(text) == labels


def test_a_bare_value_has_a_name_all_the_same() -> None:
    """`{"naver": 12}` is understood as well."""
    assert labels_from_text("naver") == labels_of(item="naver")
    assert labels_from_text("/mnt/a=b", name="mount") == labels_of(mount="/mnt/a=b")


@given(st.text())
def test_any_text_means_some_labels(text: str) -> None:
    """Nothing that a program may use as a key breaks the reading."""
    assert isinstance(labels_from_text(text), tuple)
