"""Untrusted text made harmless for the place where it lands.

Messages, labels, notes and names come from outside. Whatever a channel sends is made of its own markup and of texts
that went through one of these; `ESCAPES` is the whole list.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Literal, TypeAlias

Target: TypeAlias = Literal["plain", "line", "header", "html", "slack", "telegram", "discord", "links"]
"""Where text lands: plain text, one line of it (a button), a mail header, HTML, Slack's mrkdwn, Telegram's HTML,
Discord's Markdown, and messengers that know nothing but links (JANDI, Dooray)."""

_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2028\u2029\u2066-\u2069\ufeff\ufff9-\ufffb]"
)
"""Control characters but tab and line feed, and those that turn the direction of text: they could fake what is read."""

_MARKDOWN = re.compile(r"([\\*_~`|>#\[\]()<])")
_MENTION = re.compile("@(?=[a-zA-Z가-힣&!])")
_ZERO = "\u200b"
"""A zero-width space: parts what would be read as one."""


def plain(text: str) -> str:
    """Without control characters, direction marks and lone surrogates; line breaks as line feeds."""
    sound = text.encode("utf-8", "replace").decode()
    return _INVISIBLE.sub("", sound.replace("\r\n", "\n").replace("\r", "\n"))


def line(text: str) -> str:
    """The same on one line."""
    return " ".join(plain(text).split())


def header(text: str) -> str:
    """For a mail header: on one line, and nothing reads as an encoded word (RFC 2047), which could hide a break."""
    return line(text).replace("=?", "= ?")


def html(text: str) -> str:
    """For HTML, in text and in quoted attributes."""
    return telegram(text).replace("'", "&#39;")


def telegram(text: str) -> str:
    """For Telegram's HTML, which knows these four entities."""
    return slack(text).replace('"', "&quot;")


def slack(text: str) -> str:
    """For Slack: its three characters. `<!channel>` and `<url|text>` become what they look like."""
    return plain(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def discord(text: str) -> str:
    """For Discord's Markdown; a mention is parted too, though the message allows none."""
    return _MENTION.sub(f"@{_ZERO}", _MARKDOWN.sub(r"\\\1", plain(text)))


def links(text: str) -> str:
    """For messengers in which `[text](address)` is a link or a mention: it is parted."""
    return plain(text).replace("](", f"]{_ZERO}(")


ESCAPES: Mapping[Target, Callable[[str], str]] = {
    "plain": plain,
    "line": line,
    "header": header,
    "html": html,
    "slack": slack,
    "telegram": telegram,
    "discord": discord,
    "links": links,
}
