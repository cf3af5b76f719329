"""Own charts in the settings."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from bongsu.settings.model import Settings


@pytest.mark.guide("G118")
def test_a_chart_needs_no_more_than_a_metric() -> None:
    """Everything else has a default, and what is told arrives as it was told."""
    told = {
        "metric": "queue_depth",
        "chart": "tile",
        "title": {"ko": "처리 대기", "en": "Queue"},
        "labels": {"queue": "mail*"},
        "aggregation": "sum",
        "threshold": 100.0,
    }
    plain, full = Settings.model_validate({"panels": [{"metric": "queue_depth"}, told]}).panels
    assert (plain.chart, plain.aggregation, plain.threshold) == ("line", "each", None)
    assert full.model_dump() == told | {"unit": ""}


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"metric": "no name"},
        {"metric": "a", "chart": "pie"},
        {"metric": "a", "title": {"fr": "file"}},
        {"metric": "a", "labels": {"x": 1}},
        {"metric": "a", "colour": "red"},
    ],
)
def test_what_no_chart_understands_is_refused(wrong: dict[str, object]) -> None:
    """Missing, misspelt and impossible keys are errors that name the panel."""
    with pytest.raises(ValidationError, match=r"panels\.0"):
        Settings.model_validate({"panels": [wrong]})
