"""Settings as people and editors read them: secrets masked, with where each value comes from, and as JSON Schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel, SecretStr

from bongsu.settings.faults import origin_of
from bongsu.settings.load import Loaded
from bongsu.settings.model import Settings
from bongsu.settings.secrets import secrets_in, tells_secret
from bongsu.settings.tree import Path, fields, leaves

__all__ = ["MASK", "json_schema", "later", "secrets_in", "shown", "told"]

MASK = "••••••"


def shown(settings: BaseModel, *, mask: str | None = MASK) -> dict[str, Any]:
    """All settings as plain JSON values under their keys, every secret masked; with None as it is."""
    names = {key: name for name, info in type(settings).model_fields.items() for key in [info.alias or name]}
    return {
        key: plain(getattr(settings, name), key, mask=mask)
        for key, name in names.items()
        if not (key == "$schema" and getattr(settings, name) is None)
    }


def plain(value: Any, key: str, *, mask: str | None = MASK) -> Any:
    """A value without secrets; inside free-form objects whatever is named like a secret is masked too."""
    if isinstance(value, BaseModel):
        return shown(value, mask=mask)
    if isinstance(value, SecretStr):
        return value.get_secret_value() if mask is None else mask
    if isinstance(value, Mapping):
        return {
            name: mask if mask and inner and tells_secret(name, inner) else plain(inner, name, mask=mask)
            for name, inner in value.items()
        }
    if isinstance(value, list):
        return [plain(one, key, mask=mask) for one in value]
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
