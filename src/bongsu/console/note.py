"""A message on a page: shape, words and colour together, in the design's look."""

from __future__ import annotations

import re
from html import escape
from typing import Literal, TypeAlias

_CODE = re.compile("`([^`]+)`")

Tint: TypeAlias = Literal["", "warn", "crit"]


def note(shape: str, body: str, *, title: str = "", tint: Tint = "", until_live: bool = False) -> str:
    """The HTML of a message; `title` and `body` are plain text, in which backticks enclose what is typed.

    `until_live`: not to be seen from the moment on at which a live view says that it is live.
    """
    head = f"<b>{escape(title)}</b>" if title else ""
    text = _CODE.sub(r"<code>\1</code>", escape(body))
    kind = " ".join(filter(None, ("bongsu-note", tint, "until-live" if until_live else "")))
    return (
        f'<div class="{kind}" role="status"><span class="shape" aria-hidden="true">{escape(shape)}</span>'
        f"<div>{head}{text}</div></div>"
    )
