"""Which packages are there."""

from __future__ import annotations

from importlib import metadata
from pathlib import Path

import pytest

from bongsu.commands.dependencies import Dependency, check, wanted
from bongsu.commands.words import Words

ROOT = Path(__file__).parents[3]


def test_a_checkout_is_read_from_its_project_file(tmp_path: Path) -> None:
    """Names, versions and extras come from pyproject.toml; collections of extras are no packages."""
    (tmp_path / "pyproject.toml").write_text(
        '[project]\ndependencies = ["numpy>=2.2", "uvloop>=0.23; sys_platform != \'win32\'"]\n'
        '[project.optional-dependencies]\nredis = ["redis>=7"]\nconsole = ["streamlit>=1.67"]\n'
        'postgres = ["psycopg[binary]>=3.3"]\nall = ["bongsu[console,redis]"]\n'
    )
    assert [(one.name, one.at_least, one.extra, one.needed) for one in wanted(tmp_path)] == [
        ("numpy", "2.2", "", True),
        ("uvloop", "0.23", "", True),
        ("streamlit", "1.67", "console", True),
        ("psycopg", "3.3", "postgres", False),
        ("redis", "7", "redis", False),
    ]


def test_our_own_project_file_is_understood() -> None:
    """Every dependency that the project declares is found, with a version."""
    found = wanted(ROOT)
    assert {"numpy", "streamlit", "pydantic", "redis"} <= {one.name for one in found}
    assert all(one.at_least != "0" for one in found)


@pytest.mark.parametrize(
    ("at_least", "state"),
    [("0.1", "there"), ("9", "old"), ("9.2.0", "there"), ("9.2.0.0", "there"), ("9.2.1", "old"), ("10", "old")],
)
def test_versions_are_compared_by_number(monkeypatch: pytest.MonkeyPatch, at_least: str, state: str) -> None:
    """9.10 is newer than 9.9, and a missing part counts as nothing."""
    monkeypatch.setattr(metadata, "version", lambda _: "8.10" if at_least == "9" else "9.2.0")
    assert Dependency(name="x", at_least=at_least).state()[0] == state


def test_an_optional_package_may_be_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without the packages of an optional extra the check is content, and says that they are optional."""
    (tmp_path / "pyproject.toml").write_text(
        '[project]\ndependencies = []\n[project.optional-dependencies]\nredis = ["no-such-package>=7"]\n'
    )
    assert check(Words("en"), tmp_path) == 0
    assert capsys.readouterr().out.startswith("– no-such-package is missing (wanted: ≥ 7): needed for the extra redis")
