"""What measures time runs alone."""

from __future__ import annotations

from pathlib import Path

import pytest

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test of this folder carries the mark `alone`."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker("alone")
