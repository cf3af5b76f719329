"""Clients that hold connections open without an end: slow, silent, deaf, and by the thousand."""

from __future__ import annotations

import asyncio
import os
import resource
import selectors
import socket
import ssl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import httpx
import psutil
import pytest
import websockets
from bench.wire import get

from bongsu.app import App
from bongsu.http.limits import ServerLimits
from bongsu.settings.load import load
from tests.fakes.authority import Authority
from tests.fakes.server import Stand, running
from tests.fakes.stopwatch import Stopwatch
from tests.integration.whole_server import WholeServer, until

PATIENCE = 60.0
"""Seconds after which a test gives up waiting for something that must happen: no promise, only an end."""
KEYS = (("CERTIFICATE", "cert.pem"), ("KEY", "key.pem"))
MANY = 5_000


def refused(stand: Stand) -> dict[str, float]:
    """What was refused, by reason."""
    figures = stand.server.figures()
    return {dict(one.labels)["reason"]: one.value for one in figures if one.metric == "bongsu_http_refused_total"}


async def test_slow_loris() -> None:
    """300 clients drip headers, bodies, and bodies of requests that have none; others are answered at once meanwhile,
    and every slow one is cut off though it never stops sending.
    """
    heads = b"GET /healthz HTTP/1.1\r\nhost: localhost\r\nx-a: "
    bodies = b"POST /api/v1/samples HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n" + (
        b"content-length: 100000\r\n\r\n["
    )
    ignored = b"GET /healthz HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100000\r\n\r\n"
    cut_off = 0
    limits = ServerLimits(head_seconds=2.0, body_seconds=1.0)
    stand = Stand(limits=limits)

    async def drip(beginning: bytes) -> None:
        nonlocal cut_off
        reader, writer = await asyncio.open_connection("127.0.0.1", stand.port)
        try:
            writer.write(beginning)
            while not reader.at_eof():
                writer.write(b" ")
                try:
                    async with asyncio.timeout(0.2):
                        await reader.read(4_096)
                except TimeoutError:
                    continue
        except ConnectionError:
            pass
        finally:
            writer.close()
        cut_off += 1

    async with running(stand), asyncio.timeout(PATIENCE), asyncio.TaskGroup() as group:
        for beginning in (heads, bodies, ignored):
            for _ in range(100):
                group.create_task(drip(beginning))
        slowest = 0.0
        async with httpx.AsyncClient(base_url=stand.url, trust_env=False, timeout=PATIENCE) as good:
            for _ in range(50):
                watch = Stopwatch()  # server and clients are this thread
                assert (await good.get("/healthz")).status_code == 200
                slowest = max(slowest, watch.seconds)
    assert cut_off == 300
    assert slowest < 3.0
    counts = refused(stand)
    assert counts["head-time"] == 100
    assert counts["body-time"] >= 100


async def test_who_does_not_read_is_cut_off() -> None:
    """A client that asks for megabytes and reads nothing holds its answer only so long."""
    async with running(Stand(limits=ServerLimits(stall_seconds=0.4, stop_seconds=1), series=30_000)) as stand:
        import json

        series = [{"metric": f"m{i}", "labels": {"long": "x" * 200}} for i in range(20_000)]
        body = {"series": series, "index": list(range(20_000)), "value": [1] * 20_000}
        await stand.intake.take(json.dumps(body).encode(), content_type="application/json", encoding="", sender="")
        raw = socket.create_connection(("127.0.0.1", stand.port))
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        raw.sendall(b"GET /api/v1/metrics HTTP/1.1\r\nhost: localhost\r\n\r\n" * 4)
        async with asyncio.timeout(PATIENCE):
            while not refused(stand).get("stalled"):  # noqa: ASYNC110 (the product offers no event for it)
                await asyncio.sleep(0)
        raw.close()


async def test_the_rate_of_an_address_is_bounded() -> None:
    """Too many requests get 429 with Retry-After, on the quick way too; pushed samples have their own limits."""
    stand = Stand(limits=ServerLimits(requests_per_second=1, count_loopback=True))
    async with running(stand), httpx.AsyncClient(base_url=stand.url, trust_env=False) as http:
        http.headers["accept-encoding"] = "identity"
        answers = [await http.get("/api/v1/query?metric=none&start=-1h") for _ in range(8)]
        assert [one.status_code == 429 for one in answers] == [False] * 5 + [True] * 3
        assert answers[-1].headers["retry-after"] == "1"
        assert answers[-1].json()["type"] == "urn:bongsu:problem:too-many"
        sent = await http.post("/api/v1/samples", json=[{"metric": "a", "value": 1}])
        assert sent.status_code == 200
    assert refused(stand)["rate"] >= 3


async def test_one_address_has_its_share_of_connections() -> None:
    """One more than its share is told 429, and has room again when another of it is closed."""
    stand = Stand(limits=ServerLimits(connections_per_address=2, count_loopback=True))
    async with running(stand):
        held = [await asyncio.open_connection("127.0.0.1", stand.port) for _ in range(2)]
        reader, writer = await asyncio.open_connection("127.0.0.1", stand.port)
        assert (await reader.read()).startswith(b"HTTP/1.1 429 ")
        writer.close()
        held[0][1].close()
        async with asyncio.timeout(PATIENCE), httpx.AsyncClient(base_url=stand.url, trust_env=False) as http:
            while (await http.get("/healthz")).status_code != 200:
                pass
        held[1][1].close()


async def test_changed_limits_hold_at_once(tmp_path: Path) -> None:
    """A share set while the server runs is the share of the next connection, on both ports; those that stand stay."""
    given = {"server.port": 0, "server.live_port": 0, "storage.data_dir": str(tmp_path / "data")}
    app = App(load(given, environment={}, folder=tmp_path), console=False)
    await app.start()
    try:
        port, live = (int(url.rpartition(":")[2]) for url in (app.addresses.rest, app.addresses.live))
        held = [await asyncio.open_connection("127.0.0.1", port) for _ in range(2)]
        async with websockets.connect(app.addresses.live, proxy=None) as watcher:
            await watcher.recv()
            changes = {"http_connections_per_address": 2, "count_loopback": True, "live_clients": 1}
            told = {f"limits.{name}": value for name, value in changes.items()}
            view = await app.desk.change(told, version=0, note="", by="kim")
            assert view.restart == ()
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            assert (await reader.read()).startswith(b"HTTP/1.1 429 ")
            with pytest.raises(websockets.InvalidStatus, match="503"):
                await websockets.connect(f"ws://127.0.0.1:{live}", proxy=None)
            await (await watcher.ping())
        for one in (writer, *(pair[1] for pair in held)):
            one.close()
    finally:
        await app.stop()


@contextmanager
def half_open(port: int, count: int) -> Iterator[list[socket.socket]]:
    """So many connections that never say a word."""
    held: list[socket.socket] = []
    try:
        while len(held) < count:
            held.append(socket.create_connection(("127.0.0.1", port), timeout=PATIENCE))
        yield held
    finally:
        for one in held:
            one.close()


@contextmanager
def many_files(wanted: int) -> Iterator[None]:
    """So many may be open at once in here, and in what is started in here."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < wanted:
        tell = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        tell(f"the hard limit of open files is {hard}")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def closed_by_the_server(held: list[socket.socket]) -> int:
    """How many of them have come to their end."""
    with selectors.DefaultSelector() as watch:
        for one in held:
            watch.register(one, selectors.EVENT_READ)
        return len(watch.select(timeout=0))


def test_five_thousand_half_open_sockets(tmp_path: Path) -> None:
    """5,000 silent sockets on each port: newcomers are answered in time, memory stays, and all of them are closed."""
    with (
        many_files(2 * MANY + 500),
        WholeServer(tmp_path, settings={"BONGSU_LIMITS__HTTP_HEAD_SECONDS": "3"}) as server,
    ):
        process = psutil.Process(server.process.pid)
        before = process.memory_info().rss
        with half_open(server.port, MANY) as rest, half_open(server.live_port, MANY) as live:
            watch = Stopwatch(process.pid)
            assert server.ask(get("/healthz")).status == 200
            assert server.ask(get("/api/v1/metrics")).status == 200
            assert _upgraded(server.live_port)
            assert watch.seconds < 2.0
            assert process.memory_info().rss - before < 60 << 20
            until("the end of every silent socket", lambda: closed_by_the_server(rest) == MANY)
            until("the end of every silent live socket", lambda: closed_by_the_server(live) == MANY)
        until("an empty house", lambda: process.num_fds() < 200)
        assert process.memory_info().rss - before < 60 << 20


class _Secure(WholeServer):
    """The same over TLS."""

    def __init__(self, folder: Path, **more: str) -> None:
        authority = Authority(folder / "ca")
        files = authority.issue()
        self._trusted = ssl.create_default_context(cafile=authority.file)
        where = {f"BONGSU_SERVER__TLS__{part}": str(files / name) for part, name in KEYS}
        super().__init__(folder, settings={**where, **more})

    def _ready(self) -> bool:
        return self.answers("/readyz", self.port)

    def shaken(self, port: int) -> ssl.SSLSocket:
        """A connection whose handshake is over."""
        plain = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        return self._trusted.wrap_socket(plain, server_hostname="localhost")

    def answers(self, path: str, port: int) -> bool:
        """Whether a verified request gets 200."""
        try:
            with self.shaken(port) as one:
                one.sendall(f"GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n".encode())
                return one.recv(100).startswith(b"HTTP/1.1 200 ")
        except OSError:
            return False


def test_five_thousand_half_open_handshakes(tmp_path: Path) -> None:
    """2,500 silent sockets and 2,500 that say but half of a ClientHello: hardly any memory goes to them, newcomers come
    in, and all of them are closed.
    """
    with many_files(MANY + 500), _Secure(tmp_path, BONGSU_LIMITS__HTTP_HEAD_SECONDS="3") as server:
        process = psutil.Process(server.process.pid)
        before = process.memory_info().rss
        with half_open(server.port, MANY // 2) as silent, half_open(server.port, MANY // 2) as begun:
            for one in begun:
                with suppress(OSError):  # it has made room already
                    one.sendall(b"\x16\x03\x01\x02\x00\x01")
            assert server.answers("/healthz", server.port)
            assert server.answers("/healthz", server.port)
            assert process.memory_info().rss - before < 40 << 20
            until("the end of every silent socket", lambda: closed_by_the_server(silent) == MANY // 2)
            until("the end of every handshake", lambda: closed_by_the_server(begun) == MANY // 2)
        assert process.memory_info().rss - before < 40 << 20


def test_finished_handshakes_hold_little(tmp_path: Path) -> None:
    """1,200 connections over TLS that then say nothing: those that have waited longest go, and newcomers come in."""
    with many_files(3_000), ExitStack() as held, _Secure(tmp_path) as server:
        process = psutil.Process(server.process.pid)
        before = process.memory_info().rss
        for _ in range(1_200):
            held.enter_context(server.shaken(server.port))
        assert process.num_fds() < 700
        assert process.memory_info().rss - before < 40 << 20
        assert server.answers("/healthz", server.port)


def _upgraded(port: int) -> bool:
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as one:
        lines = ["GET / HTTP/1.1", "host: localhost", "connection: upgrade", "upgrade: websocket"]
        lines += ["sec-websocket-version: 13", "sec-websocket-key: Ym9uZ3N1LWRvY3Rvci0xNg==", "", ""]
        one.sendall("\r\n".join(lines).encode())
        return one.recv(100).startswith(b"HTTP/1.1 101 ")
