"""Settings from the environment and from `.env`: the guide's names, and `BONGSU_` + the path with `__`.

`.env` is read by the program itself and nothing is interpolated: a `$` in a password survives.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path as FilePath
from typing import Any, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from bongsu.settings.faults import Fault
from bongsu.settings.tree import Path, bare, field_at, item_of, settings_of

PREFIX = "BONGSU_"
NO_SETTINGS = ("BONGSU_SECRET_KEY", "BONGSU_SECRET_KEY_FILE", "BONGSU_TOKEN", "BONGSU_CONSOLE_TOKEN", "BONGSU_URL")
"""Names of ours that are no settings: the key of secrets at rest lies apart from what it opens; programs that speak to
a server have its address and their token."""

GUIDE_NAMES: Mapping[str, Path] = {
    "SLACK_WEBHOOK_URL": ("notifications", "slack", "webhook_url"),
    "TELEGRAM_BOT_TOKEN": ("notifications", "telegram", "bot_token"),
    "TELEGRAM_CHAT_ID": ("notifications", "telegram", "chat_id"),
    "EMAIL_SMTP_SERVER": ("notifications", "email", "smtp_server"),
    "EMAIL_SMTP_PORT": ("notifications", "email", "smtp_port"),
    "EMAIL_USERNAME": ("notifications", "email", "username"),
    "EMAIL_PASSWORD": ("notifications", "email", "password"),
    "EMAIL_TO": ("notifications", "email", "to"),
    "DASHBOARD_PORT": ("server", "console_port"),
    "UPDATE_INTERVAL_SECONDS": ("monitoring", "update_interval_seconds"),
}


def read_dotenv(path: FilePath) -> tuple[dict[str, str], list[Fault]]:
    """The names in a `.env` file, and its lines that can't be read. A missing file is an empty one."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        return {}, []
    except UnicodeDecodeError:
        return {}, [Fault(path="", code="file_not_utf8", origin=path.name)]
    except OSError as error:
        reason = error.strerror or type(error).__name__
        return {}, [Fault(path="", code="file_unreadable", origin=path.name, facts={"reason": reason})]
    from dotenv.parser import parse_stream  # 0.4 MiB: only where there is such a file

    values: dict[str, str] = {}
    faults: list[Fault] = []
    for binding in parse_stream(io.StringIO(text)):
        if binding.error or (binding.key is not None and binding.value is None):
            line = str(binding.original.line)
            faults.append(Fault(path="", code="dotenv_line", origin=path.name, facts={"line": line}))
        elif binding.key is not None and binding.value is not None:
            values[binding.key] = binding.value
    return values, faults


def name_of(path: Path) -> str:
    """The environment name of a setting: `BONGSU_SERVER__PORT`."""
    return PREFIX + "__".join(path).upper()


def settings_in(names: Mapping[str, str], model: type[BaseModel]) -> Iterator[tuple[Path, str, Any]]:
    """(path, name, value) for every name that is a setting; our own names come last, so that they win.

    Empty values count as not set. Text is read as the setting's type wants it; what can't be read stays text
    and is refused by the model.
    """
    for name, path in GUIDE_NAMES.items():
        if names.get(name):
            yield path, name, _typed(names[name], field_at(model, path))
    for name, text in sorted(names.items()):
        path = path_of(name)
        if path and text and field_at(model, path) is not None:
            yield path, name, _typed(text, field_at(model, path))


def path_of(name: str) -> Path:
    """The path that a `BONGSU_` name spells; empty for other names."""
    return tuple(name[len(PREFIX) :].lower().split("__")) if name.upper().startswith(PREFIX) else ()


def ignored_in(names: Mapping[str, str], model: type[BaseModel], origin: str) -> list[Fault]:
    """`BONGSU_` names that are no setting: not wrong, but worth a word."""
    known = [name_of(path) for path, _ in settings_of(model)]
    notes = []
    for name in sorted(names):
        path = path_of(name)
        if not path or name in NO_SETTINGS or field_at(model, path) is not None:
            continue
        near = get_close_matches(name.upper(), known, n=1, cutoff=0.75)
        code = "unknown_environment_near" if near else "unknown_environment"
        notes.append(Fault(path="", code=code, origin=origin, facts={"name": name, "near": "".join(near)}))
    return notes


def _typed(text: str, info: FieldInfo | None) -> Any:
    wanted = bare(info.annotation) if info else str
    if get_origin(wanted) is list:
        return _listed(text, objects=item_of(wanted) is not None or get_origin(bare(get_args(wanted)[0])) is dict)
    is_section = isinstance(wanted, type) and issubclass(wanted, BaseModel)
    if wanted in (int, float, bool) or get_origin(wanted) is dict or is_section:
        return _json(text.strip().lower() if wanted is bool else text, fallback=text)
    return text


def _listed(text: str, *, objects: bool) -> Any:
    if text.lstrip().startswith("["):
        return _json(text, fallback=text)
    return text if objects else [part.strip() for part in text.split(",") if part.strip()]


def _json(text: str, *, fallback: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return fallback
