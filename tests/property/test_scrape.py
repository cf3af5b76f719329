"""Whatever a target answers: it is read, or refused with the one error that says so."""

from __future__ import annotations

import contextlib
import math

from hypothesis import given
from hypothesis import strategies as st

from bongsu.collect.scrape.exposition import ExpositionError, parse, series_of
from bongsu.collect.scrape.translation import Rules, Translation
from bongsu.ingest.limits import GateLimits
from bongsu.ingest.names import check_labels, check_metric

NAMES = st.from_regex(r"[a-zA-Z_:][a-zA-Z0-9_:]{0,20}", fullmatch=True)
LABELS = st.dictionaries(st.from_regex(r"[a-zA-Z][a-zA-Z0-9_]{0,9}", fullmatch=True), st.text(max_size=20), max_size=4)
FRAGMENTS = st.sampled_from(
    [
        *("a", "{", "}", '"', "\\", "#", " ", "\n", "=", ",", "1", "+Inf", "NaN", 'x="1"', "\t", "é", "\x00", "_total"),
        *("# TYPE a histogram\n", "a_bucket", '{le="1"}', "# HELP a b\n", "# EOF", "a 1\n"),
    ]
)


@given(st.one_of(st.text(max_size=200), st.lists(FRAGMENTS, max_size=30).map("".join)), st.booleans())
def test_any_text_is_read_or_refused(text: str, openmetrics: bool) -> None:
    """Nothing but ExpositionError comes out, and what comes through can pass the gate."""
    translation = Translation(Rules(target="t"), declare=lambda _: None, taken=())
    limits = GateLimits()
    for _ in range(2):
        with contextlib.suppress(ExpositionError):
            for sample in translation.samples(parse(text, openmetrics=openmetrics)):
                assert math.isfinite(sample.value)
                assert check_metric(sample.metric, limits) == sample.metric
                assert check_labels(sample.labels, limits) == sample.labels


@given(NAMES, LABELS, st.floats())
def test_what_is_written_is_read_back(name: str, labels: dict[str, str], value: float) -> None:
    """Name, labels and value of any series come back as they were, whatever stands in the labels."""
    escaped = {key: one.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"') for key, one in labels.items()}
    inside = ",".join(f'{key}="{one}"' for key, one in escaped.items())
    written = repr(value).replace("inf", "Inf")
    ((series, found),) = parse(f"{name}{{{inside}}} {written} 1700000000000\n").series
    assert found == value or (math.isnan(found) and math.isnan(value))
    assert series_of(series) == (name, tuple(labels.items()))
