"""The guide's seven thresholds are rules without anybody writing one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bongsu.alerts.rules import given
from bongsu.alerts.thresholds import rules_of
from bongsu.settings.coming import Thresholds
from bongsu.settings.duration import Duration
from bongsu.settings.model import Settings
from bongsu.settings.rules import RuleSection, body_of
from tests.unit.alerts.evaluation.stand import Stand

DOCUMENT = Path(__file__).parents[3] / "docs" / "rules.md"

WRONG = {
    "cpu_usage": (81.0, {}),
    "memory_usage": (86.0, {}),
    "disk_usage": (91.0, {"mount": "/data"}),
    "service_latency_ms": (101.0, {"service": "api", "quantile": "0.95"}),
    "service_error_rate": (5.1, {"service": "api"}),
    "feed_coverage": (94.9, {"feed": "krx"}),
    "feed_delay_seconds": (60.5, {"feed": "krx"}),
}


@pytest.mark.guide("G014")
@pytest.mark.guide("G047")
async def test_each_key_watches_its_metric() -> None:
    """Just beyond each of the guide's values there is one signal, at the value itself there is none."""
    stand = Stand(*rules_of(Thresholds(), language="en"))
    await stand.start()
    for metric, (value, labels) in WRONG.items():
        await stand.send(
            {"service_error_rate": 5.0, "feed_coverage": 95.0}.get(metric, int(value) - 1.0), metric, **labels
        )
    await stand.send(500.0, "service_latency_ms", service="api", quantile="0.5")
    assert stand.told == []
    for metric, (value, labels) in WRONG.items():
        await stand.send(value, metric, **labels)
    await stand.stop()
    assert {(one.metric, one.value, one.condition) for one in stand.told} == {
        (metric, value, "breach") for metric, (value, _) in WRONG.items()
    }
    assert all(one.for_ms in (30_000, 60_000) and one.severity in ("warning", "error") for one in stand.told)


@pytest.mark.guide("G047")
def test_the_settings_values_are_the_rules_values() -> None:
    """The seven values come from the settings, their ids are the keys, and each clears on the healthy side."""
    thresholds = Thresholds(cpu_threshold_percent=42.0, data_coverage_threshold_percent=100.0)
    rules = {rule.id: rule for rule in rules_of(thresholds)}
    assert list(rules) == list(Thresholds.model_fields)
    assert rules["cpu_threshold_percent"].value == 42.0
    assert rules["data_coverage_threshold_percent"].clear == 100.0
    for rule in rules.values():
        assert RuleSection.model_validate(body_of(rule)).rule("thresholds") == rule


def test_a_written_rule_replaces_a_threshold_of_its_id() -> None:
    """`rules` can say it differently; the other thresholds stay."""
    settings = Settings.model_validate({"rules": [{"id": "cpu_threshold_percent", "if": "cpu_usage over 95 for 10m"}]})
    rules = given(settings)
    assert len(rules) == 7
    assert [(rule.value, rule.source) for rule in rules if rule.id == "cpu_threshold_percent"] == [(95.0, "settings")]


def test_the_document_tells_rules_as_they_are() -> None:
    """The example of docs/rules.md can be used; its table has each threshold's value, severity and length."""
    text = DOCUMENT.read_text(encoding="utf-8")
    (example,) = re.findall(r"```json\n(.*?)```", text, re.DOTALL)
    assert len(Settings.model_validate_json(example).rules) == 6
    for rule in rules_of(Thresholds()):
        (row,) = re.findall(rf"^\| `{rule.id}` ([\d.]+) \| (.*)$", text, re.MULTILINE)
        assert float(row[0]) == rule.value
        assert row[1].startswith(f"`{rule.metric}")
        assert row[1].endswith(f"| {Duration(rule.for_ms)} | {rule.severity} |")
