"""Questions answered at once are answered as if they had gone the long way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import numpy as np
import pytest

from bongsu.model.sample import Batch, labels_of
from tests.fakes.server import Stand, running

PATIENCE = 20.0
T0 = 1_763_778_000_000
ASKED = f"/api/v1/query?metric=m&start={T0}&end={T0 + 600_000}"


@pytest.fixture
async def stand() -> AsyncIterator[Stand]:
    """A server with ten minutes of one series, asked questions of which it answers at once."""
    async with running(Stand(allowed_origins=["https://elsewhere.example"])) as stand:
        series = stand.table.intern("m", labels_of(host="a"))
        at = T0 + 1_000 * np.arange(600, dtype=np.int64)
        stand.measurements.publish(Batch(series=np.full(600, series, np.int32), at=at, value=at / 7))
        stand.measurements.prompt = True
        yield stand


async def exchange(stand: Stand, *requests: bytes) -> bytes:
    """All that the server says to these requests, sent in one go, until it closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", stand.port)
    writer.write(b"".join(requests))
    async with asyncio.timeout(PATIENCE):
        said = await reader.read()
    writer.close()
    return said


def get(target: str, *more: str, last: bool = False) -> bytes:
    """A request; after the last one the server closes."""
    lines = [f"GET {target} HTTP/1.1", "host: localhost", *more, *(["connection: close"] if last else [])]
    return "\r\n".join([*lines, "", ""]).encode()


def parts(answer: bytes) -> tuple[bytes, set[bytes], bytes]:
    """Status line, header lines and body of one answer."""
    head, _, body = answer.partition(b"\r\n\r\n")
    status, *lines = head.split(b"\r\n")
    return status, {line.lower() for line in lines if not line.lower().startswith((b"date:", b"connection:"))}, body


@pytest.mark.parametrize("target", [ASKED, ASKED + "&step=60s&agg=max", ASKED.replace("=m&", "=nix&")])
async def test_the_answer_is_the_same(stand: Stand, target: str) -> None:
    """Status, headers and body are those of the long way, which the last request of a connection goes."""
    both = await exchange(stand, get(target), get(target, last=True))
    first, long = both.split(b"HTTP/1.1 ")[1:]
    assert parts(first) == parts(long)
    assert stand.measurements.asked_at_once == 1


@pytest.mark.parametrize(
    "more", ["origin: https://elsewhere.example", "accept-encoding: gzip", "content-length: 0", "expect: 100-continue"]
)
async def test_what_asks_for_more_goes_the_long_way(stand: Stand, more: str) -> None:
    """Other sites' pages, compression and bodies are the application's."""
    said = await exchange(stand, get(ASKED, more), get("/healthz", last=True))
    assert said.count(b"HTTP/1.1 200") == 2
    assert stand.measurements.asked_at_once == 0


async def test_faults_are_told_as_ever(stand: Stand) -> None:
    """A wrong parameter is a problem document, and so is a name that isn't ours."""
    said = await exchange(
        stand,
        get(ASKED + "&oops=1"),
        get(ASKED).replace(b"localhost", b"rebound.example"),
        get("/healthz", last=True),
    )
    assert [line.split()[0] for line in said.split(b"HTTP/1.1 ")[1:]] == [b"400", b"421", b"200"]


async def test_answers_come_in_the_order_of_the_questions(stand: Stand) -> None:
    """Requests sent without waiting, some answered at once and some not, are answered in their order."""
    said = await exchange(stand, get("/healthz"), get(ASKED), get("/nowhere"), get(ASKED), get("/healthz", last=True))
    assert [line.split()[0] for line in said.split(b"HTTP/1.1 ")[1:]] == [b"200", b"200", b"404", b"200", b"200"]
    assert said.count(b"points") == 2


async def test_what_takes_longer_is_waited_for(stand: Stand) -> None:
    """Where the history has no answer at hand, the question goes the long way."""
    stand.measurements.prompt = False
    said = await exchange(stand, get(ASKED), get("/healthz", last=True))
    assert said.count(b"HTTP/1.1 200") == 2
    assert said.count(b"points") == 1
