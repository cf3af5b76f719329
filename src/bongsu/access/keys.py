"""Cookies' values and tokens: 256 random bits each, known to whoever has them and to nobody else."""

from __future__ import annotations

import hashlib
import secrets

TOKEN_PREFIX = "bgs_"  # noqa: S105 (how a token begins, so that scanners for leaked secrets know ours)  # nosec B105
LONGEST = 100
"""Characters of anything that is looked up."""

_BYTES = 32


def new_cookie() -> str:
    """A cookie's value."""
    return secrets.token_urlsafe(_BYTES)


def new_token() -> str:
    """A token."""
    return TOKEN_PREFIX + secrets.token_urlsafe(_BYTES)


def new_id() -> str:
    """The name of a session or token in lists."""
    return secrets.token_hex(8)


def digest_of(key: str) -> str:
    """What is kept of a key, and looked up: its SHA-256 in hex."""
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()
