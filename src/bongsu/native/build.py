"""Builds the native library where there is a C compiler: `python -m bongsu.native.build`. Installing does the same.

The standard library alone is used: `hatch_build.py` runs this file where no package is installed.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parent
LIBRARY = "bongsu_native.so"
FLAGS = ("-std=c99", "-O3", "-fPIC", "-shared", "-pthread", "-ffp-contract=off")
"""A multiplication contracted with an addition would round otherwise than Python does."""
LATER = ("-undefined", "dynamic_lookup") if sys.platform == "darwin" else ()
"""What Python itself has is found when the library is loaded: elsewhere linkers take that for granted."""


def build(folder: Path = FOLDER) -> str | None:
    """Compile all C files of the folder into the library beside them; an older one is taken away in any case.

    Returns in a sentence why there is none now; None where there is one. `CC` names another compiler.
    """
    (folder / LIBRARY).unlink(missing_ok=True)
    compiler = shlex.split(os.environ.get("CC", "")) or ["cc"]
    if shutil.which(compiler[0]) is None:
        return f"there is no C compiler ({compiler[0]})"
    made = folder / f"{LIBRARY}.{os.getpid()}"
    sources = [str(path) for path in sorted(folder.glob("*.c"))]
    try:
        command = [*compiler, *FLAGS, *LATER, *sources, "-o", str(made)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 (our own files)
        if done.returncode:
            return f"the compiler failed:\n{done.stderr}"
        made.replace(folder / LIBRARY)
    finally:
        made.unlink(missing_ok=True)
    return None


if __name__ == "__main__":
    sys.exit(build())
