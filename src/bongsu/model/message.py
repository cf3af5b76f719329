"""Message templates of rules: `{labels.mount} is at {value} {unit}`.

A template is text with named blanks and nothing else: no attributes, no indices, no format language. What fills a
blank is never read as a template again, and everything is bounded, since labels are other people's text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

LONGEST_TEMPLATE = 500
LONGEST_LABEL = 200
LONGEST_MESSAGE = 2_000
BLANKS = ("value", "threshold", "unit", "name", "metric", "severity", "window", "for", "labels")
"""What may stand in braces; `labels` alone is all of them, `labels.NAME` one."""

_PIECE = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_LABEL = re.compile(r"labels\.[a-zA-Z_][a-zA-Z0-9_]*", re.ASCII)


class WrongTemplate(ValueError):
    """The template can't be used: which blank of it, and what is wrong."""

    def __init__(self, blank: str, detail: str) -> None:
        super().__init__(detail)
        self.blank = blank[:60]


def check(template: str) -> None:
    """Say what is wrong with a template, if anything.

    Raises:
        WrongTemplate: a blank is unknown, a brace stands alone, or it is too long.
    """
    if len(template) > LONGEST_TEMPLATE:
        raise WrongTemplate("…", f"longer than {LONGEST_TEMPLATE} characters")
    for match in _PIECE.finditer(template):
        blank = match[1]
        if match[0] in ("{", "}"):
            raise WrongTemplate(match[0], "a brace stands alone; double it to write it")
        if blank is not None and blank not in BLANKS and not _LABEL.fullmatch(blank):
            raise WrongTemplate(
                f"{{{blank}}}", f"{{{blank[:40]}}} is no blank; there are {', '.join(BLANKS)} and labels.NAME"
            )


def fill(template: str, facts: Mapping[str, str], labels: Mapping[str, str]) -> str:
    """The message: blanks filled with `facts` and labels; a label that isn't there, or an unknown blank, is empty."""

    def piece(match: re.Match[str]) -> str:
        blank = match[1]
        if blank is None:
            return match[0][0]
        if blank == "labels":
            return ", ".join(f"{name}={value[:LONGEST_LABEL]}" for name, value in labels.items())
        if blank.startswith("labels."):
            return labels.get(blank.removeprefix("labels."), "")[:LONGEST_LABEL]
        return facts.get(blank, "")

    return _PIECE.sub(piece, template)[:LONGEST_MESSAGE]
