"""A small real server with what the console's pages ask: facts and history."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

FACTS: dict[str, Any] = {
    "version": "0.1",
    "demo": False,
    "language": "ko",
    "timezone": "Asia/Seoul",
    "thresholds": {"cpu_threshold_percent": 80.0},
}


class LittleServer:
    """Answers on a port of its own until it is left; `facts` None makes it fail, `barred` ask who comes."""

    def __init__(self) -> None:
        self.facts: dict[str, Any] | None = dict(FACTS)
        self.barred = False
        self.history_works = True
        self.alerts: list[dict[str, Any]] = []
        self.asked: list[str] = []
        world = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                url = urlsplit(self.path)
                world.asked.append(self.path)
                status, body = world.answer(url.path, {key: values[0] for key, values in parse_qs(url.query).items()})
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.end_headers()
                self.wfile.write(json.dumps(body).encode())

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    def answer(self, path: str, query: dict[str, str]) -> tuple[int, Any]:
        """Status and body for a path."""
        if self.barred:
            return 401, {"title": "Sign in first", "status": 401}
        if path == "/monitoring/boot.json" and self.facts is not None:
            return 200, self.facts
        if path == "/api/v1/query" and self.history_works:
            end = int(query["end"])
            points = [[end - 60_000, 41.5], [end - 30_000, 42.5]] if query["metric"] == "cpu_usage" else []
            return 200, {"series": [{"metric": query["metric"], "labels": {}, "points": points}]}
        if path == "/api/v1/marks" and self.history_works:
            return 200, {"at": 0, "marks": []}
        if path == "/api/v1/alerts" and self.history_works:
            return 200, {"at": 0, "alerts": self.alerts}
        return 503, {"title": "away", "detail": "the store is closed", "status": 503}

    @contextmanager
    def running(self) -> Iterator[LittleServer]:
        """Serve within the block."""
        self._thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()
