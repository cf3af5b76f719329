"""Bytes encrypted for keeping: Fernet (AES-128-CBC with HMAC-SHA256), under one key or several.

    storage = EncryptedStorage(EncryptedStorage.new_key())
    storage.decrypt_data(storage.encrypt_data(b"hunter22"))

With several keys the first one encrypts and all of them decrypt, so that keys can be changed without a gap.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet

Key: TypeAlias = bytes | str
"""32 random bytes in URL-safe base64, as `bongsu secrets key` writes them."""


class EncryptionError(ValueError):
    """It can't be encrypted or decrypted; the text says why and what to do, and never holds a key or what is kept."""


class EncryptedStorage:
    """Encrypts and decrypts with one key or, newest first, with several.

    Raises:
        EncryptionError: there is no key, or one isn't a key.
    """

    def __init__(self, key: Key | Sequence[Key]) -> None:
        keys = [key] if isinstance(key, (bytes, str)) else list(key)
        if not keys:
            raise EncryptionError("there is no key: make one with EncryptedStorage.new_key() or `bongsu secrets key`")
        self._cipher = _cipher(keys)

    @staticmethod
    def new_key() -> bytes:
        """A new random key."""
        from cryptography.fernet import Fernet

        return Fernet.generate_key()

    def encrypt_data(self, data: bytes) -> bytes:
        """The data encrypted under the first key, as ASCII; the same data never reads the same twice."""
        return self._cipher.encrypt(_bytes(data, "encrypt_data"))

    def decrypt_data(self, encrypted_data: bytes) -> bytes:
        """What was encrypted under any of the keys.

        Raises:
            EncryptionError: under another key, or it was changed since.
        """
        from cryptography.fernet import InvalidToken

        try:
            return self._cipher.decrypt(_bytes(encrypted_data, "decrypt_data"))
        except InvalidToken:
            raise EncryptionError(_STRANGE) from None

    def rotate(self, encrypted_data: bytes) -> bytes:
        """The same data under the first key.

        Raises:
            EncryptionError: as `decrypt_data`.
        """
        from cryptography.fernet import InvalidToken

        try:
            return self._cipher.rotate(_bytes(encrypted_data, "rotate"))
        except InvalidToken:
            raise EncryptionError(_STRANGE) from None


_STRANGE = (
    "it can't be decrypted: it was encrypted with another key, or changed since; "
    "give the key that encrypted it as well, newest first: EncryptedStorage([new, old])"
)


def _cipher(keys: Sequence[Key]) -> MultiFernet:
    from cryptography.fernet import Fernet, MultiFernet  # 7 MiB: only who encrypts pays for it

    try:
        return MultiFernet([Fernet(key) for key in keys])
    except (ValueError, TypeError):
        raise EncryptionError(
            "a key must be 32 random bytes in URL-safe base64 (44 characters): make one with `bongsu secrets key`"
        ) from None


def _bytes(data: bytes, method: str) -> bytes:
    if not isinstance(data, bytes):
        raise EncryptionError(f"{method} takes bytes, not {type(data).__name__}: encode text first, text.encode()")
    return data
