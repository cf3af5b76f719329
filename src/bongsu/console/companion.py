"""Joins a running server, or starts one: what makes `streamlit run` work by itself."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Literal, TypeAlias

import httpx
import structlog

from bongsu.console.child import Child, python_environment
from bongsu.console.lock import FileLock
from bongsu.console.passport import drop_console_token, make_console_token
from bongsu.console.secure import verifying
from bongsu.ports import Clock

Found: TypeAlias = Literal["ours", "foreign", "silent", "nobody"]
"""Who answers at the server's address: a Bongsu server (ready or not yet), another program, one that listens but says
nothing, nobody."""

PERIOD = 2.0
LONGEST_WAIT = 60.0


class ServerCompanion:
    """Looks every two seconds whether a server answers at `rest_url`. Where none does, the one holder of the lock
    starts it with `command`, and ends with the console only what it started.

    However many consoles, sessions and reruns there are, one server is started: the lock is a file in the data
    folder, and whoever doesn't get it waits for the holder's server.
    """

    def __init__(
        self,
        rest_url: str,
        *,
        command: Sequence[str],
        lock: Path,
        log: Path,
        clock: Clock,
        make_child: Callable[[], Child] | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        certificate: str = "",
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """`certificate`: the file of the one that the server shows; `environment` is added to that of its process."""
        self._rest_url = rest_url
        self._certificate = certificate
        self._lock = FileLock(lock)
        self._log = log
        self._clock = clock
        self._make_child = make_child or (
            lambda: Child(command, log=log, environment=python_environment() | dict(environment or {}))
        )
        self._transport = transport
        self._child: Child | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._wait = PERIOD
        self._next_start = 0.0
        self._said = structlog.get_logger("bongsu.console")
        self._told: str = ""

    @property
    def pid(self) -> int | None:
        """The process id of the server that we started, while it runs."""
        return self._child.pid if self._child is not None else None

    async def start(self) -> None:
        """Begin to look after the server; returns at once."""
        self._keeper = asyncio.create_task(self._keep(), name="server companion")

    async def stop(self) -> None:
        """End the server if it is ours, and let others start one."""
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)
            self._keeper = None
        if self._child is not None:
            await self._child.stop()
            self._child = None
        self._lock.release()

    async def _keep(self) -> None:
        async with httpx.AsyncClient(
            base_url=self._rest_url,
            transport=self._transport,
            timeout=2.0,
            trust_env=False,
            verify=verifying(self._certificate),
        ) as client:
            while True:
                await self.look(client)
                await self._clock.sleep_until(self._clock.monotonic() + PERIOD)

    async def look(self, client: httpx.AsyncClient) -> None:
        """One look: join, start or wait."""
        found = await who_answers(client)
        if found == "ours":
            self._wait = PERIOD
            if self.pid is None:
                self._lock.release()
                drop_console_token()
            self._tell("a server answers", url=self._rest_url, started_here=self.pid is not None)
        elif found == "foreign":
            self._tell(
                "another program listens at the server's address, or ours with or without TLS; "
                "stop it, or set server.port or server.tls",
                url=self._rest_url,
            )
        elif found == "silent":
            self._tell("something listens there but doesn't answer", url=self._rest_url)
        elif self.pid is None:
            await self._start_server()

    async def _start_server(self) -> None:
        if self._clock.monotonic() < self._next_start or not self._take_lock():
            return
        if self._child is not None:
            self._tell("the server ended; starting it again", log=str(self._log), wait=self._wait)
        make_console_token()
        child = self._make_child()
        try:
            await child.start()
        except OSError as error:
            self._tell("the server can't be started", error=str(error))
            return
        finally:
            self._next_start = self._clock.monotonic() + self._wait
            self._wait = min(LONGEST_WAIT, self._wait * 2)
        self._child = child
        self._tell("no server answered; started one", url=self._rest_url, log=str(self._log))

    def _take_lock(self) -> bool:
        try:
            return self._lock.acquire()
        except OSError as error:
            self._tell("the data folder can't be written", error=str(error))
            return False

    def _tell(self, what: str, **facts: object) -> None:
        """Log once a change, not once a look."""
        if what != self._told:
            self._told = what
            self._said.info(what, **facts)


async def who_answers(client: httpx.AsyncClient) -> Found:
    """Ask `/healthz`. Ours answers JSON with a `status`, ready or not."""
    try:
        answer = await client.get("/healthz")
    except httpx.TimeoutException:
        return "silent"
    except httpx.HTTPError as error:
        return "foreign" if _otherwise(error) else "nobody"
    try:
        body = json.loads(answer.content)
    except ValueError:
        return "foreign"
    return "ours" if isinstance(body, dict) and "status" in body else "foreign"


def _otherwise(error: BaseException) -> bool:
    """Whether somebody listens, but speaks TLS where we don't, or the other way round, or shows another certificate."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, (ssl.SSLError, httpx.RemoteProtocolError)):
            return True
        cause = cause.__cause__ or cause.__context__
    return False
