"""Labels as one text, for dictionaries that people read: `core=0`, `market=naver,state=open`."""

from __future__ import annotations

import re

from bongsu.model.sample import Labels, labels_of

_NAMED = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*=")


def label_text(labels: Labels) -> str:
    """`name=value`, several joined by commas; empty without labels."""
    return ",".join(f"{name}={value}" for name, value in labels)


def labels_from_text(text: str, *, name: str = "item") -> Labels:
    """The labels that a text means. One without any `name=` is the value of the label `name`."""
    if not text:
        return ()
    if not _NAMED.match(text):
        return labels_of({name: text})
    # a comma parts two labels only where a name and = follow: values may hold commas
    pieces = re.split(r",(?=[a-zA-Z_][a-zA-Z0-9_]*=)", text)
    return labels_of(tuple(piece.split("=", 1)) for piece in pieces)
