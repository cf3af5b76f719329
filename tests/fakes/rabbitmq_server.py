"""A real RabbitMQ of one's own: one node with its management API, on free ports, ended by its own processes.

Erlang takes some seconds of a core to start, so one server serves a whole module.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.fakes.redis import free_port, until_it_takes_connections

SERVER = "/usr/lib/rabbitmq/bin/rabbitmq-server"
"""Debian's own program; the one in PATH wants to be another user."""
USER, PASSWORD = "shop", "s3cret-pw"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rabbit:
    """A running server: where AMQP and the management API are."""

    port: int
    management_port: int

    @property
    def url(self) -> str:
        """The address with name and password."""
        return f"amqp://{USER}:{PASSWORD}@127.0.0.1:{self.port}"

    @property
    def management_url(self) -> str:
        """Where the management API is."""
        return f"http://127.0.0.1:{self.management_port}"

    def publish(self, queue: str, messages: int) -> None:
        """Put messages into a queue."""
        body = {"properties": {}, "routing_key": queue, "payload": "hello", "payload_encoding": "string"}
        with httpx.Client(base_url=self.management_url, auth=(USER, PASSWORD)) as client:
            for _ in range(messages):
                answer = client.post("/api/exchanges/%2F/amq.default/publish", json=body)
                assert answer.json() == {"routed": True}, answer.text


@contextmanager
def rabbitmq(program: Callable[..., str], queues: Sequence[str]) -> Iterator[Rabbit]:
    """A server with empty `queues`, which ends with the block. `program` is the fixture of that name."""
    command, mapper = program(SERVER), program("epmd")
    folder = Path(tempfile.mkdtemp(prefix="bongsu-rabbit-"))
    amqp, management, between, names = (free_port() for _ in range(4))
    env = _settled(folder, queues, amqp=amqp, management=management) | {
        "RABBITMQ_DIST_PORT": str(between),
        "ERL_EPMD_PORT": str(names),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
    }
    # Without it the server starts one that outlives it.
    mapping = subprocess.Popen(
        [mapper, "-port", str(names), "-address", "127.0.0.1"], cwd="/", stderr=subprocess.DEVNULL
    )
    server = None
    try:
        until_it_takes_connections(names)
        server = subprocess.Popen(
            [command], cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        assert server.stdout is not None
        said = ""
        for line in server.stdout:
            said += line
            if "Server startup complete" in line:
                break
        else:
            raise AssertionError(f"RabbitMQ ended before it was ready:\n{said[-2_000:]}")
        yield Rabbit(port=amqp, management_port=management)
    finally:
        _end(server, mapping, folder)


def _settled(folder: Path, queues: Sequence[str], *, amqp: int, management: int) -> dict[str, str]:
    (folder / "rabbitmq.conf").write_text(
        f"listeners.tcp.1 = 127.0.0.1:{amqp}\n"
        f"management.tcp.ip = 127.0.0.1\nmanagement.tcp.port = {management}\n"
        f"load_definitions = {folder}/definitions.json\n"
        "collect_statistics_interval = 500\n"  # ms; of its own accord it first tells its memory after five seconds
        "log.console = true\nlog.file = false\n",
        encoding="utf-8",
    )
    definitions = {
        "users": [{"name": USER, "password": PASSWORD, "tags": "administrator"}],
        "vhosts": [{"name": "/"}],
        "permissions": [{"user": USER, "vhost": "/", "configure": ".*", "write": ".*", "read": ".*"}],
        "queues": [
            {"name": name, "vhost": "/", "durable": True, "auto_delete": False, "arguments": {}} for name in queues
        ],
    }
    (folder / "definitions.json").write_text(json.dumps(definitions), encoding="utf-8")
    (folder / "enabled_plugins").write_text("[rabbitmq_management].", encoding="utf-8")
    return {
        **os.environ,
        "HOME": str(folder),  # where Erlang keeps its cookie
        "RABBITMQ_NODENAME": "bongsu@localhost",
        "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq"),
        "RABBITMQ_CONF_ENV_FILE": str(folder / "none"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "enabled_plugins"),
        "RABBITMQ_MNESIA_BASE": str(folder / "data"),
        "RABBITMQ_LOG_BASE": str(folder / "log"),
        "RABBITMQ_PID_FILE": str(folder / "pid"),
        # One scheduler that doesn't spin, and nothing that listens on other addresses.
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 1:1 +sbwt none -kernel inet_dist_use_interface {127,0,0,1}",
    }


def _end(server: subprocess.Popen[str] | None, mapping: subprocess.Popen[bytes], folder: Path) -> None:
    if server is not None:
        pid = (folder / "pid").read_text(encoding="ascii").strip() if (folder / "pid").exists() else ""
        if pid:
            os.kill(int(pid), signal.SIGKILL)  # nothing of it is kept, and its own farewell takes seconds
        else:
            server.kill()
        server.communicate()  # the shell around it ends after it
    mapping.terminate()
    mapping.wait(timeout=20)
    shutil.rmtree(folder, ignore_errors=True)
