"""From a sample that crosses a threshold to the request at a webhook, through the whole server.

    python -m bench.alerts [--alerts 300]

One rule without a for-duration watches a metric, each series on its own; each sample is a new series above the
threshold, so each makes its own alert, notice and request. All settings but rule and receiver are what everybody gets.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from bench.cpu import usage
from bench.figures import Figure, Goal, Outcome, quantile, table
from bench.servers import bongsu
from bench.wire import Connection, post

METRIC = "bench_orders_waiting"
PATIENCE = 15.0


class Receiver:
    """A webhook server that notes when each alert arrived."""

    def __init__(self) -> None:
        self.arrived: dict[str, float] = {}
        self._news = threading.Condition()

    def take(self, body: bytes) -> None:
        """Note the alerts of one request."""
        now = time.perf_counter()
        with self._news:
            for alert in json.loads(body)["alerts"]:
                self.arrived.setdefault(alert["labels"].get("n", ""), now)
            self._news.notify_all()

    def wait_for(self, n: str) -> float | None:
        """When that alert arrived; None where it doesn't."""
        with self._news:
            self._news.wait_for(lambda: n in self.arrived, timeout=PATIENCE)
            return self.arrived.get(n)


@contextmanager
def listening(receiver: Receiver) -> Iterator[int]:
    """The receiver on a free port."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            receiver.take(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (its name in the library)
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


def measure(*, alerts: int = 300, every: float = 0.2) -> Outcome:
    """Let `alerts` series cross the threshold, one every `every` seconds."""
    receiver = Receiver()
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch, listening(receiver) as port:
        rule = {"metric": METRIC, "value": 10, "for": "0s", "group_by": ["n"]}
        env = {
            "BONGSU_RULES": json.dumps([rule]),
            "BONGSU_NOTIFICATIONS__WEBHOOKS": json.dumps([{"name": "bench", "url": f"http://127.0.0.1:{port}/"}]),
        }
        with bongsu(Path(scratch), env=env) as server:
            _cross(server.port, receiver, "warm-up")
            before = usage(server.pid)
            began = time.perf_counter()
            taken = [_cross(server.port, receiver, str(n), pause=every) for n in range(alerts)]
            seconds = time.perf_counter() - began
            after = usage(server.pid)
    arrived = [one for one in taken if one is not None]
    cpu = (after.cpu_seconds - before.cpu_seconds) / alerts * 1000
    method = (
        f"{alerts} series crossed the threshold of one rule (for-duration 0), one every {every:g} s for "
        f"{seconds:.0f} s: from POST /api/v1/samples to the request at a webhook server on the same machine, each its "
        "own group; the wait for more of a group (100 ms) is part of it."
    )
    return Outcome(
        name="alerts",
        method=method,
        figures=(
            Figure(what="sample to webhook, median", unit="ms", ours=quantile(arrived, 0.5)),
            Figure(what="sample to webhook, p99", unit="ms", ours=quantile(arrived, 0.99), goal=Goal(bound=500)),
            Figure(what="alerts that didn't arrive", unit="", ours=float(alerts - len(arrived)), goal=Goal(bound=0)),
            Figure(what="CPU an alert, everything else included", unit="ms", ours=cpu),
        ),
    )


def _cross(port: int, receiver: Receiver, n: str, *, pause: float = 0.0) -> float | None:
    """Milliseconds from sending a sample to its alert's arrival."""
    began = time.perf_counter()
    with Connection(port) as connection:
        body = json.dumps([{"metric": METRIC, "labels": {"n": n}, "value": 11}]).encode()
        answer = connection.ask(post("/api/v1/samples", body))
        assert answer.status == 200, answer.body
    arrived = receiver.wait_for(n)
    left = began + pause - time.perf_counter()
    if left > 0:
        time.sleep(left)
    return None if arrived is None else (arrived - began) * 1000


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--alerts", type=int, default=300)
    chosen = parser.parse_args()
    outcome = measure(alerts=chosen.alerts)
    print(outcome.method, table(outcome.figures), sep="\n\n")


if __name__ == "__main__":
    main()
