"""A MariaDB of one's own: fresh tables in a folder of its own, on a free port."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.fakes.redis import free_port, until_it_takes_connections


@contextmanager
def mariadb(program: Callable[..., str]) -> Iterator[int]:
    """The port of a running server that lets root in without a password; it ends with the block."""
    install, server = program("mariadb-install-db"), program("mariadbd", "/usr/sbin/mariadbd")
    user = _somebody()
    folder = Path(tempfile.mkdtemp(prefix="bongsu-my-"))
    if user is not None:
        shutil.chown(folder, user)
    data, port = folder / "data", free_port()
    try:
        subprocess.run(
            [
                install,
                "--no-defaults",
                f"--datadir={data}",
                "--auth-root-authentication-method=normal",
                "--skip-test-db",
            ],
            check=True,
            capture_output=True,
            cwd="/",
            user=user,
        )
        process = subprocess.Popen(
            [
                server,
                "--no-defaults",
                f"--datadir={data}",
                f"--port={port}",
                "--bind-address=127.0.0.1",
                f"--socket={folder / 'sock'}",
                f"--pid-file={folder / 'pid'}",
                "--innodb-flush-log-at-trx-commit=0",
            ],
            stderr=subprocess.DEVNULL,
            cwd="/",
            user=user,
        )
        try:
            until_it_takes_connections(port)
            yield port
        finally:
            process.terminate()
            process.wait(timeout=30)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _somebody() -> str | None:
    """MariaDB wants not to run as root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "mysql" if "mysql" in names else "nobody"
