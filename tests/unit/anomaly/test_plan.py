"""Which series are watched, and how."""

from __future__ import annotations

from pathlib import Path

import pytest

from bongsu.anomaly.composing import plan_of
from bongsu.anomaly.plan import Spec, detector
from bongsu.settings.anomaly import AnomalyDetection
from bongsu.settings.duration import Duration
from tests.unit.settings.test_faults import faults


def spec(metric: str, **settings: object) -> Spec | None:
    """How a metric is watched under these settings."""
    return plan_of(AnomalyDetection.model_validate(settings)).spec(metric, counter=metric.endswith("_total"))


@pytest.mark.guide("G048")
def test_the_guides_setting_is_the_default() -> None:
    """Enabled, zscore, threshold 3.0, window 100: a machine's series are watched so."""
    settings = AnomalyDetection()
    assert (settings.enabled, settings.method, settings.threshold, settings.window_size) == (True, "zscore", 3.0, 100)
    found = spec("cpu_usage")
    assert found is not None
    assert (found.method, found.threshold, found.window) == ("zscore", 3.0, 100)
    assert detector(found).row_bytes == 8 * 100 + 40 - 8


@pytest.mark.parametrize("metric", ["bongsu_process_cpu", "anomaly_score", "requests_total", "loadtest_rate"])
def test_what_is_not_watched(metric: str) -> None:
    """Our own figures, scores, counters, and what the settings leave out."""
    assert spec(metric, exclude=["loadtest_"]) is None


def test_only_what_is_included() -> None:
    """With prefixes to include, nothing else is watched."""
    assert spec("cpu_usage", include=["cpu_", "orders_"]) is not None
    assert spec("memory_usage", include=["cpu_", "orders_"]) is None


def test_feeds_have_defaults_of_their_own() -> None:
    """Delays are judged by the novelty of their logarithm in milliseconds, once a minute, told once a day."""
    found = spec("feed_delay_seconds")
    assert found is not None
    assert (found.method, found.log, found.scale, found.smooth) == ("novelty", True, 1_000.0, True)
    assert (found.every_ms, found.quiet_ms, found.threshold) == (60_000, 86_400_000, 10.0)


def test_own_choices_go_first() -> None:
    """The first choice that fits lies over the default; what it leaves open stays; `off` switches off."""
    own = [
        {"metric": "feed_delay_seconds", "threshold": 25.0},
        {"metric": "feed_*", "method": "off"},
        {"metric": "orders_*", "method": "volume", "quiet": Duration.parse("5m"), "every": Duration.parse("10s")},
        {"metric": "price", "method": "robust_zscore", "window_size": 50},
    ]
    delay = spec("feed_delay_seconds", metrics=own)
    assert delay is not None
    assert (delay.method, delay.threshold, delay.log) == ("novelty", 25.0, True)
    assert spec("feed_quality", metrics=own) is None
    orders = spec("orders_open", metrics=own)
    assert orders is not None
    assert (orders.method, orders.threshold, orders.quiet_ms, orders.every_ms) == ("volume", 3.0, 300_000, 10_000)
    price = spec("price", metrics=own, threshold=4.0)
    assert price is not None
    assert (price.method, price.threshold, price.window) == ("robust_zscore", 4.0, 50)


def test_thresholds_of_deviations_are_not_thresholds_of_novelty() -> None:
    """The general threshold counts deviations: a general novelty keeps the one it was measured with."""
    novelty = spec("cpu_usage", method="novelty", threshold=3.0)
    assert novelty is not None
    assert novelty.threshold == 1.8
    back = spec("cpu_usage", method="novelty", metrics=[{"metric": "cpu_usage", "method": "zscore"}])
    assert back is not None
    assert back.threshold == 3.0


def test_a_metric_stands_once(tmp_path: Path) -> None:
    """Two choices for one metric are a fault of the settings."""
    text = '{"anomaly_detection": {"metrics": [{"metric": "a", "log": true}, {"metric": "a", "log": false}]}}'
    assert any("a stands twice" in line for line in faults(tmp_path, text))
