"""The whole server as its own process: started, asked over HTTP, killed, started again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode, urlsplit

from bench.cpu import cpu_seconds
from bench.wire import Answer, Connection, get, post

ROOT = Path(__file__).parents[2]
PATIENCE = 90.0
COMMAND = (sys.executable, "-m", "bongsu", "up", "--no-console", "--port=0", "--live-port=0")


def until(what: str, happened: Callable[[], bool]) -> None:
    """Look until it happened; fail when it doesn't."""
    deadline = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < deadline, f"{what} didn't happen within {PATIENCE:.0f} s"
        time.sleep(0.02)


class WholeServer:
    """`bongsu up --no-console` on ports it picks, keeping its data in `folder`/data; ended when the block is left."""

    def __init__(
        self,
        folder: Path,
        *,
        settings: Mapping[str, str] | None = None,
        within: Sequence[str] = (),
        data: Path | None = None,
        flags: Sequence[str] = (),
    ) -> None:
        """`settings` are variables of the environment, `flags` of the command, which `within` runs."""
        self.folder = folder
        self.data = data or folder / "data"
        self._command = [*within, *COMMAND, f"--data={self.data}", *flags]
        self._settings = dict(settings or {})
        self._process: subprocess.Popen[str] | None = None
        self.port = 0
        self.live_port = 0
        self.opening = 0.0
        """CPU seconds from the start to the first 200 of /readyz: what it takes where nothing else runs."""

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.end()

    @property
    def process(self) -> subprocess.Popen[str]:
        """The running process."""
        assert self._process is not None
        return self._process

    def start(self) -> Self:
        """Start it and wait until it is ready."""
        self._process = subprocess.Popen(
            self._command,
            cwd=self.folder,
            env={
                **os.environ,
                "PYTHONPATH": str(ROOT / "src"),
                "BONGSU_MONITORING__LANGUAGE": "en",
                "BONGSU_LOGGING__DIR": str(self.folder / "logs"),
                **self._settings,
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        said = self._told()
        assert self.port, f"it ended before it was ready:\n{said}"
        until("the server's first 200", self._ready)
        self.opening = cpu_seconds(self.process.pid)
        return self

    def _told(self) -> str:
        said = ""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            said += line
            name, _, address = line.strip().partition(": ")
            if name == "REST":
                self.port = urlsplit(address).port or 0
            elif name == "live socket":
                self.live_port = urlsplit(address).port or 0
            if "Ctrl+C" in line:
                break
        return said

    def _ready(self) -> bool:
        try:
            return self.ask(get("/readyz")).status == 200
        except OSError:
            return False

    def kill(self) -> None:
        """SIGKILL: no chance to write anything any more."""
        self._close(signal.SIGKILL)

    def end(self) -> int:
        """SIGTERM; returns the exit status."""
        return self._close(signal.SIGTERM)

    def _close(self, how: signal.Signals) -> int:
        process, self._process, self.port = self._process, None, 0
        if process is None:
            return 0
        process.send_signal(how)
        try:
            process.communicate(timeout=PATIENCE)
        finally:
            process.kill()
        return process.returncode

    def ask(self, request: bytes, *, patience: float = 30.0) -> Answer:
        """One request on a connection of its own."""
        with Connection(self.port, patience=patience) as connection:
            return connection.ask(request)

    def send(self, samples: object) -> Answer:
        """POST samples as JSON."""
        return self.ask(post("/api/v1/samples", json.dumps(samples).encode()))

    def query(self, metric: str, **asked: str | int) -> list[dict[str, Any]]:
        """The series that a query gives."""
        answer = self.ask(get("/api/v1/query?" + urlencode({"metric": metric, **asked})))
        assert answer.status == 200, answer.body
        found: list[dict[str, Any]] = json.loads(answer.body)["series"]
        return found

    def figure(self, name: str) -> float:
        """One of our own figures, out of the exposition; 0 while it isn't there."""
        lines = self.ask(get("/metrics")).body.decode().splitlines()
        return sum(float(line.split()[1]) for line in lines if line.partition(" ")[0].partition("{")[0] == name)
