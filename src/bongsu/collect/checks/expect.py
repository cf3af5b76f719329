"""Whether an answer is what an own check expects: a pure function."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bongsu.collect.checks.exchange import Answer
from bongsu.model.check import State

DAY = 86_400_000
CRITICAL_DAYS = 3
"""From so many days left on, a certificate makes its check degraded."""
_MISSING = object()


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What a good answer is. Without `status` any of 200 to 299 is right; `slow_ms` None: never too slow."""

    status: tuple[int, ...] = ()
    text: str = ""
    json: Mapping[str, object] = field(default_factory=dict)
    slow_ms: float | None = None


def judge(answer: Answer, expected: Expected) -> tuple[State, str, str]:
    """State, reason and what is told of it; nothing of the body is told."""
    if answer.status is None:
        return "down", answer.failure or "connect", answer.detail
    state, reason, detail = _judged(answer, answer.status, expected)
    return state, reason, detail or f"HTTP {answer.status}"


def quick_and_valid(
    response_ms: float | None, certificate_ends: int | None, *, slow_ms: float | None, now: int
) -> tuple[State, str]:
    """What a right answer still lacks: a certificate about to end, or speed."""
    if certificate_ends is not None and certificate_ends - now <= CRITICAL_DAYS * DAY:
        return "degraded", "certificate"
    if slow_ms is not None and response_ms is not None and response_ms > slow_ms:
        return "degraded", "slow"
    return "up", ""


def _judged(answer: Answer, status: int, expected: Expected) -> tuple[State, str, str]:
    right = status in expected.status if expected.status else 200 <= status < 300
    if not right:
        return *_wrong_status(status), ""
    text = answer.body.decode("utf-8", "replace")
    if expected.text and expected.text not in text:
        return "down", "text", f"HTTP {status}, but the expected text isn't in the body"
    if expected.json:
        wrong = _wrong_in(text, expected.json)
        if wrong:
            return "down", "json", f"HTTP {status}, but in the body {wrong} isn't as expected"
    return "up", "", ""


def _wrong_status(status: int) -> tuple[State, str]:
    if status == 429:
        return "rate_limited", "rate"
    if status in (401, 403):
        return "auth_failed", "permission"
    return "down", "server" if status >= 500 else "status"


def _wrong_in(text: str, expected: Mapping[str, object]) -> str:
    """The first path whose value isn't the expected one; empty where all are."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return "no JSON"
    return next((path for path, wanted in expected.items() if not _same(_at(document, path), wanted)), "")


def _at(document: Any, path: str) -> object:
    """What stands at `data.items.0.status`."""
    for part in path.split("."):
        if isinstance(document, dict):
            document = document.get(part, _MISSING)
        elif isinstance(document, list) and part.isdigit() and int(part) < len(document):
            document = document[int(part)]
        else:
            return _MISSING
    found: object = document
    return found


def _same(found: object, wanted: object) -> bool:
    """Equal, and true is no 1."""
    return found == wanted and isinstance(found, bool) == isinstance(wanted, bool)
