"""Services end to end: a program's requests reach the screens' figures, and our own REST is the first one watched."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from bongsu.client import Client
from bongsu.collect.scrape.exposition import parse
from bongsu.collect.scrape.translation import Rules, Translation
from bongsu.instrument import Reporter, measure
from tests.integration.whole_server import WholeServer


@pytest.mark.guide("G009", "G010", "G011", "G115")
def test_from_a_program_to_the_figures(tmp_path: Path) -> None:
    """A program's block of code is seen as a service with its error rate; ours is there beside it."""
    with WholeServer(tmp_path) as server:
        rest = f"http://127.0.0.1:{server.port}"
        with Client(rest) as client:
            reporter = Reporter(interval=3600, send=client.send_requests)
            with measure("fine", service="jobs", reporter=reporter):
                pass
            with pytest.raises(ValueError, match="no"), measure("broken", service="jobs", reporter=reporter):
                raise ValueError("no")
            reporter.flush()
            assert reporter.lost == 0
        services = httpx.get(f"{rest}/api/v1/services").json()["services"]
        jobs = next(one for one in services if one["service"] == "jobs")
        assert (jobs["requests"], jobs["errors"], jobs["error_rate"]) == (2, 1, 50.0)
        assert [one["route"] for one in jobs["routes"]] == ["broken", "fine"]
        ours = next(one for one in services if one["service"] == "bongsu")
        assert {"POST /api/v1/requests", "store commit", "collect cpu"} <= {one["route"] for one in ours["routes"]}


def test_our_own_exposition_is_scraped(tmp_path: Path) -> None:
    """A server that scrapes itself: what it exposes is read whole, and isn't taken for its own readings."""
    with WholeServer(tmp_path) as server:
        text = httpx.get(f"http://127.0.0.1:{server.port}/metrics").text
    read = parse(text)
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    assert [name for name, _ in read.series] == [line.rpartition(" ")[0] for line in lines]
    assert {family.kind for family in read.families.values()} == {"gauge", "counter"}
    translation = Translation(Rules(target="me"), declare=lambda _: None, taken=("memory_usage",))
    samples = translation.samples(read)
    assert len(samples) == len(lines)
    assert {one.metric for one in samples if "memory_usage" in one.metric} == {"scraped_memory_usage"}
    assert translation.refused == 0
