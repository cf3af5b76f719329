"""The whole server killed, stopped, filled up and damaged: what it acknowledged is there, and it goes on."""

from __future__ import annotations

import json
import random
import subprocess
import threading
import time
from collections import Counter
from pathlib import Path

import pytest
from bench.wire import Connection, get, post

from tests.integration.whole_server import WholeServer, until

SERIES = 100
TICKS = 20
"""Ticks of all series in one body."""
PACE = 100
"""Milliseconds from tick to tick."""
METRIC = "survival_reading"


class Sender(threading.Thread):
    """Pushes bodies one after the other as fast as they are acknowledged, until the server is gone."""

    def __init__(self, port: int, *, start: int, first: int) -> None:
        """`start` (UTC ms) is the time of body 0; this one begins with body `first`."""
        super().__init__(daemon=True)
        self._port = port
        self._start = start
        self._lock = threading.Condition()
        self.acknowledged: list[int] = []
        self.sent = first
        """The body after the last one that was sent."""

    def run(self) -> None:
        """Send until the connection breaks or a body isn't taken as a whole."""
        try:
            with Connection(self._port, patience=30.0) as connection:
                while True:
                    body = self.sent
                    request = self._request(body)
                    self.sent += 1
                    answer = connection.ask(request)
                    if answer.status != 200:
                        return
                    assert json.loads(answer.body) == {"accepted": SERIES * TICKS, "refused": []}
                    with self._lock:
                        self.acknowledged.append(body)
                        self._lock.notify_all()
        except OSError:
            return

    def wait_for(self, count: int) -> None:
        """Return once so many bodies are acknowledged."""
        with self._lock:
            assert self._lock.wait_for(lambda: len(self.acknowledged) >= count, 30.0)

    def _request(self, body: int) -> bytes:
        rows = [
            {"metric": METRIC, "labels": {"n": str(series)}, "value": tick + series, "at": self._start + tick * PACE}
            for tick in range(body * TICKS, (body + 1) * TICKS)
            for series in range(SERIES)
        ]
        return post("/api/v1/samples", json.dumps(rows).encode())


def stored(server: WholeServer, start: int, bodies: int, *, since: int = 0) -> set[int]:
    """The bodies from `since` on that are kept; none in part, no sample twice, no value changed."""
    end = start + bodies * TICKS * PACE
    found: Counter[int] = Counter()
    for one in server.query(METRIC, start=start + since * TICKS * PACE, end=end):
        series = int(one["labels"]["n"])
        times = [at for at, _ in one["points"]]
        assert len(set(times)) == len(times), "a sample is there twice"
        for at, value in one["points"]:
            tick = (at - start) // PACE
            assert value == tick + series
            found[tick // TICKS] += 1
    assert set(found.values()) <= {SERIES * TICKS}, "a body is there in part"
    return set(found)


@pytest.mark.slow
def test_killed_ten_times_at_full_rate(tmp_path: Path) -> None:
    """Killed ten times while samples pour in: every acknowledged body is there once, and it is soon back."""
    start = int(time.time() - 7_200) * 1_000
    draw = random.Random(7)
    acknowledged: set[int] = set()
    sent = 0
    server = WholeServer(tmp_path).start()
    first_opening = server.opening
    for _ in range(10):
        sender = Sender(server.port, start=start, first=sent)
        sender.start()
        sender.wait_for(draw.randint(10, 30))
        server.kill()
        sender.join(30.0)
        server.start()
        assert server.opening < first_opening + 1.0
        assert set(sender.acknowledged) <= stored(server, start, sender.sent, since=sent)
        acknowledged |= set(sender.acknowledged)
        sent = sender.sent
    assert acknowledged <= stored(server, start, sent) <= set(range(sent))
    assert server.end() == 0


def test_stopped_at_full_rate(tmp_path: Path) -> None:
    """SIGTERM while samples pour in: it ends with 0 and nothing that was acknowledged is lost."""
    start = int(time.time() - 7_200) * 1_000
    with WholeServer(tmp_path) as server:
        sender = Sender(server.port, start=start, first=0)
        sender.start()
        sender.wait_for(40)
        assert server.end() == 0
        sender.join(30.0)
        server.start()
        assert set(sender.acknowledged) <= stored(server, start, sender.sent)


SMALL_DISK = """
set -e
mount -t tmpfs -o size=12m tmpfs "$1"
head -c 8388608 /dev/zero > "$1/ballast"
shift
exec "$@"
"""


def test_a_full_disk_is_told_and_got_over(tmp_path: Path) -> None:
    """On a full disk senders hear 507 while the present is still shown; with room again it goes on by itself."""
    disk = tmp_path / "disk"
    disk.mkdir()
    within = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", SMALL_DISK, "sh", str(disk)]
    if subprocess.run([*within, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this system lets nobody but root make a small disk")
    start = int(time.time() - 7_200) * 1_000
    with WholeServer(tmp_path, within=within, data=disk / "data") as server:
        sender = Sender(server.port, start=start, first=0)
        sender.start()
        sender.join(60.0)
        refused = server.send([{"metric": "one_more", "value": 1}] * 2_000)
        assert refused.status == 507, refused.body
        assert b"full" in refused.body
        seen = _newest(server)
        until("a newer reading", lambda: _newest(server) > seen)
        Path(f"/proc/{server.process.pid}/root{disk}/ballast").unlink()
        until("room", lambda: server.send([{"metric": "one_more", "value": 1}]).status == 200)
        assert set(sender.acknowledged) <= stored(server, start, sender.sent)


def _newest(server: WholeServer) -> int:
    found = json.loads(server.ask(get("/api/v1/metrics")).body)["metrics"]
    return max(int(one["at"]) for one in found if one["metric"] == "memory_usage")


def test_a_damaged_file_is_set_aside(tmp_path: Path) -> None:
    """A history that can't be read is kept under another name and told of; a new one is started."""
    with WholeServer(tmp_path) as server:
        assert server.send([{"metric": "before", "value": 1}]).status == 200
        server.end()
        with (server.data / "history.db").open("r+b") as file:
            file.write(b"\0" * 4_096)
        server.start()
        assert [path.name for path in server.data.glob("history.db.damaged-*") if "-wal" not in path.name]
        until("the figure", lambda: server.figure("bongsu_history_damaged_total") == 1)
        assert server.send([{"metric": "after", "value": 2}]).status == 200
        assert [one["points"][0][1] for one in server.query("after")] == [2]
    assert "history_damaged" in "".join(path.read_text() for path in (tmp_path / "logs").iterdir())
