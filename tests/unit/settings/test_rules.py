"""Rules as people write them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bongsu.model.rule import Rule
from bongsu.settings.faults import SettingsError
from bongsu.settings.load import load
from bongsu.settings.rules import RuleSection, body_of, sentence


def rule(**keys: Any) -> Rule:
    """The rule that these keys make."""
    return RuleSection.model_validate({"metric": "cpu_usage", "value": 80, **keys}).rule()


def told(folder: Path, rules: object, **names: str) -> list[str]:
    """Path and sentence of each fault in a settings file with these rules."""
    path = folder / "settings.json"
    path.write_text(json.dumps({"rules": rules}), encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        load(config=path, environment=names, folder=folder)
    return [f"{fault.path}: {fault.sentence()}" for fault in caught.value.faults]


def test_a_short_rule_is_whole() -> None:
    """What isn't given has its default: fire at once, clear at the same value, each series on its own."""
    assert rule() == Rule(
        id="cpu_usage-threshold", name="cpu_usage", metric="cpu_usage", value=80.0, clear=80.0, across="sum"
    )


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("cpu_usage over 90 for 5m", {"metric": "cpu_usage", "op": ">", "value": 90.0, "for": "5m"}),
        ("if cpu_usage over 90%", {"metric": "cpu_usage", "op": ">", "value": 90.0}),
        ("feed_coverage under 95.5", {"metric": "feed_coverage", "op": "<", "value": 95.5}),
        ('a{b=c, d="e*"} >= -1', {"metric": "a", "op": ">=", "value": -1.0, "labels": {"b": "c", "d": "e*"}}),
        ("cpu_usage over", None),
        ("a{b} over 1", None),
        ("__import__('os') over 1", None),
    ],
)
def test_the_simple_form(text: str, keys: dict[str, Any] | None) -> None:
    """ "If value over x for y" becomes the keys that mean the same; anything else is no rule."""
    assert sentence(text) == keys


def test_keys_beside_the_simple_form_win() -> None:
    """A simple rule can be refined key by key."""
    made = RuleSection.model_validate({"if": "cpu_usage over 90 for 5m", "for": "1m", "severity": "critical"}).rule()
    assert (made.value, made.for_ms, made.severity) == (90.0, 60_000, "critical")


@pytest.mark.parametrize(
    "keys",
    [
        {},
        {"by": [], "aggregation": "avg", "window": "5m"},
        {"by": ["host", "core"], "clear": 70, "for": "90s", "when": "weekday 09:00-18:00", "channels": ["slack"]},
        {"kind": "no_data", "value": None, "no_data_after": "2m"},
        {"op": "==", "labels": {"core": "0*"}, "name": "코어", "message": "{labels.core}: {value}"},
    ],
)
def test_a_rule_reads_back(keys: dict[str, Any]) -> None:
    """The JSON that a rule is written as means the same rule."""
    made = rule(**keys)
    assert RuleSection.model_validate(json.loads(json.dumps(body_of(made)))).rule() == made


@pytest.mark.parametrize(
    ("keys", "fault"),
    [
        ({"windoow": "5m"}, "windoow: there is no such setting; did you mean rules[1].window?"),
        ({"window": "0s"}, "window: must be a duration from 1s to 31d"),
        ({"window": 60}, "window: must be a duration in quotes"),
        ({"for": "-1s"}, "for: must be a duration in quotes"),
        ({"op": "over"}, "op: must be one of >, >=, <, <=, ==, !="),
        ({"value": None}, "value: is needed"),
        ({"value": "80"}, "value: must be a number"),
        ({"clear": 81}, "clear: must be 80 or less"),
        ({"op": "<", "clear": 79}, "clear: must be 80 or more"),
        ({"op": "==", "clear": 79}, "clear: can't be given with =="),
        ({"metric": "cpu usage"}, "metric: must be the name of a metric"),
        ({"metric": ""}, "metric: must be the name of a metric"),
        ({"labels": {"a": 1}}, "labels.a: must be text"),
        ({"by": "host"}, "by: must be a list"),
        ({"when": "weekday 9-18"}, "when: can't be read: '9-18' at 9 of 'weekday 9-18' is no range of times"),
        ({"message": "{value.real}"}, "message: can't be used at {value.real}"),
        ({"severity": "bad"}, "severity: must be one of info, warning, error, critical"),
        ({"id": "../x"}, "id: must be small letters"),
        ({"id": "first"}, "id: another rule has the id first already"),
        ({"if": "cpu over many"}, "if: can't be read"),
    ],
)
def test_each_fault_has_its_path(tmp_path: Path, keys: dict[str, Any], fault: str) -> None:
    """What is wrong with a rule is told with its place in the file, alone."""
    first = {"id": "first", "metric": "cpu_usage", "value": 80}
    (line,) = told(tmp_path, [first, {"metric": "cpu_usage", "value": 80, **keys}])
    assert line.startswith(f"rules[1].{fault}")


def test_rules_from_the_environment(tmp_path: Path) -> None:
    """`BONGSU_RULES` holds them as JSON."""
    names = {"BONGSU_RULES": '[{"if": "cpu_usage over 90"}]'}
    settings = load(environment=names, folder=tmp_path)
    assert settings.rules[0].rule().value == 90.0
    names = {"BONGSU_RULES": "cpu_usage over 90"}
    with pytest.raises(SettingsError, match="rules: must be a list"):
        load(environment=names, folder=tmp_path)
