"""Targets that Prometheus would scrape, as real servers of this machine."""

from __future__ import annotations

import asyncio
import base64
import gzip
import ssl
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import trustme

from bongsu.clock import SystemClock
from bongsu.collect.scheduler import Scheduler
from bongsu.collect.scrape.collector import ScrapeCollector, scrapers
from bongsu.model.sample import Sample
from bongsu.settings.model import Settings
from tests.integration.checked import Recorder
from tests.integration.little import Little

TEXT = b'# TYPE http_requests_total counter\nhttp_requests_total{code="200"} 7\n'


def answer(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    """An HTTP answer of these bytes."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Content-Type: text/plain; version=0.0.4", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


@pytest.fixture
async def little() -> AsyncIterator[Little]:
    """A server in plain text."""
    one = Little(answer(TEXT))
    await one.start()
    yield one
    one.stop()


def target(url: str, **settings: Any) -> ScrapeCollector:
    """A collector as the settings make it."""
    read = Settings.model_validate({"scrape": [{"name": "api", "url": url, **settings}]})
    (made,) = scrapers(read.scrape, clock=SystemClock(), declare=lambda _: None, taken=())
    return made


async def scraped(url: str, **settings: Any) -> dict[str, float]:
    """One scrape: values by metric."""
    return {one.metric: one.value for one in await target(url, **settings).collect()}


async def test_packed_and_behind_a_password(little: Little) -> None:
    """gzip is asked for and unpacked; basic and bearer authentication and further headers are sent."""
    little.answer = answer(gzip.compress(TEXT), "Content-Encoding: gzip")
    url = f"http://127.0.0.1:{little.port}/metrics"
    found = await scraped(url, username="u", password="p", headers={"X-Scope": "me"})
    assert (found["http_requests_total"], found["scrape_up"], found["scrape_samples"]) == (7.0, 1.0, 1.0)
    assert base64.b64encode(b"u:p") in little.asked
    assert b"X-Scope: me\r\n" in little.asked
    assert b"Accept-Encoding: gzip\r\n" in little.asked
    await scraped(url, bearer_token="s3cret")
    assert b"Authorization: Bearer s3cret\r\n" in little.asked


async def test_certificates_are_verified(tmp_path: Path) -> None:
    """Over TLS the target is read with the authority it was signed by, and with no other."""
    authority = trustme.CA()
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(tls)
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    one = Little(answer(TEXT), tls)
    await one.start()
    url = f"https://127.0.0.1:{one.port}/metrics"
    assert (await scraped(url, ca_file=str(tmp_path / "ca.pem")))["scrape_up"] == 1.0
    assert (await scraped(url))["scrape_up"] == 0.0
    one.stop()


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (answer(b"", "Location: http://169.254.169.254/", status="302 Found"), "redirects to http://169.254.169.254/"),
        (answer(b"<html>", status="200 OK"), "line 1"),
        (answer(b"", status="401 Unauthorized"), "answers 401"),
        (answer(b"no gzip", "Content-Encoding: gzip"), "says gzip"),
        (answer(gzip.compress(b"a 1\n" * 5_000_000, 1), "Content-Encoding: gzip"), "longer than"),
        (answer(gzip.compress(TEXT)[:-9], "Content-Encoding: gzip"), "cut off"),
        (answer(b"\xff 1\n"), "no UTF-8"),
        (answer(TEXT)[:-5], "before the answer was whole"),
    ],
    ids=["redirect", "html", "401", "no-gzip", "bomb", "cut", "bytes", "broken"],
)
async def test_what_cannot_be_read_is_down_and_says_why(
    little: Little, caplog: pytest.LogCaptureFixture, body: bytes, said: str
) -> None:
    """A target that redirects, refuses or answers nonsense is down; the log says why, once, without secrets."""
    little.answer = body
    one = target(f"http://127.0.0.1:{little.port}/metrics?key=s3cret")
    for _ in range(2):
        found = {sample.metric: sample.value for sample in await one.collect()}
        assert (found["scrape_up"], found["scrape_samples"]) == (0.0, 0.0)
    (line,) = [record.getMessage() for record in caplog.records]
    assert said in line
    assert "s3cret" not in line


async def test_a_target_that_hangs_harms_nobody() -> None:
    """One never answers: others are read at their pace, and it is told as down after its time-out."""
    quick, hanging = Little(answer(TEXT)), await asyncio.start_server(_hang, "127.0.0.1", 0)
    await quick.start()
    port = hanging.sockets[0].getsockname()[1]
    targets = [
        {"name": "quick", "url": f"http://127.0.0.1:{quick.port}/", "interval": "1s", "timeout": "500ms"},
        {"name": "hanging", "url": f"http://127.0.0.1:{port}/", "interval": "1s", "timeout": "500ms"},
    ]
    settings = Settings.model_validate({"scrape": targets})
    recorder, clock = Recorder(), SystemClock()
    scheduler = Scheduler(
        collectors=scrapers(settings.scrape, clock=clock, declare=lambda _: None, taken=()),
        measure=recorder.measure,
        clock=clock,
    )
    scheduler.start()
    await _until(lambda: bool(_up(recorder.samples, "hanging")) and len(_up(recorder.samples, "quick")) > 1)
    assert set(_up(recorder.samples, "quick")) == {1.0}
    assert set(_up(recorder.samples, "hanging")) == {0.0}
    await scheduler.stop()
    quick.stop()
    hanging.close()


async def _until(done: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while True:
            if done():
                return
            await asyncio.sleep(0.01)


def _up(samples: list[Sample], name: str) -> list[float]:
    return [one.value for one in samples if one.metric == "scrape_up" and ("target", name) in one.labels]


async def _hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()
    writer.close()
