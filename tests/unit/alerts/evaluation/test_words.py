"""What an alert says of itself, in either language."""

from __future__ import annotations

import pytest

from bongsu.alerts.evaluation.words import message, messages, number
from bongsu.alerts.thresholds import rules_of
from bongsu.model.rule import Rule
from bongsu.model.rule_names import THRESHOLD_NAMES, name_in, names_of
from bongsu.settings.coming import Thresholds


def test_korean_says_lengths_in_korean() -> None:
    """A silence of ten seconds is `10초`, not `10s`; English keeps `10s`."""
    rule = Rule(id="gone", name="gone", metric="m", kind="no_data", no_data_after_ms=10_000)
    assert message(rule, (), value=None, unit="", language="ko") == "gone: 10초 동안 데이터 없음"
    assert messages(rule, (), value=None, unit="", language="ko") == (("en", "gone: no data for 10s"),)


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [(13.79, "%", "13.8%"), (99.98, "%", "100%"), (80.0, "%", "80%"), (0.04, "%", "0.04%"), (13.79, "ms", "13.79 ms")],
)
def test_percentages_have_the_decimals_of_the_screens(value: float, unit: str, words: str) -> None:
    """The figure beside the words is `13.8%`: the words say the same."""
    assert number(value, unit) == words


def test_a_threshold_is_told_as_it_was_written() -> None:
    """A limit of 99.95 % isn't rounded to another one."""
    rule = Rule(id="up", name="up", metric="m", op="<", value=99.95)
    assert message(rule, (), value=99.91, unit="%", language="en") == "up: 99.9%, below 99.95%"


@pytest.mark.parametrize("spoken", ["ko", "en"])
def test_names_of_thresholds_are_known_in_both_languages(spoken: str) -> None:
    """Whichever language a rule's name was kept in, each text has the name in its own."""
    for rule in rules_of(Thresholds(), language="ko" if spoken == "ko" else "en"):
        names = THRESHOLD_NAMES[rule.id]
        assert names_of(rule.name) == names
        said = {"ko": message(rule, (), value=1.0, unit="", language="ko")}
        said |= dict(messages(rule, (), value=1.0, unit="", language="ko"))
        assert said["ko"].startswith(names["ko"])
        assert said["en"].startswith(names["en"])
    assert name_in("밀린 주문", "en") == "밀린 주문"
    assert names_of("밀린 주문") == {}
