"""The settings file read again when it changes: its rules and thresholds come into force without a restart."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

import structlog

from bongsu.model.errors import BongsuError
from bongsu.ports import Clock
from bongsu.settings.faults import SettingsError
from bongsu.settings.load import Loaded, load
from bongsu.settings.model import Settings

EVERY = 2.0
"""Seconds between two looks at the file."""
AT_ONCE = ("rules", "thresholds")
"""What of the file comes into force at once."""

_log = structlog.get_logger(__name__)


async def follow(
    loaded: Loaded, *, apply: Callable[[Settings], Awaitable[None]], clock: Clock, every: float = EVERY
) -> None:
    """Look at the settings file for ever, and apply what it says; returns at once where there is none.

    A file that can't be used changes nothing: each fault is logged with its path, and what ran goes on.
    """
    if loaded.file is None:
        return
    file, settings = loaded.file, loaded.settings
    reread = partial(load, given_flags(loaded), config=file.resolve(), folder=None)
    seen = await asyncio.to_thread(_stamp, file)
    while True:
        await clock.sleep_until(clock.monotonic() + every)
        stamp = await asyncio.to_thread(_stamp, file)
        if stamp == seen:
            continue
        seen = stamp
        try:
            fresh = await asyncio.to_thread(reread)
            if _of(fresh) != _of(settings):
                await apply(fresh)
                _log.info("rules_reread", file=file.name, rules=len(fresh.rules))
            if _rest(fresh) != _rest(settings):
                _log.warning("settings_changed", file=file.name, action="all but rules and thresholds need a restart")
            settings = fresh
        except SettingsError as error:
            _log.warning("settings_wrong", file=file.name, faults=error.lines(), action="what ran goes on")
        except BongsuError as error:
            _log.warning("rules_not_applied", cause=error.detail, action="what ran goes on")
        except Exception:  # noqa: BLE001 - supervised: whatever is wrong with a file, the rules that run go on
            _log.exception("rules_not_applied", action="what ran goes on")


def given_flags(loaded: Loaded) -> dict[str, Any]:
    """The settings that came from the command line, by dotted path: they hold over the file after it changed too."""
    found: dict[str, Any] = {}
    for path, origin in loaded.origins.items():
        if origin.startswith("--"):
            value: Any = loaded.settings
            for key in path:
                value = getattr(value, key)
            found[".".join(path)] = value
    return found


def _of(settings: Settings) -> tuple[object, ...]:
    return tuple(getattr(settings, name) for name in AT_ONCE)


def _rest(settings: Settings) -> dict[str, Any]:
    return settings.model_dump(exclude=set(AT_ONCE))


def _stamp(file: Path) -> bytes | None:
    """What tells one content from another; a time of change may be shared by two writes within a tick of the kernel."""
    try:
        return hashlib.blake2b(file.read_bytes()).digest()
    except OSError:
        return None
