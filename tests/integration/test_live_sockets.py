"""The gateway on real sockets: who gets in, what is said, how it ends."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from structlog.testing import capture_logs
from websockets.exceptions import ConnectionClosed, InvalidMessage, InvalidStatus

from bongsu.clock import SystemClock
from bongsu.live import METRICS, Limits
from tests.integration.live_server import PATIENCE, Served, hear, hear_all, serving, tell, until

SUBSCRIBED = {"op": "subscribe", "topics": ["custom"], "interval_ms": 1000}


HANDSHAKE = (
    b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)


@asynccontextmanager
async def raw(port: int, sent: bytes = b"") -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A bare socket on which these bytes were sent."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(sent)
        yield reader, writer
    finally:
        writer.transport.abort()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


async def rest(reader: asyncio.StreamReader) -> bytes:
    """What still comes until the other side closes or resets."""
    got = b""
    async with asyncio.timeout(PATIENCE):
        with contextlib.suppress(ConnectionError):
            while more := await reader.read(65_536):
                got += more
    return got


async def refusal(served: Served, path: str = "/", **options: Any) -> InvalidStatus:
    with pytest.raises(InvalidStatus) as refused:
        await served.connect(path, **options)
    return refused.value


async def ended(client: Any) -> int:
    """Read to the end; returns the close code."""
    async with asyncio.timeout(PATIENCE):
        with contextlib.suppress(ConnectionClosed):
            async for _ in client:
                pass
    return int(client.close_code)


@pytest.mark.guide("G101")
@pytest.mark.parametrize("compression", [None, "deflate"])
@pytest.mark.parametrize(("web", "path"), [(False, "/"), (False, "/live"), (True, "/live"), (True, "/live?lang=ko")])
async def test_who_says_nothing_gets_everything_on_both_ports(web: bool, path: str, compression: str | None) -> None:
    """Hello, a snapshot of each topic, then an update every five seconds."""
    async with serving() as served, served.connect(path, web=web, compression=compression) as client:
        assert (await hear(client))["t"] == "hello"
        served.publish(("x", 0.0), name="서울" * 200)
        await served.virtual.advance(0.25)
        assert [frame["t"] for frame in await hear_all(client, 7)] == ["snapshot"] * 7
        await served.virtual.advance(0.75)
        for second in range(1, 11):
            served.publish(("x", float(second)))
            await served.virtual.advance(1.0)
        told = [await hear(client) for _ in range(3)]
        updates = [frame for frame in told if frame["t"] == "update"]
        assert updates[-1]["metrics"][-1]["value"] == 10.0
        assert updates[1]["at"] - updates[0]["at"] == 5_000


async def test_who_subscribes_gets_just_that() -> None:
    """A quick subscription spares the default one's snapshots."""
    async with serving() as served, served.connect() as client:
        await hear(client)
        await tell(client, **SUBSCRIBED)
        assert (await hear(client))["topic"] == "custom"
        served.publish(("x", 1.0))
        await served.virtual.advance(1.2)
        assert (await hear(client))["metrics"][0]["value"] == 1.0


async def test_resuming_works_across_the_ports() -> None:
    """One hub is behind both: what was begun on one port goes on on the other."""
    async with serving() as served:
        async with served.connect() as client:
            hello = await hear(client)
            await tell(client, **SUBSCRIBED)
            seen = (await hear(client))["seq"]
        for second in range(3):
            await served.virtual.advance(1.0)
            served.publish(("x", float(second)))
        await served.virtual.advance(0.5)
        async with served.connect("/live", web=True) as client:
            await hear(client)
            await tell(client, **SUBSCRIBED, resume={"boot": hello["boot"], "seq": seen})
            assert [frame["metrics"][0]["value"] for frame in await hear_all(client, 3)] == [0.0, 1.0, 2.0]


async def test_a_path_of_ours_and_no_other() -> None:
    """Elsewhere there are no frames; on the web port the root is the board's."""
    async with serving() as served:
        assert (await refusal(served, "/other")).response.status_code == 404
        assert (await refusal(served, "/", web=True)).response.status_code == 404
        assert served.count("bongsu_live_refused_total", "path") == 2


@pytest.mark.parametrize("web", [False, True])
async def test_only_our_own_pages_may_connect_from_a_browser(web: bool) -> None:
    """A foreign page is refused, a page of the same host on another port is let in."""
    async with serving() as served:
        refused = await refusal(served, "/live", web=web, origin="https://evil.example")
        assert refused.response.status_code == 403
        assert served.count("bongsu_live_refused_total", "origin") == 1
        async with served.connect("/live", web=web, origin="http://127.0.0.1:8501") as client:
            assert (await hear(client))["t"] == "hello"


async def test_a_name_that_isnt_ours_is_refused() -> None:
    """A foreign name that resolves to this machine doesn't open it to that name's pages."""
    async with serving() as served:
        refused = await refusal(served, origin="http://evil.example", additional_headers={"Host": "evil.example"})
        assert refused.response.status_code == 400  # two Host headers
        async with raw(served.port, HANDSHAKE.replace(b"127.0.0.1", b"evil.example")) as (reader, _):
            assert (await rest(reader)).startswith(b"HTTP/1.1 403 ")
        assert served.count("bongsu_live_refused_total", "host") == 1


@pytest.mark.guide("G120")
async def test_no_more_clients_than_allowed() -> None:
    """One too many is told when to try again, and gets in once another has left."""
    async with serving(limits=Limits(clients=2)) as served:
        async with served.connect() as first, served.connect(web=True, path="/live") as second:
            await hear(first), await hear(second)
            refused = await refusal(served)
            assert refused.response.status_code == 503
            assert refused.response.headers["Retry-After"] == "10"
            assert served.count("bongsu_live_refused_total", "clients") == 1
        await until(lambda: not served.gateway.clients)
        async with served.connect() as client:
            assert (await hear(client))["t"] == "hello"


@pytest.mark.guide("G120")
async def test_no_more_clients_from_one_address_than_allowed() -> None:
    """The limit an address is one of its own."""
    async with serving(limits=Limits(clients_per_address=1)) as served, served.connect() as client:
        await hear(client)
        assert (await refusal(served)).response.status_code == 503
        assert served.count("bongsu_live_refused_total", "address") == 1


async def test_a_handshake_must_come_to_an_end() -> None:
    """Who opens a socket and says nothing, or half of it, is dropped."""
    async with serving() as served, raw(served.port, HANDSHAKE[:40]) as (reader, _):
        await until(lambda: served.gateway.clients_opening)
        await served.virtual.advance(4.9)
        assert served.gateway.clients_opening == 1
        await served.virtual.advance(0.2)
        assert await rest(reader) == b""
        assert served.count("bongsu_live_closed_total", "opening") == 1


async def test_a_handshake_is_bounded() -> None:
    """Endless headers are cut off."""
    endless = b"GET / HTTP/1.1\r\n" + b"X-Long: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n" * 1_000
    async with serving() as served, raw(served.port, endless) as (reader, _):
        assert await rest(reader) == b""
        assert served.count("bongsu_live_refused_total", "handshake") == 1


async def test_a_plain_request_hears_what_this_port_is_for() -> None:
    """A browser's page request is answered, and counted."""
    plain = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    async with serving() as served, raw(served.port, plain) as (reader, _):
        assert (await rest(reader)).startswith(b"HTTP/1.1 426 ")
        assert served.count("bongsu_live_refused_total", "handshake") == 1


@pytest.mark.parametrize(
    "noise", [b"\x16\x03\x01\x02\x00 TLS\r\n\r\n", b"\r\n\r\n", b"POST / HTTP/1.1\r\n\r\n", b"\x00" * 99]
)
async def test_noise_is_hung_up_on(noise: bytes) -> None:
    """What is no handshake ends soon and leaves nothing behind."""
    async with serving() as served, raw(served.port, noise) as (reader, _):
        await until(lambda: served.gateway.clients_opening)
        await served.virtual.advance(5.1)
        assert (await rest(reader))[:10] in (b"", b"HTTP/1.1 4")
        await until(lambda: not served.gateway.clients_opening)


async def test_pages_are_served_beside_the_frames() -> None:
    """The web port's other requests are untouched."""
    page = b"GET /monitoring/dashboard HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
    async with serving() as served, raw(served.web_port, page) as (reader, _):
        assert (await rest(reader)).endswith(b"page")


@pytest.mark.parametrize(
    "command",
    [
        "subscribe",
        "{}",
        "[]",
        "null",
        '{"op":"unsubscribe"}',
        '{"op":"subscribe","topics":["weather"]}',
        '{"op":"subscribe","topics":"system"}',
        '{"op":"subscribe","interval_ms":0}',
        '{"op":"subscribe","interval_ms":"1000"}',
        '{"op":"subscribe","interval_ms":NaN}',
        '{"op":"subscribe","resume":{"boot":"b"}}',
        '{"op":"subscribe","resume":{"boot":"b","seq":-1}}',
        "[" * 2_000,
        '{"op":"subscribe","interval_ms":1e999}',
    ],
)
async def test_a_faulty_command_is_told_and_changes_nothing(command: str) -> None:
    """The client hears what was wrong and still gets the default subscription."""
    async with serving() as served, served.connect() as client:
        await hear(client)
        await client.send(command)
        error = await hear(client)
        assert (error["t"], error["code"]) == ("error", "bad-command")
        assert served.count("bongsu_live_commands_refused_total", "bad-command") == 1
        await served.virtual.advance(0.25)
        assert (await hear(client))["t"] == "snapshot"


async def test_who_keeps_on_sending_faults_is_shown_the_door() -> None:
    """The eighth faulty command ends the connection with 1008."""
    async with serving() as served, served.connect() as client:
        await hear(client)
        for _ in range(8):
            await client.send("?")
        assert [(await hear(client))["t"] for _ in range(8)] == ["error"] * 8
        assert await ended(client) == 1008
        assert served.count("bongsu_live_closed_total", "faults") == 1


async def test_commands_are_limited_in_rate() -> None:
    """Ten at once are taken, the next is refused, and a second later one more is taken."""
    async with serving() as served, served.connect() as client:
        await hear(client)
        for _ in range(11):
            await tell(client, **SUBSCRIBED)
        frames = await hear_all(client, 11)
        assert [frame["t"] for frame in frames] == ["snapshot"] * 10 + ["error"]
        assert frames[-1]["code"] == "too-many"
        await served.virtual.advance(1.0)
        await tell(client, **SUBSCRIBED)
        assert (await hear(client))["t"] == "snapshot"


async def test_commands_may_come_in_pieces() -> None:
    """A message in several WebSocket frames is one command."""
    async with serving() as served, served.connect() as client:
        await hear(client)
        await client.send(['{"op":"subs', "", 'cribe","topics":["shop"', "]}"])
        assert (await hear(client))["topic"] == "shop"


@pytest.mark.parametrize(
    ("message", "code"),
    [(b"{}", 1003), ("x" * 4_097, 1009), (["x" * 2_000] * 3, 1009)],
    ids=["binary", "large", "large in pieces"],
)
async def test_other_messages_end_the_connection(message: Any, code: int) -> None:
    """Binary and oversized messages are answered with the code that says why."""
    async with serving() as served, served.connect(compression=None) as client:
        await hear(client)
        await client.send(message)
        assert await ended(client) == code


async def test_text_that_is_no_utf8_is_refused() -> None:
    """Broken text is a faulty command, not the server's fault."""
    async with serving() as served, served.connect() as client:
        await hear(client)
        await client.send(b'{"op":"subscribe","topics":["\xff"]}', text=True)
        assert (await hear(client))["code"] == "bad-command"


async def test_a_dead_peer_is_noticed() -> None:
    """Who answers no ping twice is dropped; who answers stays."""
    async with serving() as served, served.connect(max_queue=None) as alive, raw(served.port, HANDSHAKE):
        await until(lambda: served.gateway.clients == 2)
        for _ in range(190):
            await served.virtual.advance(1.0)
            await asyncio.wait_for(await alive.ping(), PATIENCE)
        assert served.gateway.clients == 1
        assert served.count("bongsu_live_closed_total", "silent") == 1


async def test_a_slow_client_is_dropped_to_the_latest_and_harms_nobody() -> None:
    """It stops reading; others get every frame; when it reads again it gets a gap and the newest values."""
    async with serving(default_interval_seconds=1.0) as served:
        served.table.limit = 10_000
        names = [(f"metric_{n:04}_{'x' * 100}", 0.0) for n in range(2_000)]
        async with (
            served.connect(max_queue=None, compression=None) as fast,
            served.connect(max_queue=1, compression=None) as slow,
        ):
            await hear(fast), await hear(slow)
            await tell(slow, **SUBSCRIBED)
            await hear(slow)
            await tell(fast, **SUBSCRIBED)
            await hear(fast)
            second = 0
            while not served.count("bongsu_live_frames_dropped_total"):
                second += 1
                assert second < 100
                await served.virtual.advance(1.0)
                served.publish(*[(name, float(second)) for name, _ in names])
                await served.virtual.advance(0.1)
                update = await hear(fast)
                while update["t"] == "ping":
                    update = await hear(fast)
                assert update["metrics"][0]["value"] == float(second)
            seen, newest = [], 0.0
            while newest < second:
                frame = await hear(slow)
                seen.append(frame["t"])
                if frame.get("metrics"):
                    newest = frame["metrics"][0]["value"]
            assert seen[-2:] == ["gap", "snapshot"]
            assert len(seen) < second + 2


async def test_who_sends_without_reading_is_cut_off() -> None:
    """Pings from a client that takes no answers can't fill the memory."""
    ping = b"\x89\xfd\x00\x00\x00\x00" + b"p" * 125
    async with serving() as served, raw(served.port, HANDSHAKE) as (reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        async with asyncio.timeout(2 * PATIENCE):
            with contextlib.suppress(ConnectionError):
                while not served.count("bongsu_live_closed_total", "flood"):
                    writer.write(ping * 1_000)
                    await asyncio.wait_for(writer.drain(), PATIENCE)
        assert served.count("bongsu_live_closed_total", "flood") == 1


async def test_the_log_tells_how_many_are_there() -> None:
    """One line when that changes, at most every ten seconds, and none when nothing changes."""
    async with serving() as served:
        with capture_logs() as lines:
            async with served.connect(), served.connect(max_queue=None) as client:
                await hear(client)
                await served.virtual.advance(30.0)
            await until(lambda: not served.gateway.clients)
            async with served.connect():
                await served.virtual.advance(5.0)
            await until(lambda: not served.gateway.clients)
            await served.virtual.advance(30.0)
        assert [line["open"] for line in lines if line["event"] == "live clients"] == [2, 1, 0]


async def test_stopping_says_goodbye_to_all() -> None:
    """Each client gets 1001; who doesn't answer is aborted after a second."""
    async with serving() as served, raw(served.port, HANDSHAKE) as (reader, _):
        client, other = await served.connect(), await served.connect("/live", web=True)
        await hear(client), await hear(other)
        await until(lambda: served.gateway.clients == 3)
        stop = asyncio.create_task(served.gateway.stop())
        assert await ended(client) == 1001
        assert await ended(other) == 1001
        assert not stop.done()
        for _ in range(11):
            await served.virtual.advance(0.1)
        async with asyncio.timeout(PATIENCE):
            await stop
        assert served.gateway.clients == 0
        assert b"the server is stopping" in await rest(reader)
        with pytest.raises((OSError, InvalidMessage)):
            await served.connect()


async def test_on_the_real_clock_a_reading_is_told_within_milliseconds() -> None:
    """From publishing to the client's hands, on sockets and with real timers."""
    clock = SystemClock()
    async with serving(clock=clock) as served, served.connect() as client:
        await hear(client)
        await tell(client, **SUBSCRIBED)
        await hear(client)
        lags = []
        for number in range(3):
            await clock.sleep_until(clock.monotonic() + 1 - clock.now() % 1_000 / 1_000)
            served.publish(("x", float(number)))
            frame = await hear(client)
            lags.append(clock.now() - frame["metrics"][0]["at"])
        assert sorted(lags)[1] < 100


async def test_figures_are_in_the_catalogue_of_the_room() -> None:
    """Everything the gateway counts is explained."""
    async with serving() as served:
        await refusal(served, "/other")
        async with served.connect() as client:
            await hear(client)
            await client.send("?")
            await hear(client)
        told = {(one.metric, tuple(name for name, _ in one.labels)) for one in served.gateway.figures()}
        assert told <= {(metric.name, metric.labels) for metric in METRICS}
        assert {metric for metric, _ in told} == {"bongsu_live_refused_total", "bongsu_live_commands_refused_total"}
