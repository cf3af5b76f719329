"""Real processes for the console's tests: started on free ports, waited for by what they answer, ended by their id."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx

from bongsu.console.process import free_port

ROOT = Path(__file__).parents[2]
PATIENCE = 90.0


def wait_for(what: str, happened: Callable[[], bool], log: Path | None = None) -> None:
    """Look until it happened; fail with the log when it doesn't."""
    deadline = time.monotonic() + PATIENCE
    while not happened():
        if time.monotonic() > deadline:
            said = log.read_text(errors="replace")[-3_000:] if log is not None and log.exists() else ""
            raise AssertionError(f"{what} didn't happen within {PATIENCE:.0f} s\n{said}")
        time.sleep(0.05)


def answers(url: str) -> bool:
    """Whether a GET gets 200."""
    try:
        return httpx.get(url, timeout=2.0, trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False


@contextmanager
def running(command: Sequence[str], *, folder: Path, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process in `folder` that is ended, gently and then not, when the block is left."""
    path = os.pathsep.join(filter(None, [str(ROOT / "src"), os.environ.get("PYTHONPATH", "")]))
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, "PYTHONPATH": path},
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield process
    finally:
        end(process)


def end(process: subprocess.Popen[bytes]) -> int:
    """SIGTERM, then SIGKILL after 15 s; the exit status."""
    if process.stdin is not None:
        process.stdin.close()
    if process.poll() is None:
        process.terminate()
    try:
        return process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


class Ports:
    """Three free ports of a stack, with its addresses."""

    def __init__(self) -> None:
        self.rest, self.live, self.console = free_port(), free_port(), free_port()
        self.rest_url = f"http://127.0.0.1:{self.rest}"
        self.console_url = f"http://127.0.0.1:{self.console}"

    def server(self, data: Path) -> list[str]:
        """`bongsu up` without a console at these ports."""
        return [
            *(sys.executable, "-m", "bongsu.cli", "up", "--no-console", f"--data={data}"),
            *(f"--port={self.rest}", f"--live-port={self.live}"),
        ]

    def streamlit(self, data: Path, *, port: int | None = None) -> list[str]:
        """`streamlit run` as the guide spells it, at these ports."""
        return [
            *(sys.executable, "-m", "streamlit", "run", str(ROOT / "run_monitoring_dashboard.py")),
            *(f"--server.port={port or self.console}", "--server.address=127.0.0.1", "--"),
            *(f"--data={data}", f"--port={self.rest}", f"--live-port={self.live}"),
        ]
