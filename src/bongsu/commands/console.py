"""`run_monitoring_dashboard.py --streamlit`: the guide's `streamlit run`, started by Python."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bongsu.commands.config import read
from bongsu.commands.ports import FLAGS, trouble
from bongsu.commands.words import Words
from bongsu.console.process import free_port
from bongsu.settings.environment import name_of
from bongsu.settings.load import Loaded


def run(words: Words, config: Path | None, given: dict[str, Any], *, root: Path) -> int:
    """Become Streamlit, running the launcher's page; returns only where it can't, or on Windows."""
    importlib.import_module("streamlit")
    loaded = read(words, config, given)
    if loaded is None:
        return 1
    server = loaded.settings.server
    words = Words(loaded.settings.monitoring.language)
    taken = server.console_port and trouble(
        words, server.host, server.console_port, FLAGS["console_port"], server.tls.files
    )
    if taken:
        print(taken, file=sys.stderr)
        return 1
    words_of_it, surroundings = command(loaded, config, root), environment(root, given)
    if os.name == "posix":  # In our place, not below us: a signal meant for the dashboard reaches it.
        os.execve(words_of_it[0], words_of_it, surroundings)  # noqa: S606 - our own words
    return subprocess.call(words_of_it, env=surroundings)  # noqa: S603 - our own words


def command(loaded: Loaded, config: Path | None, root: Path) -> list[str]:
    """The command line of Streamlit; what stands behind `--` is read by the launcher."""
    server, tls = loaded.settings.server, loaded.settings.server.tls.files
    return [
        *(sys.executable, "-m", "streamlit", "run", str(root / "run_monitoring_dashboard.py")),
        f"--server.address={server.host}",
        f"--server.port={server.console_port or free_port(server.host)}",
        *([f"--server.sslCertFile={tls.certificate}", f"--server.sslKeyFile={tls.key}"] if tls else []),
        *(["--", f"--config={config}"] if config else []),
    ]


def environment(root: Path, given: Mapping[str, Any]) -> dict[str, str]:
    """Ours, with the package's folder on the path (a checkout needn't be installed), and the flags that were given."""
    flags = {name_of(tuple(path.split("."))): str(value) for path, value in given.items()}
    path = os.pathsep.join(filter(None, [str(root / "src"), os.environ.get("PYTHONPATH", "")]))
    return {**os.environ, **flags, "PYTHONPATH": path}
