"""One child process with one log file: started, watched, stopped; nothing of it is left behind."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

LOG_BYTES = 5_000_000
"""A log longer than this is copied aside (to `.1`) and begun anew, while the child goes on writing to it."""
_LOOK = 60.0
"""Seconds between two looks at the log's size."""


class Child:
    """A command run in its own session, so that Ctrl-C in our terminal reaches it only through us.

    Its standard input is a pipe that we hold: a child that reads it learns of our death from its end.
    """

    def __init__(
        self, command: Sequence[str], *, log: Path, environment: Mapping[str, str], look: float = _LOOK
    ) -> None:
        """`look` is how many seconds pass between two looks at the log's size."""
        self._look = look
        self._command = tuple(command)
        self._log = log
        self._environment = dict(environment)
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        return self._process.pid if self._process is not None and self._process.returncode is None else None

    async def start(self) -> None:
        """Run the command.

        Raises:
            OSError: the program or the log's folder isn't there.
        """
        self._log.parent.mkdir(parents=True, exist_ok=True)
        _make_room(self._log)
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.PIPE,
                stdout=log,
                stderr=asyncio.subprocess.STDOUT,
                env=self._environment,
                start_new_session=True,
            )

    def say(self, line: str) -> None:
        """Write a line to its standard input; what has ended hears nothing."""
        if self.pid is not None and self._process is not None and self._process.stdin is not None:
            self._process.stdin.write(f"{line}\n".encode())

    async def wait(self) -> int:
        """Wait for its end; the exit code, negative for a signal."""
        if self._process is None:
            raise RuntimeError("the child was never started")
        ended = asyncio.ensure_future(self._process.wait())
        try:
            while not ended.done():
                await asyncio.wait({ended}, timeout=self._look)
                await asyncio.to_thread(_make_room, self._log)
        finally:
            ended.cancel()
        return ended.result()

    async def stop(self, patience: float = 10.0) -> None:
        """Ask it to end (SIGTERM), and end it after `patience` seconds."""
        process = self._process
        if process is None or process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), patience)
        except TimeoutError:
            _kill_session(process.pid)
            await process.wait()


def python_environment() -> dict[str, str]:
    """Our environment for a child that runs our own Python package, installed or not."""
    source = str(Path(__file__).resolve().parents[2])
    known = [part for part in os.environ.get("PYTHONPATH", "").split(os.pathsep) if part and part != source]
    return {**os.environ, "PYTHONPATH": os.pathsep.join([source, *known])}


def _kill_session(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if sys.platform == "win32":
            os.kill(pid, signal.SIGTERM)
        else:
            os.killpg(pid, signal.SIGKILL)


def _make_room(log: Path) -> None:
    """The child appends through a handle of its own, which would follow a renamed file: copied and emptied instead."""
    with contextlib.suppress(OSError):
        if log.stat().st_size > LOG_BYTES:
            shutil.copyfile(log, log.with_name(log.name + ".1"))
            os.truncate(log, 0)
