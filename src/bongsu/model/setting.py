"""Settings as they are shown, tried and changed: frozen values, never with a secret in them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

import msgspec

Origin: TypeAlias = Literal["default", "file", "screen", "environment", "flag", "program"]
Moment: TypeAlias = Literal["now", "restart"]
EffectKind: TypeAlias = Literal["backtest", "retention", "samples", "series"]


class SettingFault(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is wrong; `path` is the setting's, or empty where a whole file is meant."""

    path: str
    message: str
    hint: str = ""


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """One setting that changes, secrets as `***` on both sides."""

    path: str
    before: Any
    after: Any
    applies: Moment = "now"


class Effect(msgspec.Struct, frozen=True, kw_only=True):
    """What a change would do: a sentence, and its figures (their meaning stands in docs/rest.md, by kind)."""

    kind: EffectKind
    path: str
    text: str
    before: float | None = None
    after: float | None = None


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """A change that was tried and not made."""

    faults: tuple[SettingFault, ...] = ()
    diff: tuple[Difference, ...] = ()
    applies: Moment = "now"
    effects: tuple[Effect, ...] = ()


class SettingsView(msgspec.Struct, frozen=True, kw_only=True):
    """All settings as they are wanted, secrets as `***`; `restart` names those that hold from the next start on.

    `sources` and `origins` tell by dotted path where a value comes from: its kind, and its place as people know it
    ("environment EMAIL_TO"). `fixed` are those that a place over the screen decides, `barred` those of no screen.
    """

    settings: Mapping[str, Any]
    sources: Mapping[str, Origin]
    origins: Mapping[str, str]
    fixed: tuple[str, ...]
    barred: tuple[str, ...]
    faults: tuple[SettingFault, ...]
    restart: tuple[str, ...]
    version: int
    sealing: bool
    """Whether there is a key to keep a secret with."""
    writable: bool = True
    """Whether whoever asks may change them."""


class KeptSettings(msgspec.Struct, frozen=True, kw_only=True):
    """One version as it is kept: JSON texts of the layer (secrets `enc:…`) and of its list of `Difference`."""

    number: int
    at: int
    by: str
    note: str
    layer: str
    changes: str


class SettingsVersion(msgspec.Struct, frozen=True, kw_only=True):
    """One version as it is told."""

    number: int
    at: int
    by: str
    note: str
    changes: tuple[Difference, ...]
