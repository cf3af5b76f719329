"""`bongsu check`: one sample sent the whole way on free ports in a folder of its own, in a few seconds.

Settings are the user's but for ports and folders; nothing leaves this machine.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

from bongsu.app import App
from bongsu.clock import SystemClock
from bongsu.collect.own import CollectorError
from bongsu.commands.config import read
from bongsu.commands.loop import loop_factory
from bongsu.commands.words import Words
from bongsu.logs import Logs
from bongsu.model.errors import BongsuError
from bongsu.ports import Clock
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
            with asyncio.Runner(loop_factory=loop_factory()) as runner:
                return runner.run(_whole_way(words, App(loaded.settings, console=False)))
        finally:
            logs.close()


async def _whole_way(words: Words, app: App) -> int:
    clock = SystemClock()
    began = clock.monotonic()
    step = "server"
    try:
        await app.start()
        way = Way(app.addresses.rest, app.addresses.live, clock)
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
    """The way of one sample through a server at `rest` and `live`, seen from outside."""

    def __init__(self, rest: str, live: str, clock: Clock) -> None:
        self._host = urlsplit(rest).netloc
        self._live = live
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
        opened = connect(self._live, proxy=None, open_timeout=LONGEST, close_timeout=1)
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

    def close(self) -> None:
        """Close the live socket."""
        self._open.close()

    def _ask(self, method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection(self._host, timeout=LONGEST)
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
