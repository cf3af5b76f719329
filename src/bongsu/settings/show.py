"""Settings as people and editors read them: secrets masked, with where each value comes from, and as JSON Schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel, SecretStr

from bongsu.settings.faults import origin_of
from bongsu.settings.load import Loaded
from bongsu.settings.model import Settings
from bongsu.settings.secrets import SECRET_KEY, secrets_in
from bongsu.settings.tree import Path, fields, leaves

__all__ = ["MASK", "json_schema", "later", "secrets_in", "shown", "told"]

MASK = "••••••"


def shown(settings: BaseModel) -> dict[str, Any]:
    """All settings as plain JSON values under their keys, every secret masked."""
    names = {key: name for name, info in type(settings).model_fields.items() for key in [info.alias or name]}
    return {
        key: _plain(getattr(settings, name), key)
        for key, name in names.items()
        if not (key == "$schema" and getattr(settings, name) is None)
    }


def _plain(value: Any, key: str) -> Any:
    """A value without secrets; inside free-form objects whatever is named like a secret is masked too."""
    if isinstance(value, BaseModel):
        return shown(value)
    if isinstance(value, SecretStr):
        return MASK
    if isinstance(value, Mapping):
        return {
            name: MASK if inner and SECRET_KEY.search(name) else _plain(inner, name) for name, inner in value.items()
        }
    if isinstance(value, list):
        return [_plain(one, key) for one in value]
    return str(value) if type(value) not in (int, float, bool, str, type(None)) else value


def told(loaded: Loaded) -> Iterator[tuple[Path, Any, str]]:
    """(path, masked value, origin) for every value, in the order of the model."""
    for path, value in leaves(shown(loaded.settings)):
        yield path, value, origin_of(path, loaded.origins)


def json_schema() -> dict[str, Any]:
    """The JSON Schema of the settings file, for editors."""
    schema = Settings.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "Bongsu settings"}


def later(model: type[BaseModel] = Settings, path: Path = ()) -> Iterator[Path]:
    """The paths of settings that nothing reads yet."""
    for key, info in fields(model).items():
        extra = info.json_schema_extra
        if isinstance(extra, dict) and extra.get("x-later"):
            yield (*path, key)
