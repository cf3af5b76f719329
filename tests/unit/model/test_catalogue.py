"""The catalogue: complete, bilingual, and in the form that Prometheus expects."""

from __future__ import annotations

import re

import pytest

from bongsu.model.catalogue import METRICS, Catalogue, builtin
from bongsu.model.metric import TOPICS, Metric, undeclared

KOREAN = re.compile(r"[가-힣]")


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_each_entry_is_complete(metric: Metric) -> None:
    """Name, unit by its suffix, kind by its name, title and one sentence in both languages."""
    assert re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", metric.name)
    assert (metric.kind == "counter") == metric.name.endswith("_total")
    told = undeclared(metric.name).unit
    assert not told or metric.unit == told, "the name's suffix tells its unit"
    assert metric.topic in TOPICS
    assert KOREAN.search(metric.title_ko)
    assert KOREAN.search(metric.ko)
    assert metric.ko.endswith(("니다.", "세요."))
    assert metric.title_en
    assert not KOREAN.search(metric.title_en + metric.en)
    assert metric.en.endswith(".")
    assert len(metric.title_ko) <= 20
    assert len(metric.title_en) <= 30


def test_names_are_given_once() -> None:
    """No entry hides another."""
    names = [metric.name for metric in METRICS]
    assert sorted(set(names)) == sorted(names)
    assert [metric.name for metric in builtin()] == names


def test_a_metric_nobody_declared_has_an_entry_all_the_same() -> None:
    """Its name tells kind, unit and topic; declaring it replaces that."""
    catalogue = Catalogue()
    assert "shop_sent_bytes_total" not in catalogue
    told = catalogue.get("shop_sent_bytes_total")
    assert (told.kind, told.unit, told.topic, told.title_en) == ("counter", "B", "shop", "shop_sent_bytes_total")
    catalogue.declare(Metric(name="shop_sent_bytes_total", title_en="Sent"))
    assert catalogue.get("shop_sent_bytes_total").title_en == "Sent"
    assert "shop_sent_bytes_total" in catalogue


@pytest.mark.parametrize(
    ("name", "unit", "topic"),
    [
        ("feed_delay_seconds", "s", "feeds"),
        ("service_latency_ms", "ms", "services"),
        ("marketplace_up", "", "checks"),
        ("alert_rate_per_second", "1/s", "alerts"),
        ("anything_bytes_per_second", "B/s", "custom"),
        ("bongsu_queue_bytes", "B", "system"),
    ],
)
def test_what_a_name_tells(name: str, unit: str, topic: str) -> None:
    """Suffix and prefix."""
    assert (undeclared(name).unit, undeclared(name).topic) == (unit, topic)
