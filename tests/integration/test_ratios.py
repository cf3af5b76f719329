"""Beside VictoriaMetrics, with wide margins: no cost slips by a multiple unseen; `make bench` measures in earnest.

(Seconds of CPU and bytes are the same whatever runs beside; how long a query takes is in tests/performance.)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from bench.sending import bytes_in, merge

from tests.integration.peers import SAMPLES, Loaded, loaded

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def peers(tmp_path_factory: pytest.TempPathFactory, program: Callable[..., str]) -> Iterator[Loaded]:
    """Three servers: ours twice."""
    program("victoria-metrics", "victoria-metrics-prod")
    with loaded(("rows", "columns", "text"), tmp_path_factory.mktemp) as found:
        yield found


def test_taking_samples_in_costs_no_multiple(peers: Loaded) -> None:
    """A sample as columns costs at most twice, as a row at most four times the CPU of a sample of text import."""
    assert peers.cost["columns"] < 2 * peers.cost["text"], peers.cost
    assert peers.cost["rows"] < 4 * peers.cost["text"], peers.cost


def test_a_sample_takes_no_multiple_on_disk(peers: Loaded) -> None:
    """At rest, all files counted, a sample takes at most 1.3 times the bytes of theirs."""
    merge(peers.servers["text"])
    peers.servers["columns"].stop()
    peers.servers["text"].stop()
    ours, theirs = (bytes_in(peers.servers[kind].folder) / SAMPLES for kind in ("columns", "text"))
    assert ours < 1.3 * theirs, (ours, theirs)
