"""A PostgreSQL of one's own: a fresh cluster in a folder of its own, reached through a socket there."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


def where(name: str) -> str:
    """The path of one of PostgreSQL's programs, which Debian keeps out of PATH; its bare name where there is none."""
    return next((str(path) for path in sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)), name)


@contextmanager
def cluster(program: Callable[..., str]) -> Iterator[str]:
    """The URL of a running cluster, which ends with the block. `program` is the fixture of that name."""
    initdb, postgres = (program(where(name)) for name in ("initdb", "postgres"))
    user = _somebody()
    folder = Path(tempfile.mkdtemp(prefix="bongsu-pg-"))
    if user is not None:
        shutil.chown(folder, user)
    data = folder / "data"
    try:
        subprocess.run(
            [initdb, "--auth=trust", "--username=bongsu", "--encoding=UTF8", "--no-locale", "--no-sync", "-D", data],
            check=True,
            capture_output=True,
            cwd="/",
            user=user,
        )
        server = subprocess.Popen(
            [postgres, "-D", data, "-k", folder, "-c", "listen_addresses=", "-c", "fsync=off"],
            stderr=subprocess.PIPE,
            cwd="/",
            user=user,
            text=True,
        )
        try:
            assert server.stderr is not None
            for line in server.stderr:
                if "ready to accept connections" in line:
                    break
            else:
                raise AssertionError("PostgreSQL ended before it was ready")
            yield f"postgresql://bongsu@/postgres?host={folder}"
        finally:
            server.terminate()
            server.communicate(timeout=30)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _somebody() -> str | None:
    """PostgreSQL refuses to run as root: then as its own user, else as nobody."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"
