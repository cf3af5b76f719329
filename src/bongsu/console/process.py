"""The console as a supervised child of the server. Neither Streamlit nor Plotly is imported here."""

from __future__ import annotations

import asyncio
import json
import socket
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

import structlog

from bongsu.console.child import Child, python_environment
from bongsu.console.passport import CONSOLE_TOKEN
from bongsu.console.place import Place
from bongsu.console.secure import UNLOCKS
from bongsu.http.limits import ServerLimits
from bongsu.model.sample import Sample
from bongsu.ports import Clock
from bongsu.tls import KeyFiles

FIRST_WAIT = 1.0
LONGEST_WAIT = 30.0
STEADY = 60.0
"""A child that lived this many seconds is started again without delay."""


def console_command(
    place: Place,
    *,
    host: str = "127.0.0.1",
    port: int,
    hosts: Sequence[str] = (),
    tls: KeyFiles | None = None,
    limits: ServerLimits | None = None,
) -> list[str]:
    """The command that runs the console at `host`:`port` for the server at `place`.

    `hosts` are further host names that browsers may address it by; with `tls` it speaks TLS alone (the key's password
    goes another way); `limits` bound its connections, and a line of its standard input changes them. It ends when its
    standard input does.
    """
    return [
        sys.executable,
        "-m",
        "bongsu.console",
        f"--host={host}",
        f"--port={port}",
        f"--place={json.dumps(asdict(place), ensure_ascii=True)}",
        *(f"--allow={name}" for name in hosts),
        *([f"--limits={_told(limits)}"] if limits else []),
        *([f"--certificate={tls.certificate}", f"--key={tls.key}"] if tls else []),
        "--tied",
    ]


def free_port(host: str = "127.0.0.1") -> int:
    """A port that nobody listens on just now."""
    with socket.create_server((host, 0)) as server:
        port: int = server.getsockname()[1]
        return port


class ConsoleProcess:
    """Runs the console and starts it again when it ends unasked, waiting longer each time (1 s to 30 s).

    What it prints goes to one log file. `token` is what it shows the server; it goes through the environment, which is
    nobody else's to read. Implements `Watched`.
    """

    def __init__(
        self,
        place: Place,
        *,
        host: str,
        port: int,
        log: Path,
        clock: Clock,
        hosts: Sequence[str] = (),
        tls: KeyFiles | None = None,
        limits: ServerLimits | None = None,
        token: str = "",
        make_child: Callable[[Sequence[str]], Child] | None = None,
    ) -> None:
        self._token = token
        self.host = host
        self.port = port or free_port(host)
        self._command = console_command(place, host=host, port=self.port, hosts=hosts, tls=tls, limits=limits)
        self._tls = tls
        self._limits = limits
        self._log = log
        self._clock = clock
        self._make_child = make_child or self._child
        self._current: Child | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._restarts = 0
        self._said = structlog.get_logger("bongsu.console")

    @property
    def pid(self) -> int | None:
        """The child's process id while it runs."""
        return self._current.pid if self._current is not None else None

    async def start(self) -> None:
        """Start the console and watch over it; returns at once."""
        self._keeper = asyncio.create_task(self._keep(), name="console")

    async def answering(self, patience: float = 30.0) -> bool:
        """Wait until the console takes connections; False when it didn't within `patience` seconds."""
        until = self._clock.monotonic() + patience
        while self._clock.monotonic() < until:
            try:
                _, writer = await asyncio.open_connection(self.host, self.port)
            except OSError:
                await self._clock.sleep_until(self._clock.monotonic() + 0.1)
            else:
                writer.close()
                return True
        return False

    async def stop(self) -> None:
        """End the console and wait until it is gone."""
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)
            self._keeper = None
        if self._current is not None:
            await self._current.stop()

    def bound(self, limits: ServerLimits) -> None:
        """Hold its connections to these limits from now on, also after it was started again."""
        self._limits = limits
        if self._current is not None:
            self._current.say(_told(limits))

    def figures(self) -> Iterable[Sample]:
        """Whether it runs, and how often it was started again."""
        yield Sample(metric="bongsu_console_up", value=1.0 if self.pid is not None else 0.0)
        yield Sample(metric="bongsu_console_restarts_total", value=float(self._restarts))

    async def _keep(self) -> None:
        wait = FIRST_WAIT
        while True:
            began = self._clock.monotonic()
            ended = await self._run_once()
            if self._clock.monotonic() - began >= STEADY:
                wait = FIRST_WAIT
            self._said.warning("console ended unasked; starting it again", ended=ended, wait=wait, log=str(self._log))
            await self._clock.sleep_until(self._clock.monotonic() + wait)
            wait = min(LONGEST_WAIT, wait * 2)
            self._restarts += 1

    async def _run_once(self) -> str:
        self._current = self._make_child(self._command)
        try:
            await self._current.start()
        except OSError as error:
            return f"not started: {error}"
        if self._limits is not None:
            self._current.say(_told(self._limits))  # they may be others than those it was first started with
        return f"exit code {await self._current.wait()}"

    def _child(self, command: Sequence[str]) -> Child:
        secret = {UNLOCKS: self._tls.password} if self._tls and self._tls.password else {}
        secret[CONSOLE_TOKEN] = self._token
        return Child(command, log=self._log, environment=python_environment() | secret)


def _told(limits: ServerLimits) -> str:
    return json.dumps(asdict(limits))
