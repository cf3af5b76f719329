"""A request that is compared with the last one instead of being parsed is answered as if it had been parsed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any
from unittest.mock import patch

from hypothesis import example, given
from hypothesis import strategies as st
from starlette.types import Receive, Scope, Send
from uvicorn.server import ServerState

from bongsu.clock import SystemClock
from bongsu.http.connection import BoundedConfig, BoundedConnection
from bongsu.http.crowd import Crowd
from bongsu.http.limits import ServerLimits
from tests.fakes.transport import Transport

HEADS = (b"host: a\r\n", b"host: a\r\nx-b: 1\r\n", b"Host: a\r\nx-wait: 1\r\n", b"host: a\r\nconnection: close\r\n")
TARGETS = (
    b"/quick?a",
    b"/quick?b=%20",
    b"/quick?" + b"c" * 300,
    b"/slow",
    b"/quick#d",
    b"/quick?e f",
    b"/qu\x01ick",
    b"",
)
PLAIN = bytes(set(range(0x21, 0x7F)) - set(b"#"))
QUICK = b"GET /quick?%b HTTP/1.1\r\nhost: a\r\n\r\n"
REQUESTS = st.one_of(
    st.builds(b"GET %b HTTP/1.1\r\n%b\r\n".__mod__, st.tuples(st.sampled_from(TARGETS), st.sampled_from(HEADS))),
    st.sampled_from(
        [
            QUICK % b"a",
            QUICK % b"b",
            b"GET /quick?a HTTP/1.0\r\nhost: a\r\n\r\n",
            b"HEAD /quick?a HTTP/1.1\r\nhost: a\r\n\r\n",
            b"GETT /quick?a HTTP/1.1\r\nhost: a\r\n\r\n",
            b"\r\nGET /quick?a HTTP/1.1\r\nhost: a\r\n\r\n",
            b"POST /quick HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\n\r\nabc",
            b"GET /quick?a HTTP/1.1\r\nhost: a\r\ncontent-length: 41\r\n\r\nGET /quick?b HTTP/1.1\r\nhost: a\r\n\r\n",
            b"GET /quick?a HTTP/1.1\r\nhost: a\r\nx-of: GET /quick?a HTTP/1.1\r\nhost: a\r\n\r\n",
        ]
    ),
)
CHUNKS = st.lists(st.tuples(REQUESTS, st.none() | st.integers(1, 60), st.booleans()), max_size=6).map(
    lambda parts: chunks(parts)
)


def chunks(parts: list[tuple[bytes, int | None, bool]]) -> list[bytes]:
    """The requests as they arrive: whole, in two pieces, or with the one before."""
    found: list[bytes] = []
    for request, cut, joined in parts:
        first, *rest = [request] if cut is None else [request[:cut], request[cut:]]
        if joined and found:
            found[-1] += first
        else:
            found.append(first)
        found += rest
    return [one for one in found if one]


class Quick:
    """Answers `/quick` with what was asked, unless a header says to wait."""

    def __init__(self) -> None:
        self.again = 0

    def answer(self, url: bytes, headers: Sequence[tuple[bytes, bytes]]) -> list[bytes] | None:
        if not url.startswith(b"/quick") or any(name in (b"x-wait", b"content-length") for name, _ in headers):
            return None
        said = repr((url, list(headers))).encode()
        return [b"content-length: %d\r\n\r\n" % len(said), said]

    def answer_again(self, path: bytes, query: bytes, headers: Sequence[tuple[bytes, bytes]]) -> list[bytes] | None:
        self.again += 1
        return None if query.translate(None, PLAIN) else self.answer(path + b"?" + query, headers)


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """The application: tells what it was asked, body and all."""
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    said = repr(("slowly", scope["method"], scope["raw_path"], scope["query_string"], scope["headers"], body)).encode()
    headers = [(b"content-length", b"%d" % len(said))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": said})


async def said(data: list[bytes], *, again: bool) -> tuple[bytes, bool, int, int]:
    """What a connection says to these chunks, whether it closes; how often nothing was parsed; how many it counts."""
    limits, quick = ServerLimits(), Quick()
    config = BoundedConfig(
        echo, limits=limits, crowd=Crowd(limits, SystemClock()), at_once=quick, log_config=None, lifespan="off"
    )
    state = ServerState()
    connection = BoundedConnection(config, state, {})
    transport = Transport()
    connection.connection_made(transport)
    for one in data:
        if transport.closed:
            break
        if not again:
            connection._usual = None
        connection.data_received(one)
        for _ in range(12):
            await asyncio.sleep(0)
    connection.connection_lost(None)
    return transport.sent, transport.closed, quick.again, state.total_requests


@given(CHUNKS)
@example([QUICK % b"a"] * 3)
@example([QUICK % b"a", QUICK % b"e f"])
@example([QUICK % b"a", QUICK % b"\x01"])
@example([QUICK % b"a", QUICK % b"a HTTP/1.1\r\nhost: a\r\n\r\nGET /quick?b"])
@example([QUICK % b"a", b"PUT /quick?b HTTP/1.1\r\nhost: a\r\n\r\n"])
@example([QUICK % b"a" * 2, QUICK % b"b" + QUICK % b"a"])
@example([b"GET /quick?a HTTP/1.1\r\nx-of: ", QUICK % b"a", QUICK % b"b"])
@example([b"\r\n" + QUICK % b"a", QUICK % b"a"])
def test_the_same_is_said(data: list[bytes]) -> None:
    """Whatever comes, in pieces or together, before and after: byte by byte the same, and as many requests counted."""

    async def both() -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        return await said(data, again=True), await said(data, again=False)

    with patch("bongsu.http.connection.secrets.token_hex", return_value="0"):
        quick, usual = asyncio.run(both())
    assert usual[2] == 0
    assert quick[:2] == usual[:2]
    assert quick[3] == usual[3]


def test_what_differs_by_its_address_alone_is_not_parsed() -> None:
    """The first is parsed and what follows isn't; another head is parsed again."""
    one, other = QUICK, b"GET /quick?%b HTTP/1.1\r\nhost: b\r\n\r\n"
    for data, times in (
        ([one % b"a", one % b"b", one % b"c"], 2),
        ([one % b"a", other % b"a", other % b"b"], 1),
        ([one % b"a" + one % b"b", one % b"c", one % b"d"], 1),
        ([one % b"a", b"GET /slow HTTP/1.1\r\nhost: a\r\n\r\n", one % b"b", one % b"c"], 1),
    ):
        assert asyncio.run(said(data, again=True))[2] == times
