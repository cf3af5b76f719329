"""Doing it: a program without a shell, a POST, a Python function, something built in. Each within its time."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import os
import signal
from collections.abc import Awaitable, Callable, Collection, Mapping
from importlib import import_module
from typing import Any, TypeAlias

from bongsu.alerts.acting.action import BuiltIn, Command, Deed, Function, HttpCall, arguments_of
from bongsu.model.alert import Transition
from bongsu.model.alert_json import alert_json

Post: TypeAlias = Callable[[str, object, Mapping[str, str]], Awaitable[tuple[int, str]]]
"""Posts a document to an address with headers; status and the answer's text."""
Doer: TypeAlias = Callable[[Transition], Awaitable[str]]
"""Does something built in; what it has to tell."""

LONGEST_OUTPUT = 8_192
"""Bytes of an output that are kept; the rest is read and thrown away."""
_ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"}


class Failed(Exception):
    """It didn't work; the text says how, with what it put out."""


class Deeds:
    """Does what actions ask for.

    `post` speaks HTTP, `built_in` are the things Bongsu can do to itself, `allowed` the programs that may run.
    """

    def __init__(self, *, post: Post, built_in: Mapping[str, Doer], allowed: Collection[str] = ()) -> None:
        self._post = post
        self._allowed = frozenset(allowed)
        self._built_in = built_in

    async def do(self, deed: Deed, step: Transition) -> str:
        """Do it; what it put out.

        Raises:
            Failed, BadArgument: it didn't work, or may not.
        """
        if isinstance(deed, Command):
            if deed.program not in self._allowed:  # the settings say so already; settings can be made without them
                raise Failed(f"{deed.program} doesn't stand in alerts.allowed_commands")
            return await run(deed.program, arguments_of(deed, step.alert))
        if isinstance(deed, HttpCall):
            return await self._call(deed, step)
        if isinstance(deed, Function):
            return await _invoke(deed, step)
        return await self._own(deed, step)

    async def _call(self, call: HttpCall, step: Transition) -> str:
        status, text = await self._post(call.url, told(step), call.headers)
        if not 200 <= status < 300:
            raise Failed(f"HTTP {status}: {text[:LONGEST_OUTPUT]}")
        return f"HTTP {status}: {text[:LONGEST_OUTPUT]}"

    async def _own(self, deed: BuiltIn, step: Transition) -> str:
        doer = self._built_in.get(deed.name)
        if doer is None:
            raise Failed(f"this server can't {deed.name}")
        return await doer(step)


def told(step: Transition) -> dict[str, Any]:
    """What a receiver or a function is given: the change and the alert."""
    return {"change": step.change, "at": step.at, "by": step.by, "alert": alert_json(step.alert)}


async def run(program: str, arguments: list[str]) -> str:
    """Run a program without a shell, in a session of its own, with nothing of our environment; what it put out.

    Raises:
        Failed: it can't be started, or ends with another status than 0.
    """
    try:
        process = await asyncio.create_subprocess_exec(
            program,
            *arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env=_ENVIRONMENT,
            cwd="/",
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        raise Failed(f"it can't be started: {error}") from error
    try:
        output = await _output(process)
        status = await process.wait()
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
    text = output.decode(errors="replace")
    if status:
        raise Failed(f"status {status}: {text}")
    return text


async def _output(process: asyncio.subprocess.Process) -> bytes:
    assert process.stdout is not None
    kept = b""
    while piece := await process.stdout.read(65_536):
        kept += piece[: LONGEST_OUTPUT - len(kept)]
    return kept


async def _invoke(function: Function, step: Transition) -> str:
    module, _, name = function.path.partition(":")
    try:
        found = getattr(import_module(module), name or module.rpartition(".")[2])
        result = found(told(step)) if inspect.iscoroutinefunction(found) else await asyncio.to_thread(found, told(step))
        if inspect.isawaitable(result):
            result = await result
    except (Exception, SystemExit) as error:  # supervised: a registered function is anybody's code, and may call exit()
        raise Failed(f"{type(error).__name__}: {error}") from error
    return "" if result is None else str(result)[:LONGEST_OUTPUT]
