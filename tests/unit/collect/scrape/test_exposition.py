"""The text format, line by line."""

from __future__ import annotations

import math

import pytest

from bongsu.collect.scrape.exposition import ExpositionError, Family, parse, series_of

TEXT = """\
# HELP http_requests_total The total number of HTTP requests.
# TYPE http_requests_total counter
http_requests_total{method="post",code="200"} 1027 1395066363000
http_requests_total{method="post",code="400"}    3 1395066363000

# Escaping in label values:
msdos_file_access_time_seconds{path="C:\\\\DIR\\\\FILE.TXT",error="Cannot find file:\\n\\"FILE.TXT\\""} 1.458255915e9
metric_without_timestamp_and_labels 12.47
something_weird{problem="division by zero"} +Inf -3982045
brace{in="a } and a # in it",} NaN
# TYPE http_request_duration_seconds histogram
http_request_duration_seconds_bucket{le="0.05"} 24054
"""


def test_the_formats_own_example() -> None:
    """What the format's specification shows is read: values, kinds, sentences, escapes, times passed over."""
    found = parse(TEXT)
    assert found.families["http_requests_total"] == Family("counter", "The total number of HTTP requests.")
    assert found.families["http_request_duration_seconds"].kind == "histogram"
    assert [value for _, value in found.series[:5]] == [1027.0, 3.0, 1.458255915e9, 12.47, math.inf]
    assert math.isnan(found.series[5][1])
    names = [series_of(text) for text, _ in found.series]
    assert names[0] == ("http_requests_total", (("method", "post"), ("code", "200")))
    assert names[2][1] == (("path", "C:\\DIR\\FILE.TXT"), ("error", 'Cannot find file:\n"FILE.TXT"'))
    assert names[3] == ("metric_without_timestamp_and_labels", ())
    assert names[5] == ("brace", (("in", "a } and a # in it"),))


def test_openmetrics_with_exemplars_and_its_end() -> None:
    """Exemplars and times are passed over; without `# EOF` the text was cut off."""
    text = '# TYPE a counter\na_total{x="1"} 5 1.5 # {trace="q w"} 0.2 1.4\n# EOF\n'
    assert parse(text, openmetrics=True).series == [('a_total{x="1"}', 5.0)]
    with pytest.raises(ExpositionError, match="EOF"):
        parse(text.replace("# EOF\n", ""), openmetrics=True)


def test_names_of_any_letters() -> None:
    """Prometheus 3's quoted names are read as names, quoted labels as labels."""
    text = '{"http.요청",method="get","a.b"="c"} 1'
    assert series_of(parse(text).series[0][0]) == ("http.요청", (("method", "get"), ("a.b", "c")))


@pytest.mark.parametrize(
    "line",
    [
        "<html>",
        "a",
        "a{x} 1",
        'a{x="1" 1',
        'a{x="1"}',
        "a 1_000",
        "a ١",
        "a one",
        "a 1 2 3",
        'a{x="1"}b 2',
        '{x="1"} 1',
    ],
)
def test_what_is_no_exposition_is_told_with_its_line(line: str) -> None:
    """Faults name their line, or are found when the series is taken apart."""
    with pytest.raises(ExpositionError):
        [series_of(text) for text, _ in parse(f"fine 1\n{line}\n").series]
