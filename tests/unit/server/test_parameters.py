"""Query parameters, as tables."""

from __future__ import annotations

import pytest

from bongsu.model.errors import BadRequest
from bongsu.server.parameters import Parameters

NOW = 1_763_778_000_000


def asked(query: str) -> Parameters:
    """Parameters of a query string."""
    return Parameters(query.encode(), known=("metric", "time", "step", "hours", "agg"), labels=True)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("1763778000000", NOW),
        ("0", 0),
        ("-1000", -1_000),
        ("now", NOW),
        ("-1h", NOW - 3_600_000),
        ("now-90s", NOW - 90_000),
        ("-7d", NOW - 7 * 86_400_000),
        ("2025-11-22T02:20:00Z", NOW),
        ("2025-11-22T11:20:00%2B09:00", NOW),
        ("2025-11-22T11:20:00+09:00", NOW),
        ("2025-11-22T02:20:00.5Z", NOW + 500),
    ],
)
def test_times(value: str, expected: int) -> None:
    """A time is milliseconds, RFC 3339 (a plus that wasn't encoded is forgiven), now, or so long ago."""
    assert asked(f"time={value}").time("time", NOW) == expected


@pytest.mark.parametrize(
    "value", ["yesterday", "1.5", "-1", "-1y", "2025-11-22T02:20:00", "2025-13-01T00:00:00Z", "١٢", "1" * 30, "1e9"]
)
def test_faulty_times(value: str) -> None:
    """What is no time is refused by the parameter's name; `-1` is a millisecond before 1970."""
    if value == "-1":
        assert asked("time=-1").time("time", NOW) == -1
        return
    with pytest.raises(BadRequest, match="time is"):
        asked(f"time={value}".replace("١٢", "%D9%A1%D9%A2")).time("time", NOW)


@pytest.mark.parametrize(
    ("value", "expected"), [("1ms", 1), ("60s", 60_000), ("5m", 300_000), ("24h", 86_400_000), ("7d", 604_800_000)]
)
def test_durations(value: str, expected: int) -> None:
    """Durations are a whole number and a unit."""
    assert asked(f"step={value}").duration("step") == expected


@pytest.mark.parametrize("value", ["60", "s", "0s", "-5s", "1.5h", "1y", "60 s", "9" * 40 + "s"])
def test_faulty_durations(value: str) -> None:
    """What is no duration above nothing is refused."""
    with pytest.raises(BadRequest, match="step is"):
        asked(f"step={value}").duration("step")


@pytest.mark.parametrize(("value", "expected"), [("", 24), ("24", 24), ("0.5", 0.5), ("1e2", 100)])
def test_hours(value: str, expected: float) -> None:
    """Hours may be a fraction; 24 by default."""
    assert asked(f"hours={value}").hours("hours", 24) == expected * 3_600_000


@pytest.mark.parametrize("value", ["0", "-1", "x", "nan", "inf", "1e99", "24h"])
def test_faulty_hours(value: str) -> None:
    """Hours that aren't a number within reason are refused."""
    with pytest.raises(BadRequest, match="hours is"):
        asked(f"hours={value}").hours("hours", 24)


def test_labels() -> None:
    """`label.NAME=value` selects by label, percent-encoding undone."""
    assert asked("label.b=%EA%B0%80&label.a=1").labels() == (("a", "1"), ("b", "가"))


@pytest.mark.parametrize(
    ("query", "part"),
    [
        ("metrics=a", "'metrics' is unknown"),
        ("metric=a&metric=b", "given twice"),
        ("label.a=1&label.a=2", "given twice"),
        ("metric=%ff", "can't be read"),
        ("&".join(f"label.l{i}=1" for i in range(200)), "can't be read"),
    ],
)
def test_faulty_queries(query: str, part: str) -> None:
    """Unknown, repeated, unreadable and too many parameters are refused."""
    with pytest.raises(BadRequest, match=part):
        asked(query)


def test_unknown_parameters_name_the_known() -> None:
    """The hint lists what may be asked."""
    with pytest.raises(BadRequest) as caught:
        asked("agregate=avg")
    assert "agg" in caught.value.hint
    assert "label.NAME" in caught.value.hint


def test_choices() -> None:
    """One of the choices passes, another is refused with the list."""
    assert asked("agg=min").choice("agg", ("avg", "min")) == "min"
    assert asked("").choice("agg", ("avg", "min")) is None
    with pytest.raises(BadRequest) as caught:
        asked("agg=median").choice("agg", ("avg", "min"))
    assert caught.value.hint == "it may be avg, min"


def test_needed_parameters() -> None:
    """A needed parameter that is missing or empty is told by name."""
    for query in ("", "metric="):
        with pytest.raises(BadRequest, match="parameter metric is missing"):
            asked(query).needed("metric")
