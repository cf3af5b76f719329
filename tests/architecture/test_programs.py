"""A test that needs a program is skipped without it at home, and fails where everything must be tested."""

from __future__ import annotations

from collections.abc import Callable

import pytest


def test_a_missing_program_skips_at_home(program: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Without `CI` the test that needs it is skipped, with the command that installs it."""
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="no-such-program or none is not installed: make test-deps"):
        program("no-such-program", "none")


def test_a_missing_program_fails_in_ci(program: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    """With `CI=true` nothing is skipped for want of a program."""
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="no-such-program is not installed"):
        program("no-such-program")


def test_a_program_that_is_there_is_found(program: Callable[..., str]) -> None:
    """The first of several names that exists is given with its path."""
    assert program("no-such-program", "sh").endswith("/sh")
