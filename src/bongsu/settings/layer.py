"""What was set on a screen or through REST: a layer of values by dotted path, over the file and under all else."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeAlias

from bongsu.settings.faults import Fault, SettingsError, origin_of, unknown_key
from bongsu.settings.load import SCREEN, Sources, laid
from bongsu.settings.model import Settings
from bongsu.settings.sealed import MARK, KeyTrouble, keyring, texts_in
from bongsu.settings.secrets import secrets_in
from bongsu.settings.tree import Path, children, settings_of, spell

Layer: TypeAlias = Mapping[str, Any]
"""Values by dotted path (`monitoring.language`), as they would stand in the file; secrets as `enc:…`."""

HIDDEN = "***"
"""A secret in an answer. Sent back it means: as it was."""

BARRED = ("$schema", "storage.data_dir", "collectors", "alerts.allowed_commands")
"""What no screen sets: where these very records lie, and what programs are run."""

ABOVE = (".env ", "environment ", "--")
"""How origins begin that stand over the screen."""

_NO_FIELD = "settings_whole"


def leaf_paths() -> dict[str, Path]:
    """Every single setting by its dotted path."""
    return {spell(path): path for path, _ in settings_of(Settings)}


def fixed_by(spelled: str, origins: Mapping[Path, str]) -> str:
    """Which place over the screen decides this setting ("environment BONGSU_…", "--port"); "" where none does."""
    origin = origin_of(tuple(spelled.split(".")), origins)
    return next((one for one in origin.split(", ") if one.startswith(ABOVE)), "")


def changed(layer: Layer, changes: Layer, reset: Iterable[str], sources: Sources) -> tuple[dict[str, Any], list[Fault]]:
    """The layer with `changes` in it and without what `reset` names, and what of them can't be done.

    Whole sections may be changed or reset at once. Secrets are still in the clear where they were sent so.
    """
    _, origins = laid(sources, layer)
    fresh = dict(layer)
    faults: list[Fault] = []
    for spelled in reset:
        gone = [one for one in fresh if one == spelled or one.startswith(f"{spelled}.")]
        if not gone and not list(_below(spelled)):
            faults.append(_unknown(spelled))
        for one in gone:
            del fresh[one]
    tree, _ = laid(sources, layer)
    for spelled, value in spread(changes, faults):
        known = fixed_by(spelled, origins)
        if spelled in BARRED:
            faults.append(_fault(spelled, "settings_barred"))
        elif known:
            faults.append(Fault(path=spelled, code="settings_fixed", origin=known, facts={"place": known}))
        else:
            fresh[spelled] = _with_known(copy.deepcopy(value), _at(tree, spelled), spelled, faults)
    return fresh, faults


def spread(changes: Layer, faults: list[Fault]) -> Iterator[tuple[str, Any]]:
    """Single settings and their values; sections are taken apart, and what is no setting becomes a fault."""
    leaves = leaf_paths()
    for spelled, value in changes.items():
        if spelled in leaves:
            yield spelled, value
        elif not list(_below(spelled)):
            faults.append(_unknown(spelled))
        elif not isinstance(value, Mapping):
            faults.append(_fault(spelled, "type_object"))
        else:
            yield from spread({f"{spelled}.{key}": inner for key, inner in value.items()}, faults)


def sealed(layer: Layer, settings: Settings, sources: Sources) -> dict[str, Any]:
    """The layer with every secret of `settings` encrypted.

    Raises:
        SettingsError: there is a secret, and no key that can be used.
    """
    secrets = {one for one in secrets_in(settings) if one}
    kept = copy.deepcopy(dict(layer))
    bare = [(at, held, key) for at, held, key in texts_in(kept) if held[key] in secrets and not _is_sealed(held[key])]
    if not bare:
        return kept
    try:
        ring = keyring(sources.names, sources.folder)
    except KeyTrouble as trouble:
        code = "sealing_no_key" if trouble.code == "sealed_no_key" else trouble.code
        at = sorted({path[0] for path, _, _ in bare})
        raise SettingsError(Fault(path=one, code=code, origin=SCREEN, facts=trouble.facts) for one in at) from None
    for _, held, key in bare:
        held[key] = ring.seal(held[key])
    return kept


def without(layer: Layer, faults: Iterable[Fault]) -> dict[str, Any]:
    """The layer without the values that faults tell of."""
    told = [fault.path.replace("[", ".").replace("]", "") for fault in faults if fault.path]
    return {
        spelled: value
        for spelled, value in layer.items()
        if not any(f"{one}.".startswith(f"{spelled}.") or f"{spelled}.".startswith(f"{one}.") for one in told)
    }


def _is_sealed(text: str) -> bool:
    return text.startswith(MARK)


def _below(spelled: str) -> Iterator[str]:
    return (one for one in leaf_paths() if one.startswith(f"{spelled}."))


def _unknown(spelled: str) -> Fault:
    whole = next((one for one in leaf_paths() if spelled.startswith((f"{one}.", f"{one}["))), None)
    if whole is not None:
        return _fault(spelled, _NO_FIELD, whole=whole)
    path = tuple(spelled.split("."))
    while len(path) > 1 and not children(Settings, path[:-1]):
        path = path[:-1]
    code, facts = unknown_key(path, Settings)
    return _fault(spelled, code, **facts)


def _fault(spelled: str, code: str, **facts: str) -> Fault:
    return Fault(path=spelled, code=code, origin=SCREEN, facts=facts)


def _at(tree: Any, spelled: str) -> Any:
    for key in spelled.split("."):
        tree = tree.get(key) if isinstance(tree, Mapping) else None
    return tree


def _with_known(value: Any, before: Any, spelled: str, faults: list[Fault]) -> Any:
    """The value with what `***` stands for: the secret that was at the same place, in a list of the same name."""
    if value == HIDDEN:
        if before is not None and before not in ("", HIDDEN):
            return before
        faults.append(_fault(spelled, "settings_hidden"))
    elif isinstance(value, dict):
        older = before if isinstance(before, Mapping) else {}
        return {key: _with_known(one, older.get(key), f"{spelled}.{key}", faults) for key, one in value.items()}
    elif isinstance(value, list):
        older_ones = before if isinstance(before, list) else []
        return [
            _with_known(one, _counterpart(one, place, older_ones), f"{spelled}[{place}]", faults)
            for place, one in enumerate(value)
        ]
    return value


def _counterpart(item: Any, place: int, before: list[Any]) -> Any:
    """The item of the older list that this one was: of the same name where items have one, else of the same place."""
    if isinstance(item, Mapping) and (called := item.get("name") or item.get("id")):
        named = (one for one in before if isinstance(one, Mapping) and called in (one.get("name"), one.get("id")))
        return next(named, None)
    return before[place] if place < len(before) else None
