"""The guide's own commands for quality pass, typed as the guide types them."""

from __future__ import annotations

import os
import subprocess
import sys
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def digest(path: Path, *more: str) -> str:
    """What a file holds, and what it is judged by, in a few letters."""
    return sha256("\0".join([path.as_posix(), path.read_text(encoding="utf-8"), *more]).encode()).hexdigest()[:24]


@pytest.mark.beside
@pytest.mark.guide("G061")
@pytest.mark.parametrize("command", ["black --quiet --diff src/ tests/", "flake8 src/ tests/", "bandit -q -r src/"])
def test_the_guides_quality_commands(command: str, cache: pytest.Cache) -> None:
    """They end well. Ruff is what we work with; black may break a line elsewhere, so its changes are only shown.

    These three judge each file by itself, so those that passed as they are aren't judged again (`.pytest_cache`; a new
    checkout has none): all of them take a minute and more.
    """
    program, *words = command.split()
    folders = [word for word in words if word.endswith("/")]
    settings = [(ROOT / name).read_text(encoding="utf-8") for name in ("pyproject.toml", ".flake8", "src/.bandit")]
    rules = [version(program), sys.version, command, *settings]
    files = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    assert len(files) > 200
    now = {path.relative_to(ROOT).as_posix(): digest(path, *rules) for path in files}
    passed = set(cache.get(f"guide/{program}", []))
    anew = [name for name, known in now.items() if known not in passed]
    if anew:
        named = {"-r": "--ini=src/.bandit"}  # what bandit finds by itself in a folder
        run(program, *(named.get(word, word) for word in words if word not in folders), *anew)
    cache.set(f"guide/{program}", sorted(now.values()))


@pytest.mark.beside
@pytest.mark.guide("G061")
def test_the_guides_types() -> None:
    """`mypy src/` ends well, as the guide types it; mypy keeps what it knows by itself."""
    run("mypy", "src/")


def run(program: str, *words: str) -> None:
    """It ends well."""
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
