"""Packages imported without what they take along where somebody else brought it, and what a server has no use for."""

from __future__ import annotations

import importlib
import sys


def import_alone(name: str, *, without: str) -> None:
    """Import the package as if the other weren't installed; nothing where either is imported already.

    structlog takes rich for pictures of tracebacks (5 MiB; our logs render them plainly), httpx pygments and rich for
    its command line (5 MiB).
    """
    if name in sys.modules or without in sys.modules:
        return
    sys.modules[without] = None  # type: ignore[assignment]  # Python's own way to say: not to be had
    try:
        importlib.import_module(name)
    finally:
        del sys.modules[without]
