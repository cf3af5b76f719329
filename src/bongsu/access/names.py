"""Names of accounts and tokens."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 64
_NAME = re.compile(r"\w[\w.@+-]*")
_RESERVED = frozenset({"me"})
"""What REST's addresses use for something else."""


def name_of(text: str) -> str:
    """The form in which names are compared: `Kim`, `kim` and what a keyboard composes otherwise are one account."""
    return unicodedata.normalize("NFKC", text[: 4 * LONGEST]).strip().casefold()


def fault_of_name(name: str) -> str:
    """What is wrong with it as an account's name (in the form of `name_of`); empty where nothing is."""
    if not _NAME.fullmatch(name) or len(name) > LONGEST:
        return f"letters, digits and . @ + - _, {LONGEST} at most, a letter or digit first"
    if name in _RESERVED:
        return f"{name} can't be an account's name"
    return ""


def fault_of_title(title: str) -> str:
    """What is wrong with it as a token's name, which is only read by people."""
    if not title.strip() or len(title) > LONGEST or not title.isprintable():
        return f"a few words that tell what it is for, {LONGEST} characters at most"
    return ""
