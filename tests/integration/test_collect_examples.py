"""The examples do what they say."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bongsu.collect.own import load_collectors

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.mark.guide("G117")
def test_the_example_as_a_script() -> None:
    """It ends well and prints its own metrics beside the machine's."""
    done = subprocess.run(
        [sys.executable, "examples/own_metric.py"],
        cwd=ROOT,
        env={"PYTHONPATH": "src", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    printed = {line.split()[0]: line for line in done.stdout.splitlines()}
    assert {"cpu_usage", "memory_usage", "inbox_files"} <= printed.keys()
    assert "'market=naver': 12.0" in printed["deliveries_waiting"]


@pytest.mark.guide("G117")
def test_the_example_as_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Named in the setting `collectors`, its module gives its three collectors."""
    monkeypatch.chdir(ROOT / "examples")
    assert [one.name for one in load_collectors("own_metric")] == ["inbox_files", "inbox_bytes", "deliveries"]
