"""A PostgreSQL of one's own: a fresh cluster in a folder of its own, reached through a socket there."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path


def where(name: str) -> str:
    """The path of one of PostgreSQL's programs, which Debian keeps out of PATH; its bare name where there is none."""
    return next((str(path) for path in sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)), name)


class Cluster:
    """A cluster that can be stopped, started again, and made to hang."""

    def __init__(self, program: Callable[..., str], options: Mapping[str, str] | None = None) -> None:
        """Nothing runs yet. `program` is the fixture of that name, `options` are settings of PostgreSQL."""
        self._options = [f"--{name}={value}" for name, value in (options or {}).items()]
        self._initdb, self._postgres = (program(where(name)) for name in ("initdb", "postgres"))
        self._user = _somebody()
        self._folder = Path(tempfile.mkdtemp(prefix="bongsu-pg-"))
        self._server: subprocess.Popen[str] | None = None
        self._frozen: list[int] = []
        self.url = f"postgresql://bongsu@/postgres?host={self._folder}"

    def create(self) -> None:
        """Make its files."""
        if self._user is not None:
            shutil.chown(self._folder, self._user)
        data = self._folder / "data"
        subprocess.run(
            [
                *(self._initdb, "--auth=trust", "--username=bongsu", "--encoding=UTF8"),
                *("--no-locale", "--no-sync", "-D", data),
            ],
            check=True,
            capture_output=True,
            cwd="/",
            user=self._user,
        )

    def start(self) -> None:
        """Run it; returns when it takes connections."""
        self._server = subprocess.Popen(
            [
                *(self._postgres, "-D", self._folder / "data", "-k", self._folder),
                *("-c", "listen_addresses=", "-c", "fsync=off", *self._options),
            ],
            stderr=subprocess.PIPE,
            cwd="/",
            user=self._user,
            text=True,
        )
        assert self._server.stderr is not None
        for line in self._server.stderr:
            if "ready to accept connections" in line:
                break
        else:
            raise AssertionError("PostgreSQL ended before it was ready")

    @property
    def pid(self) -> int:
        """Its first process, whose children serve the connections."""
        assert self._server is not None
        return self._server.pid

    def freeze(self) -> None:
        """It hangs: connections stay, nothing is answered."""
        assert self._server is not None
        mine = self._server.pid
        children = Path(f"/proc/{mine}/task/{mine}/children").read_text(encoding="ascii").split()
        self._frozen = [mine, *map(int, children)]
        for pid in self._frozen:
            os.kill(pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """It goes on where it was."""
        while self._frozen:
            os.kill(self._frozen.pop(), signal.SIGCONT)

    def stop(self) -> None:
        """End it, with its connections."""
        self.thaw()
        server, self._server = self._server, None
        if server is not None:
            server.send_signal(signal.SIGINT)  # "fast": connections are ended
            server.communicate(timeout=30)

    def remove(self) -> None:
        """End it, and take its files away."""
        try:
            self.stop()
        finally:
            shutil.rmtree(self._folder, ignore_errors=True)


@contextmanager
def cluster(program: Callable[..., str]) -> Iterator[str]:
    """The URL of a running cluster, which ends with the block. `program` is the fixture of that name."""
    with running_cluster(program) as one:
        yield one.url


@contextmanager
def running_cluster(program: Callable[..., str], options: Mapping[str, str] | None = None) -> Iterator[Cluster]:
    """A running cluster, which ends with the block."""
    one = Cluster(program, options)
    try:
        one.create()
        one.start()
        yield one
    finally:
        one.remove()


def _somebody() -> str | None:
    """PostgreSQL refuses to run as root: then as its own user, else as nobody."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"
