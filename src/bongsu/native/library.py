"""The library, if it was built and is of this version."""

from __future__ import annotations

import ctypes
from functools import cache
from pathlib import Path

PATH = Path(__file__).with_name("bongsu_native.so")
"""As `build.py` names it, which imports nothing of ours."""
VERSION = 3


class _Missing(Exception):
    """Why there is no library."""


def library() -> ctypes.PyDLL | None:
    """The library; None where it isn't there. Its functions keep the interpreter's lock: they take microseconds."""
    found = _found()
    return found if isinstance(found, ctypes.PyDLL) else None


def why_missing() -> str | None:
    """In a sentence why there is no library; None where it is in use."""
    found = _found()
    return found if isinstance(found, str) else None


@cache
def _found() -> ctypes.PyDLL | str:
    if not PATH.exists():
        return "it wasn't built"
    try:
        found = ctypes.PyDLL(str(PATH))
        version = found.bongsu_version
    except (OSError, AttributeError) as error:
        return f"it can't be loaded: {error}"
    version.restype = ctypes.c_int64
    return found if version() == VERSION else f"it is of version {version()} instead of {VERSION}"
