"""Secrets taken out of text before it is written anywhere."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

MASK = "••••••"

_NAMED = re.compile(r"(?i)pass(word|wd|phrase)?$|secret|token|api_?key|authorization|cookie|webhook_url|credential")
_IN_TEXT: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?i)\b([a-z][a-z0-9+.-]{1,30}://[^\s/:@]*:)[^\s@/]+(?=@)"), rf"\1{MASK}"),
    (re.compile(r"(?i)(hooks\.slack\.com/(?:services|workflows|triggers)/)[^\s\"'<>]+"), rf"\1{MASK}"),
    (re.compile(r"(?i)(api\.telegram\.org/bot)[^\s/\"'<>]+"), rf"\1{MASK}"),
    (re.compile(r"(?i)\b(bearer|basic)(\s+)[a-z0-9+/._~=-]{8,}"), rf"\1\2{MASK}"),
    (
        re.compile(r"(?i)\b((?:password|passwd|secret|token|api_?key|access_key)[\"']?\s*[=:]\s*[\"']?)[^\s\"',;&}]+"),
        rf"\1{MASK}",
    ),
)
_SHORTEST = 6
"""Shorter secrets aren't looked for in text: they would blot out innocent words."""


class Redactor:
    """Takes out what looks like a secret, and every secret it was told of."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets: set[str] = set()
        self.learn(secrets)

    def learn(self, secrets: Iterable[str]) -> None:
        """Take these out too from now on; what was known stays known."""
        self._secrets |= set(secrets)
        known = sorted({one for one in self._secrets if len(one) >= _SHORTEST}, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, known))) if known else None

    def text(self, text: str) -> str:
        """The text without secrets."""
        if self._known is not None:
            text = self._known.sub(MASK, text)
        for pattern, kept in _IN_TEXT:
            text = pattern.sub(kept, text)
        return text

    def fields(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """The same fields: masked where the name tells a secret, cleaned where the value is text."""
        return {name: MASK if value and _NAMED.search(name) else self._value(value) for name, value in fields.items()}

    def _value(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            return self.fields(value)
        if isinstance(value, (list, tuple)):
            return [self._value(one) for one in value]
        return value if value is None or isinstance(value, (bool, int, float)) else self.text(str(value))
