"""Questions answered at once are answered as if they had gone the long way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import numpy as np
import pytest

from bongsu.http.limits import ServerLimits
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


class Line:
    """A connection that is kept open: each request is sent when the last was answered."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def ask(self, request: bytes) -> bytes:
        """The whole answer."""
        self._writer.write(request)
        async with asyncio.timeout(PATIENCE):
            head = await self._reader.readuntil(b"\r\n\r\n")
            length = next(
                int(line[16:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length: ")
            )
            return head + await self._reader.readexactly(length)


@asynccontextmanager
async def line(stand: Stand) -> AsyncIterator[Line]:
    """A connection to the server."""
    reader, writer = await asyncio.open_connection("127.0.0.1", stand.port)
    yield Line(reader, writer)
    writer.close()


def status(answer: bytes) -> int:
    """Of an answer."""
    return int(answer[9:12])


async def test_asked_again_the_answer_is_the_same(stand: Stand) -> None:
    """The second question of a connection isn't parsed; in every part it is answered like the first one."""
    targets = [
        ASKED,
        ASKED + "&step=60s&agg=max",
        ASKED.replace("=m&", "=nix&"),
        ASKED + "&step=60s",
        ASKED + "&oops=1",
    ]
    async with line(stand) as kept:
        again = [await kept.ask(get(target)) for target in [*targets, *targets]]
    alone = []
    for target in targets:
        async with line(stand) as fresh:
            alone.append(await fresh.ask(get(target)))
    assert [parts(one)[:2] for one in again] == [parts(one)[:2] for one in alone + alone]
    assert [parts(one)[2] for one in again if status(one) == 200] == [
        parts(one)[2] for one in alone + alone if status(one) == 200
    ]


async def test_who_asks_is_seen_to_each_time(stand: Stand) -> None:
    """The first account closes a connection's way as well, and a token that is revoked has no use a moment later."""
    async with line(stand) as nobody, line(stand) as somebody:
        for _ in range(3):
            assert status(await nobody.ask(get(ASKED))) == 200
        await stand.access.accounts.add("the-owner", "correct horse", "admin", by="test")
        text, token = await stand.access.tokens.add("reader", ["read"], expires_at=None, by="test")
        assert status(await nobody.ask(get(ASKED))) == 401
        asked = get(ASKED, f"authorization: Bearer {text}")
        for _ in range(3):
            assert status(await somebody.ask(asked)) == 200
        at_once = stand.measurements.asked_at_once
        assert at_once == 6
        await stand.access.tokens.remove(token.id, by="test")
        assert status(await somebody.ask(asked)) == 401


async def test_the_pace_of_an_address_holds() -> None:
    """Whoever asks too fast is told so, parsed or not."""
    limits = ServerLimits(requests_per_second=0.5, count_loopback=True)
    async with running(Stand(limits=limits)) as stand, line(stand) as kept:
        stand.measurements.prompt = True
        assert [status(await kept.ask(get(ASKED))) for _ in range(4)] == [200, 200, 429, 429]
