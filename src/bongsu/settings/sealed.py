"""Secrets at rest: settings written as `enc:…`, decrypted with a key that lies elsewhere.

The key comes from `BONGSU_SECRET_KEY` (several with commas, newest first), else from the file that
`BONGSU_SECRET_KEY_FILE` names, else from `config/secret.key`: a key a line, newest first, readable by its owner alone.
"""

from __future__ import annotations

import stat
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any

from bongsu.encryption import EncryptedStorage, EncryptionError
from bongsu.settings.faults import Fault, origin_of
from bongsu.settings.tree import Path, Tree, spell

MARK = "enc:"
KEY_NAME = "BONGSU_SECRET_KEY"
FILE_NAME = "BONGSU_SECRET_KEY_FILE"
KEY_FILE = FilePath("config") / "secret.key"


class KeyTrouble(Exception):
    """The key can't be used: `code` names the sentence, `facts` fill it."""

    def __init__(self, code: str, **facts: str) -> None:
        super().__init__(code)
        self.code, self.facts = code, facts


@dataclass(frozen=True, slots=True)
class Keyring:
    """The keys, and where they came from."""

    storage: EncryptedStorage
    origin: str

    def unseal(self, token: str) -> str:
        """The text of an `enc:` value.

        Raises:
            KeyTrouble: the key is another one, or the value was changed.
        """
        try:
            return self.storage.decrypt_data(token.removeprefix(MARK).strip().encode()).decode()
        except (EncryptionError, UnicodeError):
            raise KeyTrouble("sealed_strange", key=self.origin) from None

    def seal(self, text: str) -> str:
        """A text as an `enc:` value under the newest key."""
        return MARK + self.storage.encrypt_data(text.encode()).decode()


def keyring(environment: Mapping[str, str], folder: FilePath) -> Keyring:
    """The keys of this installation.

    Raises:
        KeyTrouble: there is none, its file can't be read or can be read by others, or it is no key.
    """
    if keys := [one.strip() for one in environment.get(KEY_NAME, "").split(",") if one.strip()]:
        return _ring(keys, KEY_NAME)
    named = environment.get(FILE_NAME, "")
    path = folder / (named or KEY_FILE)
    shown = named or KEY_FILE.as_posix()
    try:
        if sys.platform != "win32" and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise KeyTrouble("sealed_key_open", file=shown)
        return _ring(path.read_text(encoding="ascii").split(), shown)
    except FileNotFoundError:
        raise KeyTrouble("sealed_no_key", file=shown) from None
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise KeyTrouble("sealed_key_unreadable", file=shown, reason=reason) from None


def _ring(keys: list[str], origin: str) -> Keyring:
    try:
        return Keyring(EncryptedStorage(keys), origin)
    except EncryptionError:
        raise KeyTrouble("sealed_key_wrong", key=origin) from None


def unseal(
    tree: Tree, origins: Mapping[Path, str], environment: Mapping[str, str], folder: FilePath
) -> tuple[dict[Path, str], list[Fault]]:
    """Decrypt every `enc:` value in place: what was decrypted by path, and a fault for each that can't be.

    A setting without `enc:` costs nothing: neither a key is looked for nor cryptography imported.
    """
    sealed = list(sealed_in(tree))
    opened: dict[Path, str] = {}
    faults: list[Fault] = []
    ring: Keyring | KeyTrouble | None = None
    for path, holder, key in sealed:
        ring = ring or _keyring_or_trouble(environment, folder)
        try:
            if isinstance(ring, KeyTrouble):
                raise ring
            holder[key] = opened[path] = ring.unseal(holder[key])
        except KeyTrouble as trouble:
            origin = origin_of(path, origins)
            faults.append(Fault(path=spell(path), code=trouble.code, origin=origin, facts=trouble.facts))
    return opened, faults


def _keyring_or_trouble(environment: Mapping[str, str], folder: FilePath) -> Keyring | KeyTrouble:
    try:
        return keyring(environment, folder)
    except KeyTrouble as trouble:
        return trouble


def sealed_in(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any, Any]]:
    """(path, what holds it, its key there) for every `enc:` value."""
    for inner, holder, key in texts_in(value, path):
        if holder[key].startswith(MARK):
            yield inner, holder, key


def texts_in(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any, Any]]:
    """(path, what holds it, its key there) for every text in objects and lists."""
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in entries:
        at = (*path, str(key))
        if isinstance(inner, str):
            yield at, value, key
        else:
            yield from texts_in(inner, at)
