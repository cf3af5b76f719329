"""Pin requirements.txt and requirements-dev.txt with the hashes of the public wheels: `make pins`.

Run it with Python 3.11, the oldest we support; the hashes hold for every wheel of a version, newer Pythons included.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OPTIONS = (
    "--quiet",
    "--generate-hashes",
    "--allow-unsafe",
    "--strip-extras",
    "--no-annotate",
    "--no-emit-index-url",
    "--no-emit-find-links",
    "--no-emit-trusted-host",
    *(f"--extra={name}" for name in ("console", "redis", "postgres", "mysql", "apprise", "calendars")),
)


def compile_into(target: Path, *sources: str) -> None:
    """Run pip-compile; a machine's own package folders are left out, so that only public hashes are written."""
    environment = {name: value for name, value in os.environ.items() if name != "PIP_FIND_LINKS"}
    environment |= {"PIP_CONFIG_FILE": os.devnull, "CUSTOM_COMPILE_COMMAND": "make pins"}
    command = [sys.executable, "-m", "piptools", "compile", *OPTIONS, *sys.argv[1:], f"--output-file={target}"]
    subprocess.run([*command, "pyproject.toml", *sources], cwd=ROOT, env=environment, check=True)


def main() -> None:
    """Write both files; what they share has the same version in both."""
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["dependency-groups"]
    compile_into(ROOT / "requirements.txt")
    with tempfile.TemporaryDirectory() as folder:
        tools = Path(folder) / "dev.in"
        tools.write_text("\n".join(groups["dev"]) + "\n", encoding="utf-8")
        compile_into(ROOT / "requirements-dev.txt", str(tools), f"--constraint={ROOT / 'requirements.txt'}")


if __name__ == "__main__":
    main()
