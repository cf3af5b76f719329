"""A Redis of one's own, on a free port, in memory, ended by its own process."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.create_server(("127.0.0.1", 0)) as one:
        port: int = one.getsockname()[1]
        return port


def until_it_takes_connections(port: int, patience: float = 20.0) -> None:
    """Wait until somebody listens."""
    deadline = time.monotonic() + patience
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            assert time.monotonic() < deadline, f"nobody listens on {port}"
            time.sleep(0.02)


class PrivateRedis:
    """`with PrivateRedis(program) as redis: redis.url`; it can be stopped and started on the same port."""

    def __init__(self, program: Callable[..., str], *options: str, password: str = "", tls: Path | None = None) -> None:
        """`tls`: a folder with `cert.pem` and `key.pem`; then it speaks TLS alone."""
        self._command = [program("redis-server"), "--save", "", "--appendonly", "no", "--bind", "127.0.0.1", *options]
        if password:
            self._command += ["--requirepass", password]
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        scheme = "rediss" if tls else "redis"
        self.url = f"{scheme}://{f':{password}@' if password else ''}127.0.0.1:{self.port}/0"
        if tls is not None:
            self._command += ["--tls-port", str(self.port), "--tls-auth-clients", "no", "--port", "0"]
            self._command += ["--tls-cert-file", str(tls / "cert.pem"), "--tls-key-file", str(tls / "key.pem")]
        else:
            self._command += ["--port", str(self.port)]

    def start(self) -> Self:
        """Start it, unless it runs, and wait until it takes connections."""
        if self._process is not None:
            return self
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL, cwd="/tmp")
        until_it_takes_connections(self.port)
        return self

    def stop(self) -> None:
        """End it."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(timeout=20)
            self._process = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()
