"""`scripts/start_monitoring.sh` and `scripts/stop_monitoring.sh`, in a folder of their own."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).parents[2]
FREE = ("--port=0", "--live-port=0", "--console-port=0", "--no-console")


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    """A folder with the scripts and the sources; whatever was started there is ended."""
    shutil.copytree(ROOT / "scripts", tmp_path / "scripts")
    (tmp_path / "src").symlink_to(ROOT / "src")
    yield tmp_path
    run(tmp_path, "stop")


def run(place: Path, script: str, *flags: str) -> subprocess.CompletedProcess[str]:
    """Run a script as people do."""
    environment = {**os.environ, "PYTHON": sys.executable, "BONGSU_MONITORING__LANGUAGE": "en"}
    return subprocess.run(
        [place / "scripts" / f"{script}_monitoring.sh", *flags],
        env=environment,
        cwd="/",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def pid_in(text: str) -> int:
    """The process id that a script tells."""
    found = re.search(r"pid (\d+)", text)
    assert found, text
    return int(found[1])


@pytest.mark.guide("G110")
def test_start_then_stop(place: Path) -> None:
    """Starting waits until it is ready and prints the addresses; a second start changes nothing; stopping ends it."""
    started = run(place, "start", *FREE)
    assert started.returncode == 0, started.stderr
    pid = pid_in(started.stdout)
    board = re.search(r"http://\S+/monitoring/dashboard", started.stdout)
    assert board
    with urllib.request.urlopen(board[0], timeout=5) as answer:
        assert answer.status == 200
    assert (place / "logs" / "websocket_server.log").parent.is_dir()

    again = run(place, "start", *FREE)
    assert (again.returncode, pid_in(again.stdout)) == (0, pid)

    stopped = run(place, "stop")
    assert (stopped.returncode, pid_in(stopped.stdout)) == (0, pid)
    assert not psutil.pid_exists(pid)
    assert not (place / "run" / "bongsu.pid").exists()


@pytest.mark.guide("G110")
def test_stop_touches_no_foreign_process(place: Path) -> None:
    """A noted number that belongs to another program by now is left alone."""
    with subprocess.Popen(["sleep", "60"]) as foreign:
        (place / "run").mkdir()
        (place / "run" / "bongsu.pid").write_text(f"{foreign.pid}\n12345\n")
        stopped = run(place, "stop")
        assert stopped.returncode == 0
        assert "Nothing to stop" in stopped.stdout
        assert foreign.poll() is None
        foreign.kill()


def test_a_start_that_fails_says_why(place: Path) -> None:
    """What keeps it from starting is told by the script, and nothing is noted as running."""
    started = run(place, "start", "--host=0.0.0.0")
    assert started.returncode == 1
    assert "bongsu user add" in started.stderr
    assert not (place / "run" / "bongsu.pid").exists()
