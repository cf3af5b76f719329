"""Fixtures of this room: a clock under control and a /proc of our own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fakes.clock import VirtualClock


@pytest.fixture
def clock() -> VirtualClock:
    """A clock that stands still."""
    return VirtualClock(1_763_778_000_000)


@pytest.fixture
def proc(tmp_path: Path) -> Path:
    """An empty folder that stands for /proc."""
    root = tmp_path / "proc"
    root.mkdir()
    return root
