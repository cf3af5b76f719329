"""`run_monitoring_dashboard.py --streamlit`: the guide's `streamlit run`, started by Python."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from bongsu.commands.config import read
from bongsu.commands.ports import FLAGS, trouble
from bongsu.commands.words import Words
from bongsu.settings.load import Loaded


def run(words: Words, config: Path | None, given: dict[str, Any], *, root: Path) -> int:
    """Run the console in a process of its own until it ends; its exit status."""
    importlib.import_module("streamlit")
    loaded = read(words, config, given)
    if loaded is None:
        return 1
    server = loaded.settings.server
    words = Words(loaded.settings.monitoring.language)
    taken = server.console_port and trouble(words, server.host, server.console_port, FLAGS["console_port"])
    if taken:
        print(taken, file=sys.stderr)
        return 1
    with subprocess.Popen(command(loaded, config, root), env=environment(root)) as child:  # noqa: S603 - our own words
        try:
            return child.wait()
        except KeyboardInterrupt:
            return child.wait()


def command(loaded: Loaded, config: Path | None, root: Path) -> list[str]:
    """The command line of Streamlit; what stands behind `--` is read by the launcher."""
    server = loaded.settings.server
    return [
        *(sys.executable, "-m", "streamlit", "run", str(root / "run_monitoring_dashboard.py")),
        f"--server.address={server.host}",
        f"--server.port={server.console_port}",
        *(["--", f"--config={config}"] if config else []),
    ]


def environment(root: Path) -> dict[str, str]:
    """Ours, with the package's folder on the path: Streamlit may run from a checkout that isn't installed."""
    path = os.pathsep.join(filter(None, [str(root / "src"), os.environ.get("PYTHONPATH", "")]))
    return {**os.environ, "PYTHONPATH": path}
