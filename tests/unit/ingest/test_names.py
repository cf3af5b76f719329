"""The rules for names and labels, as tables."""

from __future__ import annotations

import pytest

from bongsu.ingest.limits import GateLimits
from bongsu.ingest.names import check_labels, check_metric, shown
from bongsu.ingest.refusals import Refused

LIMITS = GateLimits(name_length=10, labels=3, label_value_bytes=16)


@pytest.mark.parametrize("name", ["a", "cpu_usage", "_x", "job:rate", "A1", "a" * 10])
def test_good_metric_names_pass(name: str) -> None:
    """A name of the allowed letters, up to the allowed length, is taken as it is."""
    assert check_metric(name, LIMITS) == name


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("", "bad-name"),
        ("1a", "bad-name"),
        ("a-b", "bad-name"),
        ("a b", "bad-name"),
        ("a\n", "bad-name"),
        ("주문", "bad-name"),
        ("a" * 11, "bad-name"),
        (5, "bad-type"),
        (None, "bad-type"),
    ],
)
def test_faulty_metric_names_are_refused(name: object, code: str) -> None:
    """A name that is misspelled, too long or no text is refused with the code of its fault."""
    with pytest.raises(Refused) as caught:
        check_metric(name, LIMITS)
    assert caught.value.code == code


def test_labels_become_canonical() -> None:
    """Labels are sorted by name, and an empty value says the same as no label."""
    assert check_labels([("b", "2"), ("a", "1"), ("c", "")], LIMITS) == (("a", "1"), ("b", "2"))


@pytest.mark.parametrize(
    ("pairs", "part"),
    [
        ([("a", "1"), ("a", "2")], "twice"),
        ([("a:b", "1")], "must match"),
        ([("", "1")], "must match"),
        ([("__name__", "x")], "reserved"),
        ([("a", 1)], "must be text"),
        ([("a", None)], "must be text"),
        ([("a", "x" * 17)], "longer than 16 bytes"),
        ([("a", "가나다라마바")], "longer than 16 bytes"),
        ([("a", "x\ny")], "control characters"),
        ([("a", "\x85")], "control characters"),
        ([("a", "\ud800")], "surrogates"),
        ([("a", "1"), ("b", "1"), ("c", "1"), ("d", "1")], "more than 3"),
        ([(5, "1")], "must match"),
    ],
)
def test_faulty_labels_are_refused(pairs: list[tuple[object, object]], part: str) -> None:
    """Each kind of faulty label is refused in words that name the fault."""
    with pytest.raises(Refused, match=part) as caught:
        check_labels(pairs, LIMITS)
    assert caught.value.code == "bad-labels"


def test_label_values_count_in_bytes() -> None:
    """A value of exactly the allowed bytes of UTF-8 passes."""
    assert check_labels([("a", "가나다라마x")], LIMITS) == (("a", "가나다라마x"),)


def test_what_is_shown_is_short_and_harmless() -> None:
    """A hostile value appears in an answer shortened and escaped."""
    assert len(shown("x" * 1_000)) < 70
    assert "\x1b" not in shown("\x1b[2J")
