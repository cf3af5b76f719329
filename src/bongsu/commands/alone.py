"""Packages imported without what they take along where somebody else brought it, and what a server has no use for."""

from __future__ import annotations

import importlib
import sys
from importlib.util import find_spec, module_from_spec
from typing import Any


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


def leave_unrun(name: str, **whence: str) -> None:
    """Let modules of the package be imported without what its own `__init__` imports, which runs as soon as anybody
    asks something of the package itself; nothing where it is imported already.

    uvicorn's takes its command line along: click, its supervisors, multiprocessing (1.5 MiB). `whence` names the module
    of what the package's own modules ask of it.
    """
    spec = find_spec(name) if name not in sys.modules else None
    if spec is None or spec.loader is None:
        return
    loader, package = spec.loader, module_from_spec(spec)

    def run(attribute: str) -> Any:
        if attribute in whence:
            return getattr(importlib.import_module(whence[attribute]), attribute)
        del package.__dict__["__getattr__"]
        loader.exec_module(package)
        return getattr(package, attribute)

    package.__dict__["__getattr__"] = run  # PEP 562
    sys.modules[name] = package
