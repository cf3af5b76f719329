"""The native library is built where that can be done, and everything works where it can't."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from unittest.mock import patch

import pytest

from bongsu import native
from bongsu.native import build, library

ROOT = Path(__file__).parents[3]


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """A copy of the C files, with an older library beside them."""
    for file in build.FOLDER.glob("*.[ch]"):
        shutil.copy(file, tmp_path)
    (tmp_path / build.LIBRARY).write_bytes(b"an older one")
    return tmp_path


def found(path: Path) -> str | None:
    """What is told of the library in that place."""
    with patch.object(library, "PATH", path):
        library._found.cache_clear()
        try:
            return library.why_missing()
        finally:
            library._found.cache_clear()


def test_it_is_built_and_in_use(sources: Path) -> None:
    """The one in use is the one that the compiler makes of these files."""
    assert native.why_missing() is None
    assert native.available()
    assert library.PATH == build.FOLDER / build.LIBRARY
    assert build.build(sources) is None
    assert found(sources / build.LIBRARY) is None


@pytest.mark.parametrize(("compiler", "told"), [("cc-that-isnt-there", "no C compiler"), ("false", "compiler failed")])
def test_without_a_compiler(sources: Path, monkeypatch: pytest.MonkeyPatch, compiler: str, told: str) -> None:
    """It is told why, and no older library stays to be used by mistake."""
    monkeypatch.setenv("CC", compiler)
    assert told in (build.build(sources) or "")
    assert {file.suffix for file in sources.iterdir()} == {".c", ".h"}
    assert found(sources / build.LIBRARY) == "it wasn't built"


def test_a_library_that_is_none(sources: Path) -> None:
    """A file of another kind of machine, or a broken one, is as good as none."""
    assert "can't be loaded" in (found(sources / build.LIBRARY) or "")


def test_a_library_of_another_version(sources: Path) -> None:
    """Its functions may take something else: it isn't used."""
    version = sources / "version.c"
    version.write_text(version.read_text().replace(f"return {library.VERSION};", "return 99;"))
    assert build.build(sources) is None
    assert found(sources / build.LIBRARY) == f"it is of version 99 instead of {library.VERSION}"


@pytest.mark.parametrize("compiler", ["cc", "cc-that-isnt-there"])
def test_a_wheel_holds_it_where_there_is_a_compiler(tmp_path: Path, compiler: str) -> None:
    """A wheel with the library is for this kind of machine; one without it is for any."""
    checkout = tmp_path / "checkout"
    shutil.copytree(ROOT / "src", checkout / "src", ignore=shutil.ignore_patterns("__pycache__", "static"))
    for name in ("pyproject.toml", "hatch_build.py", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, checkout)
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=checkout,
        env={**os.environ, "CC": compiler},
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert "bongsu/native/points.c" in names
    built = compiler == "cc"
    assert (f"bongsu/native/{build.LIBRARY}" in names) is built
    assert wheel.name.endswith("-py3-none-any.whl") is not built
