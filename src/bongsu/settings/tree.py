"""Paths through the settings: `server.port` is `("server", "port")`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import NoneType, UnionType
from typing import Annotated, Any, TypeAlias, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

Path: TypeAlias = tuple[str, ...]
Tree: TypeAlias = dict[str, Any]


def spell(path: Path) -> str:
    """As people write it; places in a list in brackets: `rules[2].metric`."""
    text = ""
    for part in path:
        text += f"[{part}]" if part.isdigit() else f".{part}" if text else part
    return text


def key_of(name: str, info: FieldInfo) -> str:
    """The key under which a field stands in files."""
    return info.alias or name


def fields(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """The fields of a section by their keys in files."""
    return {key_of(name, info): info for name, info in model.model_fields.items()}


def bare(annotation: Any) -> Any:
    """The type itself, without `Annotated` and `| None`."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return bare(get_args(annotation)[0])
    if origin in (Union, UnionType):
        rest = [one for one in get_args(annotation) if one is not NoneType]
        return bare(rest[0]) if len(rest) == 1 else annotation
    return annotation


def item_of(annotation: Any) -> type[BaseModel] | None:
    """The section that each item of a list is; None for everything else."""
    listed = bare(annotation)
    item = bare(get_args(listed)[0]) if get_origin(listed) is list else None
    return item if isinstance(item, type) and issubclass(item, BaseModel) else None


def field_at(model: type[BaseModel], path: Path) -> FieldInfo | None:
    """The field at a path, or None where no section has it (or it lies inside a free-form object).

    A place in a list (`rules`, `2`) is the list's own field.
    """
    info: FieldInfo | None = None
    section: Any = model
    for key in path:
        item = item_of(section) if key.isdigit() else None
        if info is not None and item is not None:
            section = item
            continue
        if not (isinstance(section, type) and issubclass(section, BaseModel)):
            return None
        info = fields(section).get(key)
        if info is None:
            return None
        section = bare(info.annotation)
    return info


def children(model: type[BaseModel], path: Path) -> list[str]:
    """The keys that may stand under a path; empty where anything or nothing may."""
    section: Any = model
    if path:
        info = field_at(model, path)
        section = bare(info.annotation) if info else None
        section = (item_of(section) if path[-1].isdigit() else None) or section
    return list(fields(section)) if isinstance(section, type) and issubclass(section, BaseModel) else []


def settings_of(model: type[BaseModel], path: Path = ()) -> Iterator[tuple[Path, FieldInfo]]:
    """Every single setting with its path, sections themselves left out."""
    for key, info in fields(model).items():
        section = bare(info.annotation)
        if isinstance(section, type) and issubclass(section, BaseModel):
            yield from settings_of(section, (*path, key))
        else:
            yield (*path, key), info


def put(tree: Tree, path: Path, value: Any) -> None:
    """Set a value in a tree, making the sections on the way; what stood in the way is replaced."""
    for key in path[:-1]:
        below = tree.get(key)
        if not isinstance(below, dict):
            below = tree[key] = {}
        tree = below
    tree[path[-1]] = value


def leaves(tree: Mapping[str, Any], path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every value of a tree with its path; empty objects are values too."""
    for key, value in tree.items():
        if isinstance(value, Mapping) and value:
            yield from leaves(value, (*path, key))
        else:
            yield (*path, key), value
