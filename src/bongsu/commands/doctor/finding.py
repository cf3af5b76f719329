"""What the doctor finds: one thing each, how it is, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

State: TypeAlias = Literal["good", "worth", "bad"]

SIGNS: dict[State, str] = {"good": "✓", "worth": "▲", "bad": "■"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at.

    `area` is its name in the answer (`port`, `disk`, `redis`), `code` the sentence, and `facts` fill it: never a
    secret. Where it isn't good, there is a sentence `<code>_do` that says what to do.
    """

    area: str
    state: State
    code: str
    facts: tuple[tuple[str, object], ...] = ()


def good(area: str, code: str, **facts: object) -> Finding:
    """All is well."""
    return Finding(area=area, state="good", code=code, facts=tuple(facts.items()))


def worth(area: str, code: str, **facts: object) -> Finding:
    """It works, and deserves a look."""
    return Finding(area=area, state="worth", code=code, facts=tuple(facts.items()))


def bad(area: str, code: str, **facts: object) -> Finding:
    """It doesn't work."""
    return Finding(area=area, state="bad", code=code, facts=tuple(facts.items()))
