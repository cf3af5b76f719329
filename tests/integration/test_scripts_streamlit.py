"""`python run_monitoring_dashboard.py --streamlit` as a process."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on just now."""
    holders = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [holder.getsockname()[1] for holder in holders]
    for holder in holders:
        holder.close()
    return ports


def answers(url: str, *, within: float) -> bool:
    """Whether the address says 200 in time."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    return False


@pytest.mark.guide("G022")
def test_streamlit_by_python(tmp_path: Path) -> None:
    """It serves the console and a server behind it on the ports of the flags, and one signal ends both."""
    rest, live, console = free_ports(3)
    flags = [f"--port={rest}", f"--live-port={live}", f"--console-port={console}", "--data=here"]
    with subprocess.Popen(
        [sys.executable, ROOT / "run_monitoring_dashboard.py", "--streamlit", *flags],
        cwd=tmp_path,
        env={**os.environ, "BONGSU_MONITORING__LANGUAGE": "en"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert answers(f"http://127.0.0.1:{console}/", within=60)
            assert answers(f"http://127.0.0.1:{rest}/readyz", within=60)
            assert (tmp_path / "here" / "history.db").exists()
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=30)
    assert not answers(f"http://127.0.0.1:{rest}/healthz", within=0.5)
