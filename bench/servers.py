"""Servers under measurement as private instances: a free loopback port, a folder of their own, ended by their own
pid."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.wire import Connection, get


class Missing(Exception):
    """A peer isn't installed: its column stays empty, ours is measured all the same."""


class NotReady(Exception):
    """A server ended, or didn't answer in time."""


@dataclass(slots=True, kw_only=True)
class Server:
    """A running server: its port, its pid (the root of its process tree) and where its files are."""

    name: str
    port: int
    folder: Path
    process: subprocess.Popen[bytes]
    live_port: int = 0
    console_port: int = 0

    @property
    def pid(self) -> int:
        """The root of the process tree."""
        return self.process.pid

    def stop(self, *, patience: float = 60.0) -> float:
        """End it with SIGTERM and wait until all is written; returns the seconds that took."""
        start = time.perf_counter()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(patience)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        return time.perf_counter() - start


def free_ports(count: int = 1) -> list[int]:
    """Ports nobody listens on just now."""
    with_ports = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [int(one.getsockname()[1]) for one in with_ports]
    for one in with_ports:
        one.close()
    return ports


def started(command: Sequence[str], *, folder: Path, env: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
    """Start a server with its output in `server.log` beside its data."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder.parent / f"{folder.name}.log").open("ab") as log:
        return subprocess.Popen(
            command, cwd=folder, stdout=log, stderr=log, stdin=subprocess.DEVNULL, env={**os.environ, **(env or {})}
        )


def until_ready(server: Server, target: str, *, patience: float = 30.0) -> Server:
    """Wait until `target` answers 200.

    Raises:
        NotReady: it ended, or the patience did.
    """
    deadline = time.perf_counter() + patience
    while time.perf_counter() < deadline and server.process.poll() is None:
        try:
            with Connection(server.port, patience=2.0) as connection:
                if connection.ask(get(target)).status == 200:
                    return server
        except OSError:
            pass
        time.sleep(0.05)
    log = (server.folder.parent / f"{server.folder.name}.log").read_text(errors="replace")[-2_000:]
    server.stop(patience=1.0)
    raise NotReady(f"{server.name} didn't answer {target} within {patience:g} s; its last words:\n{log}")


@contextmanager
def running(server: Server, ready: str) -> Iterator[Server]:
    """The server while it runs; ended in any case."""
    try:
        yield until_ready(server, ready)
    finally:
        server.stop()


@contextmanager
def bongsu(
    folder: Path, *, env: Mapping[str, str] | None = None, console: bool = False, demo: bool = False
) -> Iterator[Server]:
    """Ours, as `bongsu up` starts it, with the settings everybody gets; console and demo only where asked for."""
    port, live_port, console_port = free_ports(3)
    data = folder / "bongsu"
    command = [sys.executable, "-m", "bongsu", "up", "--data", str(data), "--port", str(port)]
    command += ["--live-port", str(live_port)]
    command += ["--console-port", str(console_port)] if console else ["--no-console"]
    command += ["--demo"] if demo else []
    process = started(command, folder=data, env=env)
    server = Server(
        name="Bongsu", port=port, live_port=live_port, console_port=console_port, folder=data, process=process
    )
    with running(server, "/readyz") as ready:
        yield ready


@contextmanager
def victoria(folder: Path) -> Iterator[Server]:
    """VictoriaMetrics (single node) as it comes, but for loopback, long retention and connections that may stay."""
    binary = binary_of("victoria-metrics", "victoria-metrics-prod")
    (port,) = free_ports()
    data = folder / "victoria"
    command = [binary, f"-storageDataPath={data}", f"-httpListenAddr=127.0.0.1:{port}"]
    command += ["-retentionPeriod=1y", "-loggerLevel=ERROR", "-http.connTimeout=24h"]
    server = Server(name="VictoriaMetrics", port=port, folder=data, process=started(command, folder=data))
    with running(server, "/health") as ready:
        yield ready


@contextmanager
def netdata(folder: Path) -> Iterator[Server]:
    """Netdata at 1 s with the collectors its package brings; statistics, cloud and registry off."""
    binary = binary_of("netdata", "/usr/sbin/netdata")
    (port,) = free_ports()
    home = folder / "netdata"
    for name in ("cache", "lib", "log", "config", "registry"):
        (home / name).mkdir(parents=True, exist_ok=True)
    (home / "config" / ".opt-out-from-anonymous-statistics").touch()
    settings = home / "config" / "netdata.conf"
    settings.write_text(NETDATA.format(home=home, port=port, user=_user()))
    command = [binary, "-D", "-c", str(settings)]
    process = started(command, folder=home, env={"DO_NOT_TRACK": "1", "DISABLE_TELEMETRY": "1"})
    server = Server(name="Netdata", port=port, folder=home, process=process)
    with running(server, "/api/v1/info") as ready:
        yield ready


NETDATA = """\
[global]
    run as user = {user}
[db]
    update every = 1
[directories]
    config = {home}/config
    cache = {home}/cache
    lib = {home}/lib
    log = {home}/log
    registry = {home}/registry
[web]
    bind to = 127.0.0.1
    default port = {port}
[registry]
    enabled = no
[cloud]
    enabled = no
[health]
    script to execute on alarm = /bin/true
[statsd]
    enabled = no
"""
"""statsd is off because it listens on a fixed port (8125); it costs nothing when nobody sends."""


def binary_of(*names: str) -> str:
    """The first of the names that is installed.

    Raises:
        Missing: none of them is.
    """
    for name in names:
        if found := shutil.which(name):
            return found
    raise Missing(f"{names[0]} is not installed: `make bench-deps` does it where apt-get is at hand")


def _user() -> str:
    import getpass

    return getpass.getuser()
