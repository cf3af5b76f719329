"""The gate for our own samples: what passes, what is refused, what is stamped and counted."""

from __future__ import annotations

from typing import Any, cast

import pytest

from bongsu.ingest.gate import SampleGate
from bongsu.ingest.limits import GateLimits
from bongsu.ingest.metrics import METRICS
from bongsu.ingest.refusals import CODES
from bongsu.model.sample import Sample, labels_of
from bongsu.model.series import SeriesTable
from tests.fakes.clock import VirtualClock


@pytest.fixture
def clock() -> VirtualClock:
    """A clock that stands still."""
    return VirtualClock()


@pytest.fixture
def gate(clock: VirtualClock) -> SampleGate:
    """A gate for three series."""
    return SampleGate(table=SeriesTable(3), clock=clock, limits=GateLimits(past_ms=60_000, future_ms=1_000))


def sample(metric: object = "a", value: object = 1.0, labels: object = (), at: object = None) -> Sample:
    """A sample, right or wrong: nothing checks the types of one made in Python."""
    return Sample(metric=cast(Any, metric), value=cast(Any, value), labels=cast(Any, labels), at=cast(Any, at))


def test_good_samples_become_columns(gate: SampleGate, clock: VirtualClock) -> None:
    """Samples come out as columns of ids, times and values, in order."""
    batch, refused = gate.admit([sample("a", 1.5, at=clock.now()), sample("b", 2, labels_of(h="x"), clock.now() - 5)])
    assert refused == ()
    assert [gate.table[i].metric for i in batch.series.tolist()] == ["a", "b"]
    assert batch.at.tolist() == [clock.now(), clock.now() - 5]
    assert batch.value.tolist() == [1.5, 2.0]
    assert [column.dtype.name for column in (batch.series, batch.at, batch.value)] == ["int32", "int64", "float64"]


def test_samples_without_a_time_are_stamped(gate: SampleGate, clock: VirtualClock) -> None:
    """What has no time gets the given one, else the time of arrival."""
    assert gate.admit([sample()])[0].at.tolist() == [clock.now()]
    assert gate.admit([sample()], at=clock.now() - 7)[0].at.tolist() == [clock.now() - 7]


@pytest.mark.parametrize(
    ("faulty", "code"),
    [
        (sample("a-b"), "bad-name"),
        (sample(5), "bad-type"),
        (sample(value=float("nan")), "not-finite"),
        (sample(value=float("-inf")), "not-finite"),
        (sample(value=10**400), "not-finite"),
        (sample(value="1"), "bad-type"),
        (sample(value=None), "bad-type"),
        (sample(labels=(("a", 1),)), "bad-labels"),
        (sample(labels="ab"), "bad-labels"),
        (sample(labels=("ab",)), "bad-labels"),
        (sample(at=0), "too-old"),
        (sample(at=4_102_444_800_000), "too-new"),
        (sample(at=1.5), "bad-type"),
        (sample(at=2**80), "bad-type"),
    ],
)
def test_a_faulty_sample_is_refused_alone(gate: SampleGate, faulty: Sample, code: str) -> None:
    """A faulty sample is told by index and reason, and its neighbours are kept."""
    batch, refused = gate.admit([sample("x"), faulty, sample("y")])
    assert len(batch) == 2
    assert [(one.index, one.code) for one in refused] == [(1, code)]
    assert one_figure(gate, "bongsu_gate_refused_total", reason=code) == 1


def test_labels_may_come_as_a_mapping(gate: SampleGate) -> None:
    """A collector that hands over a dict of labels gets the same series as with pairs."""
    batch, refused = gate.admit([sample(labels={"b": "2", "a": "1"}), sample(labels=labels_of(a="1", b="2"))])
    assert refused == ()
    assert len(set(batch.series.tolist())) == 1


def test_the_window_of_time_is_inclusive(gate: SampleGate, clock: VirtualClock) -> None:
    """Samples exactly at the edges of the window pass, one millisecond beyond they don't."""
    now = clock.now()
    ok, _ = gate.admit([sample(at=now - 60_000), sample(at=now + 1_000)])
    assert len(ok) == 2
    _, refused = gate.admit([sample(at=now - 60_001), sample(at=now + 1_001)])
    assert [one.code for one in refused] == ["too-old", "too-new"]


def test_series_are_bounded(gate: SampleGate) -> None:
    """Beyond the series limit new series are refused while known ones go on."""
    batch, refused = gate.admit([sample(name) for name in ("a", "b", "c", "d", "a")])
    assert len(batch) == 4
    assert [(one.index, one.code) for one in refused] == [(3, "series-limit")]


def test_forgotten_series_get_new_ids(gate: SampleGate) -> None:
    """After the table forgot a series its old id isn't used again."""
    first = gate.admit([sample()])[0].series[0]
    gate.table.forget([int(first)])
    second = gate.admit([sample()])[0].series[0]
    assert second != first
    assert gate.table.get(int(second)) is not None


def test_nothing_in_nothing_out(gate: SampleGate) -> None:
    """No samples give an empty batch."""
    batch, refused = gate.admit([])
    assert (len(batch), refused) == (0, ())


def test_figures_are_in_the_catalogue(gate: SampleGate) -> None:
    """Every figure has its entry, with its labels, and each reason is there from the start."""
    entries = {metric.name: metric for metric in METRICS}
    figures = list(gate.figures())
    for figure in figures:
        assert tuple(name for name, _ in figure.labels) == entries[figure.metric].labels
    assert {dict(one.labels)["reason"] for one in figures if one.labels} == set(CODES)


def test_admitted_samples_are_counted(gate: SampleGate) -> None:
    """Admitted samples and known series are counted."""
    gate.admit([sample("a"), sample("b")])
    assert one_figure(gate, "bongsu_gate_admitted_total") == 2
    assert one_figure(gate, "bongsu_gate_series") == 2


def one_figure(gate: SampleGate, metric: str, **labels: str) -> float:
    """The value of one figure."""
    return next(one.value for one in gate.figures() if one.metric == metric and one.labels == labels_of(labels))
