"""The console's own port under clients that hold connections open: the same bounds as the server's ports have."""

from __future__ import annotations

import json
import socket
import ssl
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path

import httpx
import psutil
import pytest

from bongsu.console.place import Place
from bongsu.console.process import console_command, free_port
from bongsu.http.limits import ServerLimits
from bongsu.tls import KeyFiles
from tests.fakes.authority import Authority
from tests.fakes.stopwatch import Stopwatch
from tests.integration.console_processes import running, wait_for
from tests.integration.test_limits import MANY, closed_by_the_server, half_open, many_files

LIMITS = ServerLimits(head_seconds=2.0, body_seconds=1.0, idle_seconds=5)
DRIPS = (
    b"GET /healthz HTTP/1.1\r\nhost: localhost\r\nx-a: ",
    b"POST /api/v1/samples HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100000\r\n\r\n[",
)


@pytest.mark.parametrize("secure", [False, True], ids=["clear", "tls"])
def test_slow_and_silent_clients(tmp_path: Path, secure: bool) -> None:
    """Dripping heads and bodies are cut off; 5,000 silent sockets keep nobody out, cost little and are all closed."""
    authority, port, log = Authority(tmp_path / "ca"), free_port(), tmp_path / "log"
    folder = authority.issue()
    trusted = ssl.create_default_context(cafile=authority.file)
    files = KeyFiles(certificate=folder / "cert.pem", key=folder / "key.pem") if secure else None
    command = console_command(Place(rest_url="http://127.0.0.1:1"), port=port, tls=files, limits=LIMITS)
    url = f"{'https' if secure else 'http'}://localhost:{port}/healthz"

    def well() -> bool:
        try:
            return httpx.get(url, timeout=30.0, trust_env=False, verify=trusted).status_code == 200
        except httpx.HTTPError:
            return False

    def opened(beginning: bytes) -> socket.socket:
        plain = socket.create_connection(("localhost", port))
        one = trusted.wrap_socket(plain, server_hostname="localhost") if secure else plain
        one.sendall(beginning)
        return one

    with many_files(MANY + 500), running(command, folder=tmp_path, log=log) as console, ExitStack() as stack:
        wait_for("the console", well, log)
        process = psutil.Process(console.pid)
        dripping = [stack.enter_context(opened(beginning)) for beginning in DRIPS * 20]
        wait_for("the end of every slow client", lambda: cut_off(dripping) == len(dripping), log)
        before = process.memory_info().rss
        with half_open(port, MANY) as held:
            watch = Stopwatch(process.pid)
            assert well()
            assert watch.seconds < 5.0
            assert process.memory_info().rss - before < 40 << 20
            wait_for("the end of every silent socket", lambda: closed_by_the_server(held) == MANY, log)
        assert well()


def test_limits_change_while_it_runs(tmp_path: Path) -> None:
    """A line of its standard input bounds the console anew: this machine's own requests are counted from then on."""
    port, log = free_port(), tmp_path / "log"
    command = console_command(Place(rest_url="http://127.0.0.1:1"), port=port, limits=ServerLimits())
    url = f"http://127.0.0.1:{port}/healthz"

    def status() -> int:
        try:
            return httpx.get(url, timeout=5.0, trust_env=False).status_code
        except httpx.HTTPError:
            return 0

    with running(command, folder=tmp_path, log=log) as console:
        wait_for("the console", lambda: status() == 200, log)
        assert [status() for _ in range(8)] == [200] * 8
        assert console.stdin is not None
        fewer = ServerLimits(requests_per_second=0.2, count_loopback=True)
        console.stdin.write(f"{json.dumps(asdict(fewer))}\n".encode())
        console.stdin.flush()
        wait_for("the new bound", lambda: status() == 429, log)
        assert console.poll() is None


def cut_off(dripping: list[socket.socket]) -> int:
    """One more byte of each; how many take none any more."""
    ended = 0
    for one in dripping:
        try:
            one.sendall(b" ")
        except OSError:
            ended += 1
    return ended
