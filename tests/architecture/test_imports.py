"""Imports go one way; every module has its place; screens' libraries stay with the console."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.integration.whole_server import WholeServer, until

ROOT = Path(__file__).parents[2]


def lint_imports(root: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter on the sources below a folder."""
    environment = {**os.environ, "PYTHONPATH": str(root / "src"), "COLUMNS": "200"}
    command = [sys.executable, "-c", "import sys; from importlinter.cli import lint_imports_command as run; run()"]
    return subprocess.run(
        [*command, "--no-cache"], cwd=root, env=environment, capture_output=True, text=True, check=False
    )


def copy(root: Path) -> Path:
    """The sources and the contracts, in a folder where they may be broken."""
    shutil.copytree(ROOT / "src", root / "src", ignore=shutil.ignore_patterns("__pycache__", "static"))
    shutil.copy(ROOT / "pyproject.toml", root)
    return root


def test_the_contracts_hold() -> None:
    """No module imports against the direction that the design draws."""
    done = lint_imports(ROOT)
    assert done.returncode == 0, done.stdout


def test_a_stray_module_fails(tmp_path: Path) -> None:
    """A module that no layer names breaks the build: whoever adds one decides where it belongs."""
    copy(tmp_path)
    (tmp_path / "src" / "bongsu" / "stray.py").write_text('"""Stray."""\n')
    done = lint_imports(tmp_path)
    assert done.returncode != 0
    assert "stray" in done.stdout


def test_a_view_that_knows_a_stage_fails(tmp_path: Path) -> None:
    """A screen that reaches past the ports into history breaks the build."""
    copy(tmp_path)
    with (tmp_path / "src" / "bongsu" / "client.py").open("a") as file:
        file.write("\nfrom bongsu.history import embedded\n")
    done = lint_imports(tmp_path)
    assert done.returncode != 0
    assert "bongsu.client is not allowed to import bongsu.history" in done.stdout


def test_import_bongsu_is_light() -> None:
    """`import bongsu` loads no screen library, no numbers, no server: only itself."""
    code = "import sys, bongsu; print(*sorted({name.split('.')[0] for name in sys.modules} - sys.stdlib_module_names))"
    done = subprocess.run(
        [sys.executable, "-S", "-c", code],
        env={"PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["__main__", "bongsu"] or done.stdout.split() == ["bongsu"]
    assert "sitecustomize" not in done.stderr


def test_the_server_draws_nothing() -> None:
    """What `bongsu up` loads has neither Streamlit, Plotly nor pandas in it."""
    code = "import sys, bongsu.commands.up, bongsu.commands.check; print(*{n.split('.')[0] for n in sys.modules})"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert not {"streamlit", "plotly", "pandas", "httpx"} & set(done.stdout.split())


def test_a_viewer_takes_no_engine_along() -> None:
    """It collects, keeps and judges nothing: history, rules, feeds and what they need (10 MiB) stay where they are, and
    so do the pictures that httpx brings for its command line (5 MiB).
    """
    code = (
        "import sys; from bongsu.commands.alone import import_alone; import_alone('structlog', without='rich'); "
        "import bongsu.commands.up; import_alone('httpx', without='pygments'); import bongsu.viewer; "
        "heavy = {'rich', 'pygments', 'sqlalchemy', 'bongsu.engine', 'bongsu.alarms', 'bongsu.feeding', 'bongsu.app'}; "
        "heavy |= {'bongsu.history.embedded', 'bongsu.alerts.service', 'bongsu.anomaly.stage', 'bongsu.notify.http'}; "
        "print(heavy & sys.modules.keys())"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert told.stdout.strip() == "set()"


def test_an_idle_server_has_loaded_nothing_it_does_not_use(tmp_path: Path) -> None:
    """A server that measures and keeps, and that nobody asks anything but its figures, has none of these: together they
    are some 25 of the 100 MiB that it may take.
    """
    seen = tmp_path / "imports"
    telling = ("sh", "-c", f"exec \"$@\" 2>'{seen}'", "sh")
    with WholeServer(tmp_path, settings={"PYTHONPROFILEIMPORTTIME": "1"}, within=telling) as server:
        until("the first sample kept", lambda: server.figure("bongsu_history_tail_samples") > 0)
    loaded = {line.rpartition("|")[2].strip() for line in seen.read_text().splitlines()}
    assert {"bongsu.engine", "numpy", "sqlalchemy", "uvicorn.config"} <= loaded
    of_others = {"rich.console", "click", "multiprocessing", "uvicorn.main", "numpy.ma", "html", "email.policy"}
    of_ours = {"dotenv", "simdjson", "httpx", "alembic", "argon2", "bcrypt", "cryptography", "jinja2", "datasketches"}
    described = {"bongsu.server.openapi", "holidays", "pandas", "streamlit", "plotly"}
    assert loaded & (of_others | of_ours | described) == set()
