"""`bongsu up --profile FILE`: where the time of the event loop's thread goes, counted by cProfile."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path

from bongsu.commands.words import Words


@contextlib.contextmanager
def profiling(words: Words, file: Path | None) -> Iterator[None]:
    """Profile this thread while the block runs, and write it at its end, however it ends; None profiles nothing.

    The loop must run in the thread that enters: uvloop's callbacks are seen as asyncio's are. Threads that write, seal
    and read history have their own time, which this doesn't count. It makes Python about twice as slow.
    """
    if file is None:
        yield
        return
    from cProfile import Profile

    profile = Profile()
    profile.enable()
    try:
        yield
    finally:
        profile.disable()
        try:
            profile.dump_stats(file)
            print(words("profile_written", file=file), flush=True)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            print(words("profile_unwritable", file=file, reason=reason), file=sys.stderr)


def unwritable(file: Path | None) -> str:
    """Why no profile can be written there, told before hours of measuring are lost; empty where it can."""
    if file is None:
        return ""
    try:
        with file.open("ab"):
            return ""
    except OSError as error:
        return error.strerror or type(error).__name__
