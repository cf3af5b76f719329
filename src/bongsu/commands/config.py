"""`bongsu config show|schema|validate`: the settings as they are, as an editor wants them, and what is wrong."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bongsu.commands.remembered import remembered
from bongsu.commands.words import Words
from bongsu.settings.faults import SettingsError
from bongsu.settings.load import Loaded, load_with_origins
from bongsu.settings.show import json_schema, shown, told
from bongsu.settings.tree import spell

_FLAGS: Mapping[str, str] = {
    "data": "storage.data_dir",
    "host": "server.host",
    "port": "server.port",
    "live_port": "server.live_port",
    "console_port": "server.console_port",
    "role": "server.role",
}


def flags(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that the command line gave, by their paths."""
    return {path: arguments[flag] for flag, path in _FLAGS.items() if arguments.get(flag) is not None}


def show(words: Words, config: Path | None, *, as_json: bool) -> int:
    """Print every setting with where its value comes from, secrets masked."""
    loaded = read(words, config)
    if loaded is None:
        return 1
    loaded = remembered(loaded, data=Path(loaded.settings.storage.data_dir)).loaded
    if as_json:
        print(json.dumps(shown(loaded.settings), ensure_ascii=False, indent=2))
        return 0
    rows = [(spell(path), json.dumps(value, ensure_ascii=False), origin) for path, value, origin in told(loaded)]
    width, wide = (max(len(row[column]) for row in rows) for column in (0, 1))
    for path, value, origin in rows:
        print(f"{path:<{width}}  {value:<{min(wide, 40)}}  {words('default') if origin == 'default' else origin}")
    return 0


def schema() -> int:
    """Print the JSON Schema of the settings file."""
    print(json.dumps(json_schema(), ensure_ascii=False, indent=2))
    return 0


def validate(words: Words, config: Path | None) -> int:
    """Print every fault, or that there is none; 0 or 1."""
    loaded = read(words, config)
    if loaded is None:
        return 1
    for note in loaded.notes:
        print(note.line(loaded.settings.monitoring.language))
    print(words("settings_good", origin=loaded.file or words("settings_defaults")))
    return 0


def read(words: Words, config: Path | None, flags: dict[str, object] | None = None) -> Loaded | None:
    """The settings, or None once every fault was told on the error stream."""
    try:
        return load_with_origins(flags, config=config, environment=os.environ)
    except SettingsError as error:
        print(words("settings_wrong", count=len(error.faults)), file=sys.stderr)
        for line in error.lines(words.language):
            print(f"  {line}", file=sys.stderr)
        return None
