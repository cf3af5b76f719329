"""Events of feeds against the whole server: killed under load, sent again, on a full disk; each counted once."""

from __future__ import annotations

import json
import subprocess
import time
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from bench.wire import Answer, Connection, get

from tests.integration.whole_server import WholeServer, until

SYMBOLS = 50
EACH = 20
"""Events of each symbol in one body."""


@cache
def request(body: int, *, key: int | None = None) -> bytes:
    """The body with this number, under its own key; the same text each time."""
    now = int(time.time() * 1000)
    count = SYMBOLS * EACH
    text = json.dumps(
        {
            "feed": "test",
            "symbols": [f"s{i}" for i in range(SYMBOLS)],
            "index": [i // EACH for i in range(count)],
            "at": [now] * count,
            "seq": [body * EACH + i % EACH + 1 for i in range(count)],
            "fields": {"price": [100 + i % 7 for i in range(count)], "side": ["buy"] * count},
        }
    ).encode()
    head = (
        "POST /api/v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Idempotency-Key: body-{body if key is None else key}\r\nContent-Length: {len(text)}\r\n\r\n"
    )
    return head.encode() + text


def feed(server: WholeServer) -> dict[str, Any]:
    """The feed over the last hour."""
    answer = server.ask(get("/api/v1/quality/test?window=1h"))
    assert answer.status == 200, answer.body
    found: dict[str, Any] = json.loads(answer.body)["feed"]
    return found


@pytest.mark.guide("G037")
def test_killed_under_load_every_event_counts_once(tmp_path: Path) -> None:
    """Killed four times with a body on its way, which is sent again: nothing lost, nothing counted twice."""
    server = WholeServer(tmp_path).start()
    body = 0
    try:
        for life in range(4):
            with Connection(server.port, patience=30.0) as connection:
                for _ in range(7 + 5 * life):
                    answer = connection.ask(request(body))
                    assert (answer.status, json.loads(answer.body)["accepted"]) == (200, SYMBOLS * EACH)
                    body += 1
                connection._socket.sendall(request(body))
                time.sleep(0.004 * life)
                server.kill()
            server.start()
            again = server.ask(request(body))
            assert (again.status, json.loads(again.body)["accepted"]) == (200, SYMBOLS * EACH)
            body += 1
        found = feed(server)
        assert found["events"] == body * SYMBOLS * EACH
        assert (found["lost"], found["duplicates"], found["symbols"]) == (0, 0, SYMBOLS)
        assert server.ask(request(1, key=0)).status == 400, "a key that comes with another body is refused"
        server.end()
        server.start()
        assert feed(server)["events"] == body * SYMBOLS * EACH
        assert len(list((tmp_path / "data").glob("feeds.journal.*"))) <= 1
    finally:
        server.kill()


SMALL_DISK = """
set -e
mount -t tmpfs -o size=12m tmpfs "$1"
head -c 8388608 /dev/zero > "$1/ballast"
shift
exec "$@"
"""


def test_a_full_disk_is_told(tmp_path: Path) -> None:
    """With the disk full senders hear 507 and nothing of that body counts; with room again it is taken."""
    disk = tmp_path / "disk"
    disk.mkdir()
    within = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", SMALL_DISK, "sh", str(disk)]
    if subprocess.run([*within, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this system lets nobody but root make a small disk")
    with WholeServer(tmp_path, within=within, data=disk / "data") as server:
        taken = 0

        begun = int(time.time())

        def send() -> Answer:
            return server.ask(request(taken, key=begun + taken))

        while (answer := send()).status == 200:
            taken += 1
            assert taken < 2_000
        assert answer.status == 507, answer.body
        assert b"full" in answer.body
        Path(f"/proc/{server.process.pid}/root{disk}/ballast").unlink()
        until("room", lambda: send().status == 200)
        found = feed(server)
        assert (found["events"], found["duplicates"]) == ((taken + 1) * SYMBOLS * EACH, 0)
