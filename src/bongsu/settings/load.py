"""Settings put together from all places: file < screen < `.env` < environment < flags."""

from __future__ import annotations

import copy
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any

from pydantic import ValidationError

from bongsu.settings.environment import ignored_in, read_dotenv, settings_in
from bongsu.settings.faults import Fault, SettingsError, faults_in, origin_of
from bongsu.settings.file import read_file
from bongsu.settings.model import Settings
from bongsu.settings.sealed import unseal
from bongsu.settings.secrets import secrets_in
from bongsu.settings.tree import Path, Tree, leaves, put, spell

DEFAULT_FILE = FilePath("config") / "monitoring_config.json"
SCREEN = "screen"
"""The origin of what was set on a screen or through REST."""
_FLAGS = {"storage.data_dir": "--data"}
"""Flags that aren't spelled as the last part of their setting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """What each place says, before it is put together: so a new value can be tried against all the rest."""

    file: Tree = field(default_factory=dict, repr=False)
    shown: str = DEFAULT_FILE.as_posix()
    """How the file is called where a value of it is told."""
    path: FilePath | None = None
    """The file itself; None where the settings come from a program."""
    config: FilePath | None = None
    folder: FilePath = field(default_factory=FilePath)
    dotenv: Mapping[str, str] = field(default_factory=dict, repr=False)
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    flags: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def names(self) -> dict[str, str]:
        """Environment names, those of `.env` below the process's own."""
        return {**self.dotenv, **self.environment}


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """Settings, and where each value that isn't a default came from."""

    settings: Settings
    origins: Mapping[Path, str] = field(default_factory=dict)
    notes: tuple[Fault, ...] = ()
    """Not wrong, but worth telling: environment names that are no setting."""
    file: FilePath | None = None
    """The settings file that was read, if there was one."""
    sources: Sources | None = None
    """What each place says; None where no place was asked."""


def load(
    flags: Mapping[str, Any] | None = None,
    *,
    config: FilePath | None = None,
    environment: Mapping[str, str] | None = None,
    folder: FilePath | None = None,
) -> Settings:
    """The settings alone; see `load_with_origins`."""
    return load_with_origins(flags, config=config, environment=environment, folder=folder).settings


def load_with_origins(
    flags: Mapping[str, Any] | None = None,
    *,
    config: FilePath | None = None,
    environment: Mapping[str, str] | None = None,
    folder: FilePath | None = None,
) -> Loaded:
    """Read all places and check the whole.

    `flags` are settings by dotted path (`{"server.port": 0}`), None meaning not given. `config` names a file that
    must exist; without, `config/monitoring_config.json` in `folder` is read where it exists. `environment` is
    the process's and `folder` the working directory where not given; `.env` is looked for in `folder`.

    Raises:
        SettingsError: with every fault found in all places.
    """
    sources, faults = read_sources(flags, config=config, environment=environment, folder=folder)
    return put_together(sources, faults=faults)


def read_sources(
    flags: Mapping[str, Any] | None = None,
    *,
    config: FilePath | None = None,
    environment: Mapping[str, str] | None = None,
    folder: FilePath | None = None,
) -> tuple[Sources, list[Fault]]:
    """What each place says, and what can't be read of it; arguments as of `load_with_origins`."""
    folder = folder or FilePath.cwd()
    path = folder / (config or DEFAULT_FILE)
    shown = _shown(path, folder)
    tree, faults = _file(path, required=config is not None, origin=shown)
    dotenv, broken = read_dotenv(folder / ".env")
    sources = Sources(
        file=tree,
        shown=shown,
        path=path,
        config=config,
        folder=folder,
        dotenv=dotenv,
        environment=os.environ if environment is None else environment,
        flags={spelled: value for spelled, value in (flags or {}).items() if value is not None},
    )
    return sources, faults + broken


def put_together(sources: Sources, screen: Mapping[str, Any] | None = None, *, faults: Iterable[Fault] = ()) -> Loaded:
    """The settings of all places, `screen` (values by dotted path) over the file; `faults` were found on the way.

    Raises:
        SettingsError: with every fault.
    """
    tree, origins = laid(sources, screen or {})
    found = list(faults)
    opened, unopened = unseal(tree, origins, sources.names, sources.folder)
    found += unopened
    try:
        settings = Settings.model_validate(tree)
    except ValidationError as error:
        told = {fault.path for fault in unopened}
        found += [fault for fault in faults_in(error, Settings, origins) if fault.path not in told]
        raise SettingsError(found) from None
    found += _in_the_open(settings, opened, origins)
    if found:
        raise SettingsError(found)
    notes = ignored_in(sources.dotenv, Settings, ".env") + ignored_in(sources.environment, Settings, "environment")
    path = sources.path
    return Loaded(
        settings=settings,
        origins=origins,
        notes=tuple(notes),
        file=path if path is not None and path.exists() else None,
        sources=sources,
    )


def laid(sources: Sources, screen: Mapping[str, Any]) -> tuple[Tree, dict[Path, str]]:
    """All places laid over each other as they are written (secrets still `enc:…`), and where each value is from."""
    tree: Tree = copy.deepcopy(sources.file)
    origins = {leaf: sources.shown for leaf, _ in leaves(tree)}
    for spelled, value in screen.items():
        _lay(tree, origins, tuple(spelled.split(".")), copy.deepcopy(value), SCREEN)
    for source, names in ((".env", sources.dotenv), ("environment", sources.environment)):
        for at, name, value in settings_in(names, Settings):
            _lay(tree, origins, at, value, f"{source} {name}")
    for spelled, value in sources.flags.items():
        at = tuple(spelled.split("."))
        _lay(tree, origins, at, value, _FLAGS.get(spelled) or f"--{at[-1].replace('_', '-')}")
    return tree, origins


def _in_the_open(settings: Settings, opened: Mapping[Path, str], origins: Mapping[Path, str]) -> list[Fault]:
    """Encrypted values of settings that are no secrets: screens, logs and `config show` would tell them."""
    secrets = secrets_in(settings) if opened else set()
    return [
        Fault(path=spell(path), code="sealed_in_the_open", origin=origin_of(path, origins))
        for path, text in opened.items()
        if text not in secrets
    ]


def _file(path: FilePath, *, required: bool, origin: str) -> tuple[Tree, list[Fault]]:
    try:
        return read_file(path, required=required, origin=origin), []
    except SettingsError as error:
        return {}, list(error.faults)


def _shown(path: FilePath, folder: FilePath) -> str:
    return str(path.relative_to(folder)) if path.is_relative_to(folder) else str(path)


def _lay(tree: Tree, origins: dict[Path, str], at: Path, value: Any, origin: str) -> None:
    for covered in [known for known in origins if known[: len(at)] == at]:
        del origins[covered]
    put(tree, at, value)
    origins[at] = origin
