"""What all tests share."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("usual", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("fuzz", settings.get_profile("usual"), max_examples=2_000)
settings.load_profile("usual")


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
