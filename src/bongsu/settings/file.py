"""The settings file: one JSON object."""

from __future__ import annotations

import json
from pathlib import Path as FilePath
from typing import Any, NoReturn

from bongsu.settings.faults import Fault, SettingsError
from bongsu.settings.tree import Tree


class _Refused(Exception):
    def __init__(self, code: str, path: str = "", **facts: str) -> None:
        super().__init__(code)
        self.code, self.path, self.facts = code, path, facts


def read_file(path: FilePath, *, required: bool, origin: str) -> Tree:
    """The object in the file; empty where a file that may be missing is. `origin` names it in faults.

    Raises:
        SettingsError: missing though required, unreadable, not UTF-8, not JSON, a key twice, not an object.
    """
    try:
        return _object(path.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError:
        if not required:
            return {}
        raise SettingsError([Fault(path="", code="file_missing", origin=origin)]) from None
    except UnicodeDecodeError:
        raise SettingsError([Fault(path="", code="file_not_utf8", origin=origin)]) from None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise SettingsError([Fault(path="", code="file_unreadable", origin=origin, facts={"reason": reason})]) from None
    except _Refused as refused:
        fault = Fault(path=refused.path, code=refused.code, origin=origin, facts=refused.facts)
        raise SettingsError([fault]) from None


def _object(text: str) -> Tree:
    try:
        tree = json.loads(text, object_pairs_hook=_once, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        raise _Refused(
            "file_not_json", line=str(error.lineno), column=str(error.colno), reason=error.msg.lower()
        ) from None
    except RecursionError:
        raise _Refused("file_unreadable", reason="nested too deeply") from None
    if not isinstance(tree, dict):
        raise _Refused("file_not_object")
    return tree


def _once(pairs: list[tuple[str, Any]]) -> Tree:
    tree: Tree = {}
    for key, value in pairs:
        if key in tree:
            raise _Refused("file_duplicate", path=key)
        tree[key] = value
    return tree


def _no_number(text: str) -> NoReturn:
    raise _Refused("file_number", number=text)
