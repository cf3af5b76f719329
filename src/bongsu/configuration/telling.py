"""Settings as views are told of them: masked, with where each value comes from, what is wrong, what differs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel, SecretStr

from bongsu.configuration.words import say
from bongsu.model.setting import Difference, Origin, SettingFault
from bongsu.settings.faults import Fault, origin_of
from bongsu.settings.layer import ABOVE, HIDDEN
from bongsu.settings.load import SCREEN
from bongsu.settings.model import Settings
from bongsu.settings.moments import differing, moment_of, value_at
from bongsu.settings.secrets import tells_secret
from bongsu.settings.show import plain
from bongsu.settings.tree import Path, settings_of, spell
from bongsu.settings_ports import Language

_KINDS: tuple[tuple[str, Origin], ...] = (
    ("--", "flag"),
    ("environment ", "environment"),
    (".env ", "environment"),
    (SCREEN, "screen"),
    ("program", "program"),
)


def differences(before: Settings, after: Settings) -> tuple[Difference, ...]:
    """What differs, by single setting, in the order of the model."""
    return tuple(
        Difference(
            path=spell(path),
            before=plain(value_at(before, path), path[-1], mask=HIDDEN),
            after=plain(value_at(after, path), path[-1], mask=HIDDEN),
            applies=moment_of(spell(path)),
        )
        for path in differing(before, after)
    )


def origins_of(origins: Mapping[Path, str]) -> tuple[dict[str, Origin], dict[str, str]]:
    """The kind of place each single setting comes from, and the place itself where it is no default."""
    kinds: dict[str, Origin] = {}
    places: dict[str, str] = {}
    for path, _ in settings_of(Settings):
        origin = origin_of(path, origins)
        kinds[spell(path)] = _kind(origin)
        if origin != "default":
            places[spell(path)] = origin
    return kinds, places


def _kind(origin: str) -> Origin:
    if origin == "default":
        return "default"
    parts = origin.split(", ")
    return next((kind for head, kind in _KINDS if any(part.startswith(head) for part in parts)), "file")


def faults_told(faults: Iterable[Fault], language: Language) -> tuple[SettingFault, ...]:
    """Faults with their path, sentence, and what to do."""
    return tuple(
        SettingFault(path=one.path, message=one.sentence(language), hint=_hint(one, language)) for one in faults
    )


def _hint(fault: Fault, language: Language) -> str:
    if fault.origin in (SCREEN, "default", "") or "place" in fault.facts:
        return ""
    code = "from_place" if fault.origin.startswith(ABOVE) else "from_file"
    return say(code, language, place=fault.origin)


def exported(settings: BaseModel) -> dict[str, Any]:
    """What was set, as it would stand in a settings file; secrets left out."""
    told: dict[str, Any] = {}
    for name, info in type(settings).model_fields.items():
        if name not in settings.model_fields_set:
            continue
        value = _exported(getattr(settings, name))
        if value is not None:
            told[info.alias or name] = value
    return told


def _exported(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return exported(value)
    if isinstance(value, SecretStr):
        return None
    if isinstance(value, Mapping):
        kept = {key: _exported(one) for key, one in value.items() if not tells_secret(key, one)}
        return {key: one for key, one in kept.items() if one is not None}
    if isinstance(value, list):
        return [one for one in map(_exported, value) if one is not None]
    return plain(value, "")
