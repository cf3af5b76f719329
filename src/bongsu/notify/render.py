"""From a notice to text: Jinja2 in a sandbox, every value escaped for where it lands, cut to what a service takes.

Importing this doesn't import Jinja2 (4 MiB): the first text does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog

from bongsu.model.alert import Notice
from bongsu.notify.content import SHOWN, Content, LinkOf, UnitOf, by_name, content_of, no_link
from bongsu.notify.cut import cut_units
from bongsu.notify.escape import ESCAPES, Target
from bongsu.notify.words import CATALOGUES, Language

if TYPE_CHECKING:
    from jinja2 import Environment, Template

FOLDER = Path(__file__).parent / "templates"
COLOURS = {"info": "#2f6feb", "warning": "#d29922", "error": "#cf222e", "critical": "#a40e26"}
GOOD = "#2da44e"
"""The colour of what is over."""

_LARGEST = 100_000
"""Characters of one rendered text; a template that makes more is stopped."""
_log = structlog.get_logger(__name__)


class Safe(str):
    """A text that is fit for its target already."""

    __slots__ = ()


class Renderer:
    """Words notices. Holds the reader's time zone and language, own templates, and where alerts are acknowledged.

    `language` goes before each notice's own where it is given. `templates` are texts by kind of notice, or by kind of
    channel and kind of notice (`telegram/fired`). `unit_of` gives a metric's unit, for alerts that don't say it.
    """

    def __init__(
        self,
        *,
        timezone: str = "Asia/Seoul",
        language: Language | None = None,
        templates: Mapping[str, str] | None = None,
        link_of: LinkOf = no_link,
        unit_of: UnitOf = by_name,
    ) -> None:
        self._timezone = timezone
        self._language = language
        self._templates = dict(templates or {})
        self._link_of = link_of
        self._unit_of = unit_of
        self.language: Language = language or "ko"
        """Of what is said outside of notices: answers to buttons."""
        self.faults = 0
        """Times that an own template failed and ours took its place."""

    def content(self, notice: Notice, *, shown: int = SHOWN) -> Content:
        """What the notice says."""
        return content_of(
            notice,
            timezone=self._timezone,
            language=self._language,
            link_of=self._link_of,
            unit_of=self._unit_of,
            shown=shown,
        )

    def own_text(self, content: Content, *, channel: str, target: Target) -> str | None:
        """The text by a template of the user's, if there is one for this kind of channel and notice and it works."""
        kind = content.notice.kind
        template = self._templates.get(f"{channel}/{kind}") or self._templates.get(kind)
        if template is None:
            return None
        try:
            return _rendered(target, template, _context(content, target)).strip()
        except Exception as error:  # noqa: BLE001 - a user's template may raise anything; the alert must get through
            self.faults += 1
            _log.warning(
                "own template failed",
                template=kind,
                channel=channel,
                cause=f"{type(error).__name__}: {error}",
                action="the built-in text is sent; mend notifications.templates",
            )
            return None

    def text(
        self,
        notice: Notice,
        *,
        channel: str,
        target: Target,
        limit: int,
        shorten: Callable[[str, int], str] = cut_units,
    ) -> str:
        """The whole message as text within `limit`: with fewer alerts told one by one, and cut in the end."""
        own = self.own_text(self.content(notice), channel=channel, target=target)
        if own:
            return shorten(own, limit)
        text = ""
        for shown in (SHOWN, 5, 3, 1):
            text = _rendered(target, _file("message.j2"), _context(self.content(notice, shown=shown), target)).strip()
            if shorten(text, limit) == text:
                return text
        return shorten(text, limit)

    def html(self, notice: Notice) -> str:
        """The message as an HTML page for e-mail."""
        content = self.content(notice)
        own = self.own_text(content, channel="email", target="html")
        context = _context(content, "html") | {"own": None if own is None else Safe(own), "colour": colour_of(content)}
        return _rendered("html", _file("email.html.j2"), context)


def colour_of(content: Content) -> str:
    """What it looks like at a glance: by severity, green for what is over."""
    return GOOD if content.notice.kind in ("resolved", "summary", "test") else COLOURS[content.notice.severity]


def _context(content: Content, target: Target) -> dict[str, Any]:
    """What a template can use: plain values only."""
    notice = content.notice
    return {
        "kind": notice.kind,
        "severity": notice.severity,
        "language": content.language,
        "words": CATALOGUES[content.language],
        "mark": content.mark,
        "heading": content.heading,
        "title": content.title,
        "at": content.at,
        "group": notice.group,
        "step": notice.step,
        "more": content.more,
        # Markdown's escapes would break an address; this one is of our own making.
        "link": Safe(content.link) if content.link and target == "discord" else content.link,
        "alerts": [
            {
                "id": told.alert.id,
                "severity": told.severity,
                "message": told.message,
                "metric": told.alert.metric,
                "value": told.alert.value,
                "threshold": told.alert.threshold,
                "unit": told.alert.unit,
                "labels": dict(told.alert.labels),
                "facts": [{"key": fact.key, "label": fact.label, "value": fact.value} for fact in told.facts],
            }
            for told in content.told
        ],
    }


def _rendered(target: Target, template: str, context: Mapping[str, Any]) -> str:
    pieces: list[str] = []
    length = 0
    for piece in _compiled(target, template).generate(context):
        pieces.append(piece)
        length += len(piece)
        if length > _LARGEST:
            raise ValueError(f"the template makes more than {_LARGEST:,} characters")
    return "".join(pieces)


def _escaped(escape: Callable[[str], str], value: object) -> object:
    return value if isinstance(value, Safe) else escape(str(value))


@cache
def _environment(target: Target) -> Environment:
    from bongsu.notify.sandbox import Sandbox

    return Sandbox(finalize=partial(_escaped, ESCAPES[target]))


@lru_cache(maxsize=128)
def _compiled(target: Target, template: str) -> Template:
    """Compiling takes 2 ms, writing a message 0.1."""
    return _environment(target).from_string(template)


@cache
def _file(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")
