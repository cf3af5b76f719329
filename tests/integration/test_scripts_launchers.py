"""The launchers at the root: old Pythons, missing packages, and `requirements.txt` alone."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LAUNCHERS = [ROOT / "run_monitoring_dashboard.py", ROOT / "backend" / "websocket_server.py"]
PINNED = {
    match[1].lower(): match[2]
    for match in re.finditer(
        r"^([A-Za-z0-9._-]+)==(\S+)", (ROOT / "requirements.txt").read_text(encoding="utf-8"), re.MULTILINE
    )
}


@pytest.mark.guide("G125")
@pytest.mark.parametrize("launcher", LAUNCHERS, ids=lambda path: path.name)
def test_an_old_python_can_read_the_launcher(launcher: Path) -> None:
    """Even Python 3.6 reads it as far as the line that tells which Python is needed, before it loads ours."""
    tree = ast.parse(launcher.read_text(encoding="utf-8"), feature_version=(3, 6))
    checked = next(n for n, node in enumerate(tree.body) if "version_info" in ast.unparse(node))
    loaded = {
        name
        for node in tree.body[:checked]
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in [ast.unparse(node)]
    }
    assert loaded <= {"import sys", "from pathlib import Path"}


def old_pythons() -> Iterator[str]:
    """Pythons below 3.11 of this machine that run."""
    for minor in (6, 7, 8, 9, 10):
        for path in filter(None, [shutil.which(f"python3.{minor}")]):
            if subprocess.run([path, "-c", ""], capture_output=True, check=False).returncode == 0:
                yield path


@pytest.mark.guide("G125")
@pytest.mark.parametrize("launcher", LAUNCHERS, ids=lambda path: path.name)
def test_an_old_python_is_one_line(launcher: Path) -> None:
    """Every older Python that this machine has ends in one clear line, none in a traceback."""
    for python in old_pythons():
        done = subprocess.run([python, launcher], capture_output=True, text=True, check=False)
        assert done.returncode == 1
        assert re.fullmatch(r"Bongsu needs Python 3\.11 or newer; this is 3\.\d+\.\d+ \(.*\)\n", done.stderr)


@pytest.mark.parametrize("launcher", LAUNCHERS, ids=lambda path: path.name)
def test_a_missing_package_is_one_line(launcher: Path, tmp_path: Path) -> None:
    """Without any package installed a launcher says which is missing and how to install it."""
    environment = {"PATH": os.environ["PATH"], "BONGSU_MONITORING__LANGUAGE": "en"}
    done = subprocess.run(
        [sys.executable, "-S", launcher, "--port=0"], env=environment, cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert re.fullmatch(r"A package is missing: \w+\. .*requirements\.txt.*\n", done.stderr)


@pytest.mark.guide("G024")
def test_check_deps_without_packages(tmp_path: Path) -> None:
    """`--check-deps` needs no package itself: it lists every one that is missing and ends with 1."""
    done = check_deps({"PATH": os.environ["PATH"]}, tmp_path)
    assert done.returncode == 1
    assert "✗ streamlit is missing (wanted: ≥ " in done.stdout
    assert "needed for the extra console" in done.stdout
    assert "✗ numpy is missing" in done.stdout
    assert "pip install -r requirements.txt" in done.stdout


@pytest.fixture(scope="module")
def only_pinned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the packages that `requirements.txt` names, and no other."""
    folder = tmp_path_factory.mktemp("pinned")
    for name in PINNED:
        for file in metadata.files(name) or ():
            top = file.parts[0]
            if top in {"..", "__pycache__"} or (folder / top).exists():
                continue
            (folder / top).symlink_to(Path(str(metadata.distribution(name).locate_file(""))) / top)
    return folder


def check_deps(environment: dict[str, str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run `--check-deps` with no site-packages but what the environment brings."""
    return subprocess.run(
        [sys.executable, "-S", ROOT / "run_monitoring_dashboard.py", "--check-deps"],
        env=environment | {"BONGSU_MONITORING__LANGUAGE": "en"},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.guide("G017")
@pytest.mark.guide("G024")
def test_requirements_are_all_that_is_needed(only_pinned: Path, tmp_path: Path) -> None:
    """With the packages of `requirements.txt` alone `--check-deps` is content, and the dashboard's self-test passes."""
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(only_pinned)}
    done = check_deps(environment, tmp_path)
    assert done.returncode == 0, done.stdout
    assert "Everything needed is there." in done.stdout
    tested = subprocess.run(
        [sys.executable, "-S", ROOT / "run_monitoring_dashboard.py", "--test"],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert tested.returncode == 0, tested.stdout + tested.stderr


@pytest.mark.guide("G017")
def test_the_console_starts_with_requirements_alone(only_pinned: Path, tmp_path: Path) -> None:
    """What `streamlit run run_monitoring_dashboard.py` loads is in `requirements.txt`."""
    code = "import streamlit, streamlit.web.cli, plotly, bongsu.console.standalone, bongsu.console.figures"
    done = subprocess.run(
        [sys.executable, "-S", "-c", code],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": f"{only_pinned}{os.pathsep}{ROOT / 'src'}"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.guide("G017")
@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_pins_are_exact_and_hashed(name: str) -> None:
    """Every package has one version and hashes, none an address; what both files name has the same version."""
    text = (ROOT / name).read_text(encoding="utf-8")
    pins = re.findall(
        r"^([A-Za-z0-9._-]+)==(\S+) (?:; [^\\\n]+)?\\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)",
        text,
        re.MULTILINE,
    )
    lines = [line for line in text.splitlines() if line and not line.startswith(("#", " "))]
    assert len(pins) == len(lines)
    assert "://" not in text
    assert {package: version for package, version, _ in pins}.items() >= PINNED.items()
