"""Prometheus text: what its own linter accepts, with our names made conform."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

import httpx
import numpy as np
import pytest

from bongsu.model.catalogue import Catalogue, builtin
from bongsu.model.metric import Metric
from bongsu.model.sample import Batch, Labels, labels_of
from bongsu.server.exposition import STALE_MS, Exposed, exposed
from tests.fakes.server import Stand, running

HOSTILE = 'back\\slash "quote"\nline, 한글, {brace}'


def put(stand: Stand, metric: str, value: float, labels: Labels = (), *, age_ms: int = 0) -> None:
    """A sample, seen `age_ms` ago. Labels here may be wilder than the gate lets pass."""
    series = stand.table.intern(metric, labels)
    at = stand.clock.now() - age_ms
    stand.measurements.publish(Batch(series=np.array([series], np.int32), at=np.array([at]), value=np.array([value])))


async def scrape(stand: Stand) -> httpx.Response:
    """What Prometheus gets."""
    async with running(stand), httpx.AsyncClient(base_url=stand.url, verify=False) as client:
        return await client.get("/metrics")


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        (Metric(name="cpu_usage"), Exposed(name="cpu_usage")),
        (Metric(name="service_latency_ms"), Exposed(name="service_latency_seconds", divisor=1_000)),
        (Metric(name="bongsu_bodies", kind="counter"), Exposed(name="bongsu_bodies_total")),
        (Metric(name="bongsu_bodies_total", kind="counter"), Exposed(name="bongsu_bodies_total")),
        (Metric(name="wait_ms", kind="counter"), Exposed(name="wait_seconds_total", divisor=1_000)),
        (Metric(name="process_count"), Exposed(name="process_count_value")),
        (Metric(name="items"), Exposed(name="items")),
    ],
)
def test_names_become_conform(metric: Metric, expected: Exposed) -> None:
    """Milliseconds become seconds, counters end with `_total`, the rest keeps its name."""
    assert exposed(metric) == expected


def test_a_name_already_taken_is_left_alone() -> None:
    """Where both names exist each stays what it is, so that no family comes twice."""
    assert exposed(Metric(name="x_ms"), {"x_ms", "x_seconds"}) == Exposed(name="x_ms")


@pytest.mark.guide("G018")
async def test_the_text_passes_promtool(program: Callable[..., str]) -> None:
    """Every built-in metric, pushed ones and hostile label values together pass `promtool check metrics`."""
    promtool = program("promtool")
    catalogue = builtin()
    catalogue.declare(Metric(name="orders_open", en='Orders \\ waiting\nfor "shipment".', ko="배송을 기다리는 주문"))
    stand = Stand(catalogue=catalogue)
    for metric in catalogue:
        put(stand, metric.name, 12.5, labels_of(dict.fromkeys(metric.labels, HOSTILE)))
    put(stand, "orders_open", 3, labels_of(market="naver"))
    put(stand, "pushed_without_description", -0.0)
    put(stand, "service_latency_ms", 1e-300)
    answer = await scrape(stand)
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    checked = subprocess.run([promtool, "check", "metrics"], input=answer.content, capture_output=True, timeout=30)
    assert (checked.returncode, checked.stderr.decode()) == (0, "")
    assert b"orders_open" in answer.content


async def test_text_is_escaped_and_exact() -> None:
    """Help, labels and numbers are written as the format asks, to the last digit."""
    catalogue = Catalogue([Metric(name="a", en="Says \\ and\nmore.")])
    stand = Stand(catalogue=catalogue)
    put(stand, "a", 0.1 + 0.2, labels_of(l=HOSTILE))
    put(stand, "a", 2**53, labels_of(l="x"))
    put(stand, "wait_ms", 1_500)
    assert (await scrape(stand)).text.splitlines() == [
        "# HELP a Says \\\\ and\\nmore.",
        "# TYPE a gauge",
        'a{l="back\\\\slash \\"quote\\"\\nline, 한글, {brace}"} 0.30000000000000004',
        'a{l="x"} 9007199254740992.0',
        "# HELP wait_seconds Sent to Bongsu without a description.",
        "# TYPE wait_seconds gauge",
        "wait_seconds 1.5",
    ]


async def test_stale_series_are_left_out() -> None:
    """A series that wasn't measured for five minutes isn't shown as if it were."""
    stand = Stand()
    put(stand, "fresh", 1, age_ms=STALE_MS - 60_000)
    put(stand, "stale", 1, age_ms=STALE_MS + 1)
    text = (await scrape(stand)).text
    assert "fresh" in text
    assert "stale" not in text


async def test_nothing_measured_is_empty() -> None:
    """Before the first sample the exposition is empty, and good."""
    answer = await scrape(Stand())
    assert (answer.status_code, answer.text) == (200, "")
