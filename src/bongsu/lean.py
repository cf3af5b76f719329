"""Imported first where a process is meant to stay small: what others would load and nobody here uses stays out.

structlog draws tracebacks with rich where it finds it, which other packages bring along: rich and what it loads take
12 MiB of memory. Our renderer is `logs.py`; structlog finds no rich.
"""

from __future__ import annotations

import sys


def _without(name: str) -> None:
    """Let structlog be imported as if that package weren't there."""
    if name in sys.modules or "structlog" in sys.modules:
        return
    sys.modules[name] = None  # type: ignore[assignment]
    try:
        import structlog.dev  # noqa: F401
    finally:
        del sys.modules[name]


_without("rich")
