"""The guide's own commands for quality pass, typed as the guide types them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.guide("G061")
@pytest.mark.parametrize(
    "command", ["black --quiet --diff src/ tests/", "flake8 src/ tests/", "mypy src/", "bandit -q -r src/"]
)
def test_the_guides_quality_commands(command: str) -> None:
    """They end well. Ruff is what we work with; black may break a line elsewhere, so its changes are only shown."""
    program, *words = command.split()
    done = subprocess.run(
        [sys.executable, "-m", program, *words],
        cwd=ROOT,
        env={**os.environ, "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]


@pytest.mark.guide("G060")
@pytest.mark.parametrize("folder", ["tests/unit", "tests/integration", "tests/performance", "tests"])
def test_the_guides_test_folders(folder: str) -> None:
    """Each folder that the guide gives to pytest holds tests."""
    assert list((ROOT / folder).rglob("test_*.py"))


@pytest.mark.guide("G062")
def test_the_licence_is_mit() -> None:
    """The licence is MIT, and the package says so."""
    assert (ROOT / "LICENSE").read_text(encoding="utf-8").startswith("MIT License\n")
    assert '\nlicense = "MIT"\n' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
