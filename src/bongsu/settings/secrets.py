"""Which of the settings are secrets."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from pydantic import BaseModel, SecretStr

SECRET_KEY = re.compile(r"(?i)pass|secret|token|key|credential|auth|webhook|url|dsn|cookie|header")
"""Names that tell a secret inside free-form objects."""


def tells_secret(name: str, value: Any) -> bool:
    """Whether what stands under this name in a free-form object is to be kept secret; sections know it themselves."""
    return bool(SECRET_KEY.search(name)) and not isinstance(value, BaseModel | int | float)


def secrets_in(settings: BaseModel) -> set[str]:
    """Every secret text of the settings, for whoever must keep it out of what he writes."""
    found: set[str] = set()
    for name in type(settings).model_fields:
        found |= _secrets_in(getattr(settings, name))
    return found


def _passwords_in(url: str) -> set[str]:
    """The password of an address, as it stands there and as it is sent: an error may tell it without the rest."""
    try:
        password = urlsplit(url).password if "://" in url else None
    except ValueError:
        return set()
    return {password, unquote(password)} if password else set()


def _secrets_in(value: Any, *, named: bool = False) -> set[str]:
    if isinstance(value, BaseModel):
        return secrets_in(value)
    if isinstance(value, SecretStr):
        text = value.get_secret_value()
        return {text} | _passwords_in(text)
    if isinstance(value, Mapping):
        parts = [_secrets_in(inner, named=named or bool(SECRET_KEY.search(name))) for name, inner in value.items()]
    elif isinstance(value, list):
        parts = [_secrets_in(one, named=named) for one in value]
    else:
        return {value} if named and isinstance(value, str) and value else set()
    return set().union(*parts)
