"""Packages without what they would take along."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bongsu.commands.alone import import_alone, leave_unrun


@pytest.fixture(autouse=True)
def _packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """`heavy_front` runs a command line, and `heavy_picture`, where it is there."""
    package = tmp_path / "heavy_front"
    package.mkdir()
    (package / "__init__.py").write_text(
        "from heavy_front.command import main\n"
        "try:\n    import heavy_picture as picture\nexcept ImportError:\n    picture = None\n"
    )
    (package / "command.py").write_text("main = 'runs'\n")
    (package / "config.py").write_text("Config = 'configured'\n")
    (package / "lifespan.py").write_text("from heavy_front import Config\n")
    (tmp_path / "heavy_picture.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    yield
    for name in [name for name in sys.modules if name.startswith("heavy_")]:
        del sys.modules[name]


def test_what_is_kept_away_counts_as_not_installed_and_may_come_later() -> None:
    """The package does without it; whoever imports it afterwards gets it."""
    import_alone("heavy_front", without="heavy_picture")
    assert sys.modules["heavy_front"].picture is None
    assert importlib.import_module("heavy_picture") is sys.modules["heavy_picture"]


def test_what_is_there_already_stays() -> None:
    """What somebody else imported isn't taken away from him."""
    picture = importlib.import_module("heavy_picture")
    import_alone("heavy_front", without="heavy_picture")
    assert sys.modules["heavy_picture"] is picture
    assert "heavy_front" not in sys.modules


def test_modules_of_a_package_left_unrun_are_had_without_it() -> None:
    """Neither they nor what they ask of the package by a name that is known load its command line."""
    leave_unrun("heavy_front", Config="heavy_front.config")
    assert importlib.import_module("heavy_front.lifespan").Config == "configured"
    assert "heavy_front.command" not in sys.modules


def test_a_package_left_unrun_runs_when_it_is_asked() -> None:
    """Anything else that it has is there for whoever asks."""
    leave_unrun("heavy_front")
    assert importlib.import_module("heavy_front").main == "runs"
    assert "heavy_front.command" in sys.modules


def test_leaving_unrun_takes_nothing_from_anybody() -> None:
    """A package that runs already stays as it is; one that isn't installed is missed where it is imported."""
    package = importlib.import_module("heavy_front")
    leave_unrun("heavy_front")
    leave_unrun("heavy_missing")
    assert sys.modules["heavy_front"] is package
    with pytest.raises(ModuleNotFoundError, match="heavy_missing"):
        importlib.import_module("heavy_missing")
