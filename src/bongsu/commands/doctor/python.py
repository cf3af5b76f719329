"""Python and the packages. Uses the standard library alone: the rest may be missing."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterator
from pathlib import Path

from bongsu.commands.dependencies import Dependency, wanted
from bongsu.commands.doctor.finding import Finding, bad, good, worth

LEAST = (3, 11)


def looked_at(root: Path) -> Iterator[Finding]:
    """Python's version, and each needed package that is missing or old."""
    version = platform.python_version()
    yield (
        good("python", "python_good", version=version)
        if sys.version_info >= LEAST
        else bad("python", "python_old", version=version)
    )
    missing = lacking(root)
    for one in missing:
        yield bad("packages", "package_wrong", name=one.name, there=one.state()[1] or "–", wanted=one.at_least)
    if not missing:
        yield good("packages", "packages_good", count=sum(one.needed for one in wanted(root)))
        yield _native()
    partly = [one for one in wanted(root) if not one.needed and one.state()[0] == "old"]
    for one in partly:
        yield worth("packages", "extra_old", name=one.name, there=one.state()[1], wanted=one.at_least, extra=one.extra)


def _native() -> Finding:
    from bongsu.native.library import why_missing

    reason = why_missing()
    return good("packages", "native_good") if reason is None else worth("packages", "native_missing", reason=reason)


def lacking(root: Path) -> list[Dependency]:
    """The needed packages that are missing or too old."""
    return [one for one in wanted(root) if one.needed and one.state()[0] != "there"]
