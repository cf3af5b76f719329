"""`make audit` says what it knows, and what it doesn't."""

from __future__ import annotations

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


def audit() -> Any:
    """The script as a module."""
    found = spec_from_file_location("audit_script", ROOT / "scripts" / "audit.py")
    assert found is not None
    assert found.loader is not None
    module = module_from_spec(found)
    found.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("packages", "status", "said"),
    [
        ([{"name": "a", "version": "1", "vulns": []}], 0, "1 packages looked up, 0 known holes"),
        ([{"name": "a", "skip_reason": "not found"}], 3, "1 of 1 packages couldn't be looked up"),
        (
            [
                {"name": "a", "version": "1", "vulns": [{"id": "CVE-1", "fix_versions": ["2"]}]},
                {"name": "b", "skip_reason": ""},
            ],
            1,
            "a 1: CVE-1, mended in 2",
        ),
    ],
)
def test_what_was_not_looked_up_is_not_clean(
    packages: list[dict[str, Any]], status: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A hole is told with its remedy; packages that nobody could be asked about end in a status of their own."""
    assert audit().told(packages) == status
    assert said in capsys.readouterr().out
