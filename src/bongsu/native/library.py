"""The library, if it was built and is of this version."""

from __future__ import annotations

import ctypes
import platform
import sysconfig
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

PATH = Path(__file__).with_name("bongsu_native.so")
"""As `build.py` names it, which imports nothing of ours."""
VERSION = 8


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


def function(name: str, *, apart: bool = False) -> Callable[..., int]:
    """A function of the library, to be called with whole numbers, bytes and arrays (by their place), and lists of them.

    It costs a tenth of what ctypes does where caches are cold. What it returns has a meaning only where the function
    in C returns something. `apart`: without the interpreter's lock.
    """
    found = library()
    if found is None:
        raise RuntimeError("bongsu.native wasn't built: ask available() first")
    address = ctypes.cast(found[name], ctypes.c_void_p).value
    called: Callable[..., int] = made("bongsu_callable_apart" if apart else "bongsu_callable", address)
    return called


def made(name: str, of: object = None) -> Any:
    """What a function of the library makes of an object; None without the library."""
    found = library()
    if found is None:
        return None
    maker = found[name]
    maker.argtypes, maker.restype = (ctypes.py_object,), ctypes.py_object
    return maker(of)


@cache
def _found() -> ctypes.PyDLL | str:
    if platform.python_implementation() != "CPython" or sysconfig.get_config_var("Py_GIL_DISABLED"):
        return "it is for CPython with its lock"
    if not PATH.exists():
        return "it wasn't built"
    try:
        found = ctypes.PyDLL(str(PATH))
        version = found.bongsu_version
    except (OSError, AttributeError) as error:
        return f"it can't be loaded: {error}"
    version.restype = ctypes.c_int64
    return found if version() == VERSION else f"it is of version {version()} instead of {VERSION}"
