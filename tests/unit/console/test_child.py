from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest

from bongsu.console.child import LOG_BYTES, Child, python_environment

STUBBORN = """
import signal, sys
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("up", flush=True)
sys.stdin.read()
"""


def _child(code: str, log: Path) -> Child:
    return Child([sys.executable, "-c", code], log=log, environment=dict(os.environ))


def _runs(child: Child) -> bool:
    return child.pid is not None


async def _printed(log: Path, text: str) -> None:
    """Wait until a real process has printed it: its file is all there is to watch."""
    async with asyncio.timeout(10):
        while text not in (log.read_text() if log.exists() else ""):  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_a_child_prints_into_its_log_and_is_stopped(tmp_path: Path) -> None:
    """Output and errors go to one file; a stop ends the child and its end is told."""
    log = tmp_path / "logs" / "child.log"
    child = _child("import sys; print('out', flush=True); sys.stderr.write('err\\n'); sys.stderr.flush(); input()", log)
    await child.start()
    await _printed(log, "err")
    assert _runs(child)
    await child.stop()
    assert not _runs(child)
    assert "out" in log.read_text()
    assert await child.wait() != 0


async def test_a_child_that_will_not_end_is_ended(tmp_path: Path) -> None:
    """After the patience is over nothing is left running."""
    log = tmp_path / "child.log"
    child = _child(STUBBORN, log)
    await child.start()
    await _printed(log, "up")
    await child.stop(patience=0.05)
    assert child.pid is None


async def test_a_long_log_makes_room(tmp_path: Path) -> None:
    """A log over its bound is moved aside before the next start."""
    log = tmp_path / "child.log"
    log.write_bytes(b"x" * (LOG_BYTES + 1))
    child = _child("print('new')", log)
    await child.start()
    await child.wait()
    assert log.read_text() == "new\n"
    assert (tmp_path / "child.log.1").stat().st_size == LOG_BYTES + 1


async def test_a_long_log_makes_room_while_the_child_runs(tmp_path: Path) -> None:
    """A console that prints for months keeps a bounded log: what it prints next begins it anew."""
    log = tmp_path / "child.log"
    code = f"import sys; print('x' * {LOG_BYTES}, flush=True); sys.stdin.readline(); print('new')"
    child = Child([sys.executable, "-c", code], log=log, environment=python_environment(), look=0.01)
    await child.start()
    waiting = asyncio.create_task(child.wait())
    while not (tmp_path / "child.log.1").exists() or log.stat().st_size:  # noqa: ASYNC110 - a file tells nobody
        await asyncio.sleep(0)
    assert child._process is not None
    assert child._process.stdin is not None
    child._process.stdin.write(b"\n")
    assert await waiting == 0
    assert log.read_text() == "new\n"


async def test_a_child_that_was_never_started_can_be_stopped(tmp_path: Path) -> None:
    """Stopping is safe at any time; waiting for what never was is a mistake."""
    child = _child("", tmp_path / "log")
    await child.stop()
    with pytest.raises(RuntimeError, match="never started"):
        await child.wait()


def test_a_child_finds_our_package_without_installation() -> None:
    """The folder of the package comes first on the child's path, once."""
    path = python_environment()["PYTHONPATH"].split(os.pathsep)
    assert (Path(path[0]) / "bongsu" / "console").is_dir()
    assert path.count(path[0]) == 1
