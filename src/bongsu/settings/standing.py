"""Settings as they stand: all places put together with what the screens set, and what of that can't be used."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any

from bongsu.settings.faults import Fault, SettingsError
from bongsu.settings.layer import without
from bongsu.settings.load import Loaded, Sources, put_together
from bongsu.settings.model import Settings
from bongsu.settings.show import shown

_PROGRAM = "program"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What each place says, what the screens set (`version` of it), and the settings that come of it."""

    sources: Sources
    loaded: Loaded
    layer: Mapping[str, Any] = field(default_factory=dict)
    version: int = 0
    """Number of the newest version that was kept; 0 where nothing was ever set on a screen."""
    faults: tuple[Fault, ...] = ()
    """What was left out of the layer, and why."""

    @property
    def settings(self) -> Settings:
        """The settings themselves."""
        return self.loaded.settings


def stand(sources: Sources, layer: Mapping[str, Any], *, version: int, faults: Iterable[Fault] = ()) -> Standing:
    """Put all together. What the screens set and can't be used is left out and told; all else holds.

    Raises:
        SettingsError: the other places can't be used by themselves.
    """
    found = list(faults)
    for tried in _shorter(dict(layer), found):
        try:
            loaded = put_together(sources, tried)
        except SettingsError as error:
            if not tried:
                raise
            found += [fault for fault in error.faults if fault not in found]
            continue
        return Standing(sources=sources, loaded=loaded, layer=tried, version=version, faults=tuple(found))
    raise AssertionError("the last layer tried is empty")


def _shorter(layer: dict[str, Any], faults: list[Fault]) -> Iterable[dict[str, Any]]:
    """The layer; without what is told of it by then; without anything."""
    yield layer
    less = without(layer, faults)
    if len(less) < len(layer):
        yield less
    yield {}


def given_by_program(settings: Settings, folder: FilePath) -> Standing:
    """Settings that a program made: no file, no environment; what screens set lies over them."""
    tree = {key: value for key, value in shown(settings, mask=None).items() if key != "$schema"}
    sources = Sources(file=tree, shown=_PROGRAM, folder=folder)
    return Standing(sources=sources, loaded=Loaded(settings=settings))
