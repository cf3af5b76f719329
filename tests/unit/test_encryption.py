"""Data encrypted for keeping."""

from __future__ import annotations

import subprocess
import sys

import pytest

import bongsu
from bongsu.encryption import EncryptedStorage, EncryptionError


@pytest.mark.guide("G059")
def test_the_guides_class_word_for_word() -> None:
    """`EncryptedStorage(key)` of the guide encrypts bytes and gives them back, from `bongsu` itself."""
    storage = bongsu.EncryptedStorage(EncryptedStorage.new_key())
    kept = storage.encrypt_data(b"\x00secret\xff")
    assert b"secret" not in kept
    assert kept != storage.encrypt_data(b"\x00secret\xff")
    assert storage.decrypt_data(kept) == b"\x00secret\xff"


def test_keys_change_without_a_gap() -> None:
    """With a new key before the old one, what is old is read, and after rotation the new key alone does."""
    old, new = EncryptedStorage.new_key(), EncryptedStorage.new_key()
    kept = EncryptedStorage(old).encrypt_data(b"data")
    both = EncryptedStorage([new, old])
    assert both.decrypt_data(kept) == b"data"
    assert EncryptedStorage(new).decrypt_data(both.rotate(kept)) == b"data"


def test_another_key_or_a_changed_byte_says_what_to_do() -> None:
    """Neither opens it; the error tells of the key that is wanted and holds neither key nor data."""
    key = EncryptedStorage.new_key()
    kept = EncryptedStorage(key).encrypt_data(b"data")
    for storage, told in (
        (EncryptedStorage(EncryptedStorage.new_key()), kept),
        (EncryptedStorage(key), kept[:-5] + b"AAAA="),
    ):
        for act in (storage.decrypt_data, storage.rotate):
            with pytest.raises(EncryptionError, match="another key, or changed since; give the key") as error:
                act(told)
            assert key.decode() not in str(error.value)


@pytest.mark.parametrize("key", [b"", "password", b"x" * 44, [], ["A" * 43 + "=", "short"]])
def test_what_is_no_key_says_how_to_make_one(key: bytes | str | list[str]) -> None:
    """A password isn't a key: the error names the command that makes one."""
    with pytest.raises(EncryptionError, match="bongsu secrets key"):
        EncryptedStorage(key)


def test_text_is_told_to_be_encoded() -> None:
    """Text instead of bytes is refused with the way to bytes."""
    with pytest.raises(EncryptionError, match=r"encrypt_data takes bytes, not str: .*\.encode\(\)"):
        EncryptedStorage(EncryptedStorage.new_key()).encrypt_data("text")  # type: ignore[arg-type]


def test_cryptography_is_imported_when_used() -> None:
    """Neither `import bongsu` nor settings without `enc:` pay for cryptography."""
    code = (
        "import sys, bongsu.encryption; from bongsu.settings.load import load; load(environment={});"
        "sys.exit('cryptography' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd="/")
    assert done.returncode == 0, done.stderr
