"""The settings file and `.env` watched: what changes there is read again."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path

import structlog

from bongsu.model.errors import BongsuError
from bongsu.ports import Clock

EVERY = 2.0
"""Seconds between two looks at the files."""

_log = structlog.get_logger(__name__)


async def follow(
    files: Iterable[Path],
    *,
    reread: Callable[[], Awaitable[object]],
    clock: Clock,
    asked: asyncio.Event | None = None,
    every: float = EVERY,
) -> None:
    """Look at the files for ever, and have them read again when one changed, or `asked` is set (SIGHUP).

    A look costs a `stat` a file; the content is read only where that differs.
    """
    watched = tuple(files)
    stats = await asyncio.to_thread(_stats, watched)
    seen = await asyncio.to_thread(_stamps, watched)
    while True:
        await clock.sleep_until(clock.monotonic() + every)
        at_once = asked is not None and asked.is_set()
        fresh = await asyncio.to_thread(_stats, watched)
        if fresh == stats and not at_once:
            continue
        stats = fresh
        stamps = await asyncio.to_thread(_stamps, watched)
        if stamps == seen and not at_once:
            continue
        seen = stamps
        if asked is not None:
            asked.clear()
        try:
            await reread()
        except BongsuError as error:
            _log.warning("settings_not_applied", cause=error.detail, action="what ran goes on")
        except Exception:  # noqa: BLE001 - supervised: whatever is wrong with a file, what runs goes on
            _log.exception("settings_not_applied", action="what ran goes on")


def _stats(files: Iterable[Path]) -> tuple[tuple[int, int, int] | None, ...]:
    return tuple(map(_stat, files))


def _stat(file: Path) -> tuple[int, int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _stamps(files: Iterable[Path]) -> tuple[bytes | None, ...]:
    """What tells one content from another: a file that is only touched is left alone."""
    return tuple(map(_stamp, files))


def _stamp(file: Path) -> bytes | None:
    try:
        return hashlib.blake2b(file.read_bytes()).digest()
    except OSError:
        return None
