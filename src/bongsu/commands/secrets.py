"""`bongsu secrets key|encrypt|rotate`: secrets of a settings file or of `.env` encrypted where they stand."""

from __future__ import annotations

import io
import json
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from dotenv.parser import parse_stream
from pydantic import SecretStr, ValidationError

from bongsu.commands.words import Words
from bongsu.encryption import EncryptedStorage
from bongsu.settings.environment import GUIDE_NAMES, path_of, read_dotenv
from bongsu.settings.faults import Fault, SettingsError, faults_in
from bongsu.settings.file import read_file
from bongsu.settings.model import Settings
from bongsu.settings.sealed import MARK, Keyring, KeyTrouble, keyring, texts_in, unseal
from bongsu.settings.secrets import secrets_in
from bongsu.settings.tree import Path as Place
from bongsu.settings.tree import Tree, field_at, spell


def key(words: Words, file: Path | None) -> int:
    """Print a new key; or put it into a file that only its owner can read, before the keys that are there."""
    fresh = EncryptedStorage.new_key().decode()
    if file is None:
        print(fresh)
        return 0
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        older = file.read_text(encoding="ascii").split() if file.exists() else []
        _write(file, "\n".join([fresh, *older]) + "\n", mode=0o600)
    except (OSError, UnicodeError) as error:
        print(words("secrets_unwritten", file=file, reason=_reason(error)), file=sys.stderr)
        return 1
    print(words("secrets_key_added" if older else "secrets_key_made", file=file))
    return 0


def encrypt(words: Words, file: Path) -> int:
    """Encrypt every secret of the file that stands in the clear; 1 where it can't be done."""
    return _rewrite(words, file, "secrets_encrypted", lambda ring, text: None if _sealed(text) else ring.seal(text))


def rotate(words: Words, file: Path) -> int:
    """Encrypt what is encrypted under the newest key; 1 where it can't be done, and then nothing is changed."""
    return _rewrite(
        words, file, "secrets_rotated", lambda ring, text: ring.seal(ring.unseal(text)) if _sealed(text) else None
    )


def _environment() -> dict[str, str]:
    return {**read_dotenv(Path.cwd() / ".env")[0], **os.environ}


def _sealed(text: str) -> bool:
    return text.startswith(MARK)


def _rewrite(words: Words, file: Path, done: str, change: Callable[[Keyring, str], str | None]) -> int:
    try:
        ring = keyring(_environment(), Path.cwd())
        is_json = file.suffix == ".json"
        count, text = _of_json(file, ring, change) if is_json else _of_dotenv(file, ring, change)
        if count:
            _write(file, text, mode=file.stat().st_mode & 0o777)
    except KeyTrouble as trouble:
        print(
            Fault(path="", code=trouble.code, origin=str(file), facts=trouble.facts).line(words.language),
            file=sys.stderr,
        )
        return 1
    except SettingsError as error:
        print("\n".join(error.lines(words.language)), file=sys.stderr)
        return 1
    except OSError as error:
        print(words("secrets_unwritten", file=file, reason=_reason(error)), file=sys.stderr)
        return 1
    print(words(done, file=file, count=count))
    return 0


def _of_json(file: Path, ring: Keyring, change: Callable[[Keyring, str], str | None]) -> tuple[int, str]:
    tree = read_file(file, required=True, origin=str(file))
    secrets = _secrets(tree, file)
    changed = 0
    for _, holder, at in list(texts_in(tree)):
        if (_sealed(holder[at]) or holder[at] in secrets) and (fresh := change(ring, holder[at])) is not None:
            holder[at] = fresh
            changed += 1
    return changed, json.dumps(tree, ensure_ascii=False, indent=2) + "\n"


def _secrets(tree: Tree, file: Path) -> set[str]:
    """The secret texts of the file, as the settings' own model tells them."""
    plain: dict[str, Any] = json.loads(json.dumps(tree))
    _, faults = unseal(plain, {}, _environment(), Path.cwd())
    try:
        settings = Settings.model_validate(plain)
    except ValidationError as error:
        told = {fault.path for fault in faults}
        faults += [fault for fault in faults_in(error, Settings, {}) if fault.path not in told]
    if faults:
        raise SettingsError(Fault(path=one.path, code=one.code, origin=str(file), facts=one.facts) for one in faults)
    return {secret for secret in secrets_in(settings) if secret}


def _of_dotenv(file: Path, ring: Keyring, change: Callable[[Keyring, str], str | None]) -> tuple[int, str]:
    """Line by line, so that comments and order stay; a value that is changed stands without quotes."""
    written = file.read_text(encoding="utf-8-sig")
    _, faults = read_dotenv(file)
    if faults:
        raise SettingsError(faults)
    changed, lines = 0, ""
    for binding in parse_stream(io.StringIO(written)):
        fresh = None
        if binding.key and binding.value and (_sealed(binding.value) or _is_secret(binding.key)):
            try:
                fresh = change(ring, binding.value)
            except KeyTrouble as trouble:
                place = spell(_place(binding.key)) or binding.key
                raise SettingsError(
                    [Fault(path=place, code=trouble.code, origin=file.name, facts=trouble.facts)]
                ) from None
        changed += fresh is not None
        kept = binding.original.string
        lines += kept if fresh is None else f"{_before(kept)}{binding.key}={fresh}{_after(kept)}"
    return changed, lines


def _before(kept: str) -> str:
    """Empty lines that the parser counts to the next value."""
    return kept[: len(kept) - len(kept.lstrip())]


def _after(kept: str) -> str:
    return kept[len(kept.rstrip("\r\n")) :]


def _place(name: str) -> Place:
    return GUIDE_NAMES.get(name) or path_of(name)


def _is_secret(name: str) -> bool:
    info = field_at(Settings, _place(name)) if _place(name) else None
    return info is not None and holds_secret(info.annotation)


def holds_secret(annotation: Any) -> bool:
    """Whether a setting is a single secret; lists and objects are encrypted in a settings file, not in `.env`."""
    if annotation is SecretStr:
        return True
    origin = getattr(annotation, "__origin__", None)
    return origin not in (list, dict) and any(holds_secret(one) for one in getattr(annotation, "__args__", ()))


def _write(file: Path, text: str, *, mode: int) -> None:
    """All or nothing: a crash leaves the old file, and at no time can others read more than before."""
    handle, name = tempfile.mkstemp(dir=file.resolve().parent, prefix=f".{file.name}.")
    fresh = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        fresh.chmod(mode)
        fresh.replace(file.resolve())
    finally:
        fresh.unlink(missing_ok=True)


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or type(error).__name__
