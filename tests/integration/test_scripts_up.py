"""`bongsu up` and `bongsu check` as processes."""

from __future__ import annotations

import json
import os
import pstats
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ENGLISH = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "BONGSU_MONITORING__LANGUAGE": "en"}
FREE = ("--port=0", "--live-port=0", "--console-port=0")


def bongsu(*words: str, folder: Path, launcher: str = "-mbongsu.cli") -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        [sys.executable, launcher, *words],
        cwd=folder,
        env=ENGLISH,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@contextmanager
def running(folder: Path, *words: str, launcher: Path | None = None) -> Iterator[dict[str, str]]:
    """A server until the block ends; gives its addresses by name."""
    command = [str(launcher)] if launcher else ["-m", "bongsu.cli", "up"]
    with subprocess.Popen(
        [sys.executable, *command, *words], cwd=folder, env=ENGLISH, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        addresses = {"pid": str(process.pid)}
        try:
            for line in process.stdout:
                name, _, address = line.strip().partition(": ")
                addresses[name] = address
                if "Ctrl+C" in line:
                    break
            assert "board" in addresses, "it ended before it was ready"
            yield addresses
        finally:
            process.send_signal(signal.SIGTERM)
            status = process.wait(timeout=30)
    assert status == 0


def ready(address: str) -> bool:
    """Whether `/readyz` says 200 within a few seconds."""
    rest = address.removesuffix("/docs")
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{rest}/readyz", timeout=5) as answer:
                return bool(answer.status == 200)
        except urllib.error.HTTPError as error:
            error.close()
            if error.code != 503:
                return False
            time.sleep(0.1)
    return False


def test_up_tells_its_addresses_and_becomes_ready(tmp_path: Path) -> None:
    """Free ports are told, `/readyz` says 200; a second start is told whose port or data folder it wants."""
    with running(tmp_path, *FREE, "--no-console") as addresses:
        assert ready(addresses["REST"])
        port = re.findall(r":(\d+)/", addresses["board"])[0]
        second = bongsu("up", f"--port={port}", "--live-port=0", "--no-console", "--data=other", folder=tmp_path)
        assert second.returncode == 1
        assert second.stderr == f"Bongsu already runs on port {port}: {addresses['board']}\n"
        third = bongsu("up", *FREE, "--no-console", folder=tmp_path)
        assert third.returncode == 1
        assert "can't start: data is used by another process; " in third.stderr
        assert "Traceback" not in third.stderr
    log = (tmp_path / "monitoring_dashboard.log").read_text(encoding="utf-8")
    assert [json.loads(line)["event"] for line in log.splitlines()][-1] == "stopped"


@pytest.mark.guide("G101")
@pytest.mark.guide("G102")
def test_the_websocket_launcher(tmp_path: Path) -> None:
    """`python3 backend/websocket_server.py` serves the live socket, logs to its own file; the interval is a setting."""
    from websockets.sync.client import connect

    (tmp_path / ".env").write_text("BONGSU_MONITORING__LIVE_INTERVAL_SECONDS=0.5\n")
    with (
        running(tmp_path, *FREE, launcher=ROOT / "backend" / "websocket_server.py") as addresses,
        connect(addresses["live socket"], proxy=None) as watcher,
    ):
        assert "console" not in addresses
        updates: list[int] = []
        while len(updates) < 3:
            frame = json.loads(watcher.recv(timeout=10))
            if frame["t"] == "update" and frame["topic"] == "system":
                updates.append(frame["at"])
    assert min(b - a for a, b in pairwise(updates)) < 3_000
    assert (tmp_path / "logs" / "websocket_server.log").read_text(encoding="utf-8")


def test_the_demo_plays_into_the_server(tmp_path: Path) -> None:
    """`up --demo` has the simulated shop's figures within seconds, in a folder of their own."""
    with running(tmp_path, *FREE, "--no-console", "--demo") as addresses:
        assert ready(addresses["REST"])
        rest = addresses["REST"].removesuffix("/docs")
        deadline = time.monotonic() + 20
        found = b""
        while b'"shop_orders_today"' not in found and time.monotonic() < deadline:
            with urllib.request.urlopen(f"{rest}/api/v1/metrics", timeout=5) as answer:
                found = answer.read()
            time.sleep(0.1)
    assert b'"shop_orders_today"' in found
    assert {path.name for path in (tmp_path / "data").iterdir()} == {"demo"}, "simulated figures keep to themselves"


@pytest.mark.parametrize("flag", ["port", "live_port", "console_port"])
def test_a_taken_port_is_one_line(tmp_path: Path, flag: str) -> None:
    """A port that another program holds is told with that program, its pid and the flag that helps."""
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        others = [f"--{other.replace('_', '-')}=0" for other in ("port", "live_port", "console_port") if other != flag]
        spelled = f"--{flag.replace('_', '-')}"
        done = bongsu("up", f"{spelled}={port}", *others, folder=tmp_path)
    assert done.returncode == 1
    assert re.fullmatch(
        rf"Port {port} is taken by \S+ \(pid {os.getpid()}\)\. End that program, or .*{spelled} 0 picks a free one\.\n",
        done.stderr,
    )


def test_a_folder_that_is_a_file_is_one_line(tmp_path: Path) -> None:
    """Data can't go where a file is: said with the setting that helps, no traceback."""
    (tmp_path / "taken").write_text("")
    done = bongsu("up", "--data=taken", *FREE, "--no-console", folder=tmp_path)
    assert done.returncode == 1
    assert "taken can't be written" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.alone
@pytest.mark.guide("G026")
def test_the_self_test(tmp_path: Path) -> None:
    """`--test` sends a sample to history and WebSocket, an alert to a local receiver, in under 20 s."""
    began = time.monotonic()
    done = bongsu("--test", folder=tmp_path, launcher=str(ROOT / "run_monitoring_dashboard.py"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert time.monotonic() - began < 20
    assert "All good" in done.stdout
    assert done.stdout.count("✓") == 8
    assert list(tmp_path.iterdir()) == []


@pytest.mark.guide("G026")
def test_the_self_test_can_fail(tmp_path: Path) -> None:
    """What fails is told, here a collector of the settings that isn't there, and the status is 1."""
    environment = {"BONGSU_COLLECTORS": "there_is_no_such_module"}
    done = subprocess.run(
        [sys.executable, "-m", "bongsu.cli", "check"],
        cwd=tmp_path,
        env=ENGLISH | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert "It fails at: server is ready" in done.stdout
    assert "there_is_no_such_module" in done.stdout
    assert "Traceback" not in done.stderr


def test_a_collector_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    """`up` says which collector of the settings can't be loaded, and doesn't start."""
    (tmp_path / ".env").write_text("BONGSU_COLLECTORS=there_is_no_such_module\n")
    done = bongsu("up", *FREE, "--no-console", folder=tmp_path)
    assert done.returncode == 1
    assert "there_is_no_such_module" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.guide("G051")
def test_a_profile_is_written_at_the_stop(tmp_path: Path) -> None:
    """`up --profile FILE` counts what the server's loop calls; a place that can't be written is told at once."""
    file = tmp_path / "up.prof"
    with running(tmp_path, *FREE, "--no-console", f"--profile={file}") as addresses:
        assert ready(addresses["REST"])
    counted = {Path(source).name for source, _, _ in pstats.Stats(str(file)).stats}  # type: ignore[attr-defined]
    assert {"pipeline.py", "hub.py", "gateway.py"} <= counted
    done = bongsu("up", *FREE, "--no-console", f"--profile={tmp_path / 'no' / 'up.prof'}", folder=tmp_path)
    assert done.returncode == 1
    assert "The profile can't be written" in done.stderr
