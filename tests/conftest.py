"""What all tests share."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("usual", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("fuzz", settings.get_profile("usual"), max_examples=2_000)
settings.load_profile("usual")


HERE = Path(__file__).parent
LONGEST = (
    "browser/test_board_week.py",
    "integration/test_survival.py",
    "integration/test_alerts_survive.py",
    "browser",
    "integration",
    "property",
)
"""What begins first, so that no worker is left with something long at the end."""
FIRST = "not (alone or beside or aside)"
"""What `scripts/suite.sh` runs in two workers."""
ASIDE = ("acceptance", "architecture", "contract", "property", "unit")
"""Folders whose tests compute, and neither show a page nor wait for a process: they carry the mark `aside`."""


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """`-m alone` and `-m beside` needn't import the hundreds of files without such a test: the mark stands in their
    text; nor do those with and without `aside` need each other's folders.
    """
    mark = config.option.markexpr
    if mark in {"aside", FIRST} and collection_path.parent == HERE and collection_path.is_dir():
        return ((collection_path.name in ASIDE) != (mark == "aside")) or None
    if mark not in {"alone", "beside"} or not collection_path.name.startswith("test_"):
        return None
    if mark == "alone" and collection_path.parent == HERE / "performance":
        return None
    return f"mark.{mark}" not in collection_path.read_text(encoding="utf-8") or None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long comes first; otherwise the order stays."""
    for item in items:
        if item.path.relative_to(HERE).parts[0] in ASIDE and not any(map(item.get_closest_marker, ("alone", "beside"))):
            item.add_marker("aside")

    def rank(item: pytest.Item) -> int:
        place = item.path.relative_to(HERE).as_posix()
        return next((n for n, start in enumerate(LONGEST) if place.startswith(start)), len(LONGEST))

    items.sort(key=rank)


@pytest.fixture(scope="session")
def program() -> Callable[..., str]:
    """`program("promtool")` is its path; a test that needs one is skipped without it, and fails under `CI=true`."""

    def find(*names: str) -> str:
        for name in names:
            path = shutil.which(name)
            if path is not None:
                return path
        sentence = f"{' or '.join(names)} is not installed: make test-deps"
        if os.environ.get("CI", "").lower() in {"1", "true", "yes"}:
            pytest.fail(sentence)
        pytest.skip(sentence)

    return find
