"""`bongsu checks` and the guide's checker, as they are typed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.fakes.redis import free_port

ROOT = Path(__file__).parents[2]


def environment(folder: Path) -> dict[str, str]:
    """Where a command of ours runs."""
    return {
        **os.environ,
        "PYTHONPATH": str(ROOT / "src"),
        "BONGSU_MONITORING__LANGUAGE": "en",
        "BONGSU_LOGGING__DIR": str(folder / "logs"),
    }


def settings(folder: Path, *checks: Mapping[str, object]) -> Path:
    """A settings file with these checks."""
    path = folder / "settings.json"
    path.write_text(json.dumps({"checks": checks}), encoding="utf-8")
    return path


def ask(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run `bongsu checks` with these words."""
    command = [sys.executable, "-m", "bongsu", "checks", *words]
    return subprocess.run(
        command, cwd=folder, env=environment(folder), capture_output=True, text=True, check=False, timeout=60
    )


def test_checks_are_told_with_an_exit_code(tmp_path: Path) -> None:
    """0 where all is well, 1 where something is down; JSON where that is asked; nothing set says what to set."""
    good, bad = {"name": "names", "url": "dns://localhost"}, {"name": "nobody", "url": f"tcp://127.0.0.1:{free_port()}"}
    done = ask(tmp_path, "--config", str(settings(tmp_path, good)))
    assert (done.returncode, done.stdout[:20]) == (0, "✓ check  names  up  ")
    done = ask(tmp_path, "--json", "--config", str(settings(tmp_path, good, bad)))
    assert done.returncode == 1
    assert {one["name"]: one["state"] for one in json.loads(done.stdout)["checks"]} == {
        "names": "up",
        "nobody": "pending",
    }
    done = ask(tmp_path)
    assert (done.returncode, "docs/checks.md" in done.stdout) == (0, True)


@pytest.mark.guide("G103")
def test_the_guides_checker_goes_on_until_it_is_stopped(tmp_path: Path) -> None:
    """`python3 backend/services/api_health_checker.py` tells each state as it comes, and ends on Ctrl+C."""
    path = settings(tmp_path, {"name": "names", "url": "dns://localhost"})
    command = [sys.executable, str(ROOT / "backend" / "services" / "api_health_checker.py"), "--config", str(path)]
    process = subprocess.Popen(
        command,
        cwd=tmp_path,
        env=environment(tmp_path),
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a suite in a shell's background ignores it
    )
    assert process.stdout is not None
    try:
        assert process.stdout.readline().startswith("Asking 1 at their intervals")
        assert "✓ check  names  up" in process.stdout.readline()
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) == 130
    finally:
        process.kill()
        process.communicate()
