"""`bongsu check`: one sample and one alert sent the whole way on free ports in a folder of its own, in a few seconds.

Settings are the user's but for ports, folders, and who is told: nothing leaves this machine.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import ssl
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

from pydantic import SecretStr
from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

from bongsu.app import App
from bongsu.clock import SystemClock
from bongsu.collect.own import CollectorError
from bongsu.commands.config import read
from bongsu.commands.loop import loop_factory
from bongsu.commands.server import RunningServer
from bongsu.commands.up import own_context
from bongsu.commands.words import Words
from bongsu.doors import Addresses
from bongsu.logs import Logs
from bongsu.model.errors import BongsuError
from bongsu.ports import Clock
from bongsu.settings.alerts import AlertsSection
from bongsu.settings.model import Settings
from bongsu.settings.notifications import Notifications, Webhook
from bongsu.settings.show import secrets_in

METRIC = "selftest_value"
LONGEST = 15.0
"""Seconds after which a step has failed."""


TROUBLES = (BongsuError, CollectorError, OSError, http.client.HTTPException, WebSocketException)
"""What a step may end in besides not coming out as it must; anything else is our own fault, with its traceback."""


class StepFailed(Exception):
    """A step of the self-test didn't come out as it must; the text says how."""


def run(words: Words, config: Path | None) -> int:
    """Run the self-test; 0 where the whole way works, else 1 with the step that fails."""
    with TemporaryDirectory(prefix="bongsu-check-") as folder:
        free = {"server.port": 0, "server.live_port": 0, "server.console_port": 0, "storage.data_dir": folder}
        loaded = read(words, config, {**free, "server.host": "127.0.0.1"})
        if loaded is None:
            return 1
        words = Words(loaded.settings.monitoring.language)
        print(words("check_start"))
        logs = Logs(terminal=sys.stderr, level="ERROR", secrets=secrets_in(loaded.settings))
        try:
            with Sink() as sink, asyncio.Runner(loop_factory=loop_factory()) as runner:
                app = App(told_here(loaded.settings, sink.url), console=False)
                return runner.run(_whole_way(words, app, sink))
        finally:
            logs.close()


def told_here(settings: Settings, url: str) -> Settings:
    """The settings with one receiver of alerts, on this machine, and nothing that acts outside."""
    here = Notifications(webhooks=[Webhook(name="selftest", url=SecretStr(url), secret=None)])
    quiet = {"escalation": [], "alerts": AlertsSection(), "actions": []}
    return settings.model_copy(update={"notifications": here, **quiet})


class Sink:
    """A receiver of alerts on a free port of this machine."""

    def __init__(self) -> None:
        self._arrived: list[str] = []
        self._news = threading.Condition()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}/"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def has(self, text: str, *, within: float) -> bool:
        """Whether a body with this text arrives within these seconds."""
        with self._news:
            return self._news.wait_for(lambda: any(text in body for body in self._arrived), timeout=within)

    def _take(self, body: bytes) -> None:
        with self._news:
            self._arrived.append(body.decode(errors="replace"))
            self._news.notify_all()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        take = self._take

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                take(self.rfile.read(int(self.headers.get("content-length", "0"))))
                self.send_response(204)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (its name in the library)
                """Not to the terminal."""

        return Handler


async def _whole_way(words: Words, app: App, sink: Sink) -> int:
    clock = SystemClock()
    began = clock.monotonic()
    step = "server"
    try:
        await app.start()
        way = Way(app.addresses, clock, sink, own_context(app.settings))
        try:
            for step, work in way.steps():
                await asyncio.to_thread(work)
                print(f"  ✓ {words(f'check_step_{step}')}", flush=True)
        finally:
            await asyncio.to_thread(way.close)
            await app.stop()
    except (StepFailed, *TROUBLES) as error:
        print(f"  ✗ {words('check_bad', step=words(f'check_step_{step}'), reason=error)}", flush=True)
        return 1
    print(words("check_good", seconds=f"{clock.monotonic() - began:.1f}"))
    return 0


class Way:
    """The way of one sample through a server, seen from outside; `tls` verifies it where it speaks TLS."""

    def __init__(self, addresses: Addresses, clock: Clock, sink: Sink, tls: ssl.SSLContext | None = None) -> None:
        self._sink = sink
        self._server = RunningServer(url=addresses.rest, tls=tls)
        self._live = addresses.live
        self._tls = tls
        self._clock = clock
        self._value = float(clock.now() % 1_000_000)
        self._open = ExitStack()
        self._socket: ClientConnection | None = None

    def steps(self) -> Iterator[tuple[str, Callable[[], None]]]:
        """The steps in order, by name; each raises where it fails."""
        yield "server", self.ready
        yield "board", self.board
        yield "collect", self.collected
        yield "watch", self.watch
        yield "sample", self.send
        yield "live", self.arrives
        yield "history", self.comes_back
        yield "alert", self.alerts

    def ready(self) -> None:
        """`/readyz` says 200 within the time a step has."""
        self._until(lambda: self._ask("GET", "/readyz")[0] == 200, "/readyz never said ready")

    def board(self) -> None:
        """The board's page is served."""
        status, _ = self._ask("GET", "/monitoring/dashboard")
        if status != 200:
            raise StepFailed(f"/monitoring/dashboard answers {status}")

    def collected(self) -> None:
        """A reading of this machine is there."""
        self._until(lambda: b'"cpu_usage"' in self._ask("GET", "/api/v1/metrics")[1], "no cpu_usage was read")

    def watch(self) -> None:
        """The live socket opens and tells what there is, as to a screen."""
        opened = connect(self._live, proxy=None, open_timeout=LONGEST, close_timeout=1, ssl=self._tls)
        self._socket = self._open.enter_context(opened)
        self._socket.send(json.dumps({"op": "subscribe", "topics": ["custom"], "interval_ms": 200}))
        self._frames_until(lambda frame: bool(frame["t"] == "snapshot"))

    def send(self) -> None:
        """The sample is taken."""
        body = json.dumps([{"metric": METRIC, "value": self._value}]).encode()
        status, answer = self._ask("POST", "/api/v1/samples", body)
        if status != 200 or json.loads(answer).get("accepted") != 1:
            raise StepFailed(f"/api/v1/samples answers {status}: {answer[:200].decode(errors='replace')}")

    def arrives(self) -> None:
        """It is told to whoever watches."""
        self._frames_until(lambda frame: (METRIC, self._value) in _values(frame))

    def comes_back(self) -> None:
        """It is found in history."""
        status, answer = self._ask("GET", f"/api/v1/metrics/{METRIC}/history?hours=1")
        if status != 200 or str(self._value).encode().removesuffix(b".0") not in answer:
            raise StepFailed(f"history answers {status}: {answer[:200].decode(errors='replace')}")

    def alerts(self) -> None:
        """An alert is taken and reaches its receiver."""
        message = f"selftest {self._value:.0f}"
        status, answer = self._ask("POST", "/api/v1/alerts", json.dumps({"message": message}).encode())
        if status != 202:
            raise StepFailed(f"/api/v1/alerts answers {status}: {answer[:200].decode(errors='replace')}")
        if not self._sink.has(message, within=LONGEST):
            raise StepFailed(f"it didn't reach its receiver within {LONGEST:.0f} s")

    def close(self) -> None:
        """Close the live socket."""
        self._open.close()

    def _ask(self, method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
        connection = self._server.connection(LONGEST)
        try:
            connection.request(method, path, body, {"content-type": "application/json"} if body else {})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def _until(self, good: Callable[[], bool], otherwise: str) -> None:
        deadline = self._clock.monotonic() + LONGEST
        while not good():
            if self._clock.monotonic() > deadline:
                raise StepFailed(f"{otherwise} within {LONGEST:.0f} s")
            threading.Event().wait(0.05)

    def _frames_until(self, wanted: Callable[[dict[str, Any]], bool]) -> None:
        assert self._socket is not None
        deadline = self._clock.monotonic() + LONGEST
        while (left := deadline - self._clock.monotonic()) > 0:
            try:
                if wanted(json.loads(self._socket.recv(timeout=left))):
                    return
            except TimeoutError:
                break
        raise StepFailed(f"nothing arrived within {LONGEST:.0f} s")


def _values(frame: dict[str, Any]) -> list[tuple[str, float]]:
    return [(entry["metric"], entry["value"]) for entry in frame.get("metrics", ())]
