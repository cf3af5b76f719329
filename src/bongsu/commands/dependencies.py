"""`--check-deps`: which packages are there. Uses the standard library alone, since the rest may be missing."""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Literal, TypeAlias

from bongsu.commands.words import Words

State: TypeAlias = Literal["there", "missing", "old"]

_REQUIREMENT = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?\s*(?:>=\s*([0-9.]+))?[^;]*(?:;(.*))?$")
_EXTRA = re.compile(r"""extra\s*==\s*["']([a-z]+)["']""")
_NEEDED_EXTRA = "console"
"""The console is what `requirements.txt` brings and what the dashboard shows: it is needed, not optional."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependency:
    """A package that Bongsu wants, in at least a version; `extra` names the part that needs it."""

    name: str
    at_least: str
    extra: str = ""

    @property
    def needed(self) -> bool:
        """Whether the dashboard can't start without."""
        return self.extra in {"", _NEEDED_EXTRA}

    def state(self) -> tuple[State, str]:
        """Whether it is there, and which version is."""
        try:
            version = metadata.version(self.name)
        except metadata.PackageNotFoundError:
            return "missing", ""
        return ("there" if _numbers(version) >= _numbers(self.at_least) else "old"), version


def check(words: Words, root: Path) -> int:
    """Print a line for each dependency and extra; 0 where everything needed is there, else 1."""
    wanting = 0
    for dependency in wanted(root):
        state, version = dependency.state()
        if state != "there" and dependency.needed:
            wanting += 1
        print(_line(words, dependency, state, version))
    print(words("dependencies_bad", count=wanting) if wanting else words("dependencies_good"))
    return 1 if wanting else 0


def wanted(root: Path) -> list[Dependency]:
    """Every dependency: of the project at `root` where it is a checkout, else of the installed package."""
    project = root / "pyproject.toml"
    if project.is_file():
        declared = tomllib.loads(project.read_text(encoding="utf-8"))["project"]
        lines: list[str] = list(declared["dependencies"])
        for extra, more in declared["optional-dependencies"].items():
            lines += [f'{line}; extra == "{extra}"' for line in more]
    else:
        lines = metadata.requires("bongsu") or []
    return sorted(_read(lines), key=lambda one: (not one.needed, one.extra, one.name))


def _read(lines: Iterable[str]) -> Iterator[Dependency]:
    for line in lines:
        match = _REQUIREMENT.match(line)
        if match is None or match[1] == "bongsu":
            continue
        marker = match[3] or ""
        if "sys_platform != 'win32'" in marker.replace('"', "'") and sys.platform == "win32":
            continue
        extra = _EXTRA.search(marker)
        if extra is None or extra[1] != "all":
            yield Dependency(name=match[1], at_least=match[2] or "0", extra=extra[1] if extra else "")


def _numbers(version: str) -> tuple[int, ...]:
    """A version as numbers that compare: `9.10` is newer than `9.9`, and `9.2` is `9.2.0`."""
    numbers = [int(part) for part in re.findall(r"\d+", version.split("+")[0])[:4]]
    return (*numbers, *[0] * (4 - len(numbers)))


def _line(words: Words, dependency: Dependency, state: State, version: str) -> str:
    sign = "✓" if state == "there" else "✗" if dependency.needed else "–"
    use = words("dependency_use", extra=dependency.extra) if dependency.extra else ""
    facts = {"name": dependency.name, "version": version, "wanted": f"≥ {dependency.at_least}", "use": use}
    optional = "" if dependency.needed else f" ({words('extra_optional')})"
    return f"{sign} {words(f'dependency_{state}', **facts)}{optional}"
