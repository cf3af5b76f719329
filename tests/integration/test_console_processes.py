from __future__ import annotations

import sys
from pathlib import Path

import httpx
import psutil
import pytest

from bongsu.clock import SystemClock
from bongsu.console.place import Place
from bongsu.console.process import ConsoleProcess, console_command, free_port
from tests.integration.console_processes import ROOT, Ports, answers, end, running, wait_for

pytestmark = pytest.mark.slow


def _servers(console: int) -> list[psutil.Process]:
    return [child for child in psutil.Process(console).children() if "up" in child.cmdline()]


@pytest.mark.guide("G021")
def test_streamlit_run_starts_one_server_and_others_join_it(tmp_path: Path) -> None:
    """The first console starts a server, the second joins it, and it ends with the one that started it."""
    ports, log = Ports(), tmp_path / "console.log"
    other = free_port()
    with running(ports.streamlit(tmp_path / "data"), folder=tmp_path, log=log) as first:
        wait_for("a server of the console's own", lambda: answers(f"{ports.rest_url}/readyz"), log)
        wait_for("the console", lambda: answers(f"{ports.console_url}/healthz"), log)
        assert len(_servers(first.pid)) == 1
        with running(ports.streamlit(tmp_path / "data", port=other), folder=tmp_path, log=log) as second:
            wait_for("the second console", lambda: answers(f"http://127.0.0.1:{other}/monitoring/boot.json"), log)
            assert _servers(second.pid) == []
        metrics = httpx.get(f"{ports.console_url}/api/v1/metrics", trust_env=False).json()["metrics"]
        assert "cpu_usage" in {one["metric"] for one in metrics}
        server = _servers(first.pid)[0]
        end(first)
        assert not server.is_running()


def test_a_running_server_is_joined_and_outlives_the_console(tmp_path: Path) -> None:
    """Where a server runs already the console shows it, starts none, and leaves it running."""
    ports, log = Ports(), tmp_path / "log"
    with running(ports.server(tmp_path / "data"), folder=tmp_path, log=log):
        wait_for("the server", lambda: answers(f"{ports.rest_url}/readyz"), log)
        with running(ports.streamlit(tmp_path / "data"), folder=tmp_path, log=log) as console:
            wait_for("the console", lambda: answers(f"{ports.console_url}/monitoring/boot.json"), log)
            assert _servers(console.pid) == []
        assert answers(f"{ports.rest_url}/readyz")


def test_the_console_ends_when_its_parent_dies(tmp_path: Path) -> None:
    """A console whose server was killed doesn't stay behind and hold the port."""
    ports, log = Ports(), tmp_path / "log"
    command = console_command(Place(rest_url=ports.rest_url), port=ports.console)
    with running(command, folder=tmp_path, log=log) as console:
        wait_for("the console", lambda: answers(f"{ports.console_url}/healthz"), log)
        assert console.stdin is not None
        console.stdin.close()
        wait_for("its end", lambda: console.poll() is not None, log)


async def test_the_supervised_console_serves_and_stops(tmp_path: Path) -> None:
    """The server's child answers on its port and is gone after the stop."""
    console = ConsoleProcess(
        Place(rest_url="http://127.0.0.1:1"),
        host="127.0.0.1",
        port=0,
        log=tmp_path / "logs" / "console.log",
        clock=SystemClock(),
    )
    await console.start()
    try:
        assert await console.answering(patience=90)
        async with httpx.AsyncClient(trust_env=False) as client:
            answer = await client.get(f"http://127.0.0.1:{console.port}/healthz")
        assert answer.json() == {"status": "ok", "console": True}
        pid = console.pid
        assert pid is not None
    finally:
        await console.stop()
    assert not psutil.pid_exists(pid)


@pytest.mark.guide("G023")
def test_faulty_settings_are_told_and_nothing_starts(tmp_path: Path) -> None:
    """`streamlit run … -- --config F` with a faulty file ends with the fault's path."""
    (tmp_path / "mine.json").write_text('{"server": {"prot": 1}}')
    log = tmp_path / "log"
    command = [
        *(sys.executable, "-m", "streamlit", "run", str(ROOT / "run_monitoring_dashboard.py")),
        *(f"--server.port={free_port()}", "--", "--config=mine.json"),
    ]
    with running(command, folder=tmp_path, log=log) as console:
        wait_for("its end", lambda: console.poll() is not None, log)
        assert console.returncode == 1
    assert "server.prot" in log.read_text()
