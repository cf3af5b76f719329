"""What an answer means: delivered, or which class of failure; pure.

| answer | class |
|---|---|
| 2xx | delivered |
| 401, 403, 404, 407, 410, any redirect | `auth`: the secret, the address or the set-up is wrong |
| 429 | `rate_limited`, with the pause that the service asks for |
| 408, 425, 5xx, no answer | `temporary` |
| any other | `permanent`: this message is refused |
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any, Literal, TypeAlias

import msgspec

from bongsu.model.errors import ChannelError
from bongsu.notify.cut import cut
from bongsu.notify.escape import line

ErrorClass: TypeAlias = Literal["auth", "rate_limited", "temporary", "permanent"]
CLASSES: tuple[ErrorClass, ...] = ("auth", "rate_limited", "temporary", "permanent")

_WRONG_ADDRESS = {401, 403, 404, 407, 410}
_AGAIN = {408, 425}
_LONGEST = 86_400.0
"""Seconds: no service's wish for a pause goes beyond a day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An HTTP answer; names of headers in small letters, the body cut at what is worth reading."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def json(self) -> Any:
        """The body as JSON; None where it is none."""
        try:
            return msgspec.json.decode(self.body)
        except msgspec.DecodeError:
            return None

    @property
    def text(self) -> str:
        """The body's beginning on one line."""
        return cut(line(self.body[:2_000].decode("utf-8", "replace")), 200)


def class_of(status: int) -> ErrorClass | None:
    """The class of a status; None where it means delivered."""
    if 200 <= status < 300:
        return None
    if status in _WRONG_ADDRESS or 300 <= status < 400:
        return "auth"
    if status == 429:
        return "rate_limited"
    return "temporary" if status in _AGAIN or status >= 500 else "permanent"


def refuse_unless_delivered(answer: Answer, *, service: str, now: int) -> None:
    """Nothing where the answer means delivered.

    Raises:
        ChannelError: it doesn't; the text quotes the answer.
    """
    kind = class_of(answer.status)
    if kind is None:
        return
    said = f": {answer.text}" if answer.text else ""
    if 300 <= answer.status < 400:
        said = ", a redirect, which is not followed; set the final address"
    raise ChannelError(
        f"{service} answered {answer.status}{said}",
        kind=kind,
        retry_after=pause_of(answer, now) if kind in ("rate_limited", "temporary") else None,
    )


def pause_of(answer: Answer, now: int) -> float | None:
    """The pause, in seconds, that the service asks for.

    It stands in `parameters.retry_after` (Telegram), in `retry_after` (Discord), or in the header `Retry-After`
    (RFC 9110: seconds or a date).
    """
    document = answer.json
    if isinstance(document, dict):
        inner = document.get("parameters")
        for place in (inner if isinstance(inner, dict) else {}, document):
            if isinstance(place.get("retry_after"), (int, float)):
                return _bounded(float(place["retry_after"]))
    header = answer.headers.get("retry-after", "").strip()
    if not header:
        return None
    try:
        return _bounded(float(header))
    except ValueError:
        pass
    try:
        return _bounded(parsedate_to_datetime(header).timestamp() - now / 1000)
    except ValueError:
        return None


def _bounded(seconds: float) -> float | None:
    return min(max(0.0, seconds), _LONGEST) if seconds == seconds else None
