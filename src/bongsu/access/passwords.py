"""Which passwords are good enough.

NIST SP 800-63B: length counts, no rules of composition, nothing that is on every list of guesses, nothing that contains
the name.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from importlib.resources import files

SHORTEST = 10
LONGEST = 256
"""Characters; longer ones are refused rather than cut."""

_LIST = "common.txt"
"""Of at least `SHORTEST` characters, in small letters; Korean words as an English keyboard spells them among them."""


@cache
def common() -> frozenset[str]:
    """The passwords that anybody tries first."""
    return frozenset(files("bongsu.access").joinpath(_LIST).read_text(encoding="utf-8").split())


def form_of(password: str) -> str:
    """What is hashed: one keyboard composes 한글 otherwise than another, the password is the same."""
    return unicodedata.normalize("NFKC", password)


def fault_of_password(password: str, *, name: str) -> str:
    """What is wrong with a new password (as it was typed) for that account; empty where nothing is. Never quotes it."""
    text = form_of(password)
    if len(text) < SHORTEST:
        return f"at least {SHORTEST} characters"
    if len(password) > LONGEST or len(text) > LONGEST:
        return f"at most {LONGEST} characters"
    small = text.casefold()
    if small in common() or len(set(small)) < 4:
        return "this one is among the first that anybody tries"
    if name and len(small.replace(name, "")) < SHORTEST // 2:
        return "it is hardly more than the account's name"
    return ""
