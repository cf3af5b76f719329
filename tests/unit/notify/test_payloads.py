"""Every place where a label, a message or a template meets Slack, Telegram, HTML, a mail header, a shell or a log.

Each place is a row of a table and is tried against the same list of payloads. What can be found by itself is: a channel
of the registry, an escape, a header of the mail, a formatter of the logs, a module that starts programs, a page made by
the server. One without a row fails here. A new place gets its row in the table of its kind below.
"""

from __future__ import annotations

import ast
import io
import json
import logging
import re
from collections.abc import Callable, Iterator, Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import structlog
from msgspec.structs import replace
from starlette.requests import Request

from bongsu import logs
from bongsu.alerts.acting.action import BadArgument, Command, Taken, arguments_of
from bongsu.alerts.acting.deeds import Failed, run
from bongsu.logs import Logs
from bongsu.model.alert import Notice
from bongsu.model.sample import labels_of
from bongsu.notify.channels import discord, dooray, email, jandi, slack, telegram, webhook
from bongsu.notify.content import content_of
from bongsu.notify.cut import units
from bongsu.notify.escape import ESCAPES, line, plain
from bongsu.notify.registry import KINDS
from bongsu.notify.render import Renderer
from bongsu.server.acknowledgement import AcknowledgePage
from tests.fakes.notify import alert, notice, over

SOURCES = Path(__file__).parents[3] / "src" / "bongsu"

PAYLOADS: tuple[str, ...] = (
    "<script>alert(1)</script>",
    "</b></a><b><a href='javascript:alert(1)'>x",
    '"><img src=x onerror=alert(1)>',
    "&lt;b&gt; & &amp; &#x3c;",
    "<!channel> <!here> <@U024BE7LH> <https://evil.example|harmless>",
    "[harmless](https://evil.example) ![x](http://evil.example/p.png)",
    "[@everyone](dooray://1/members/2) @everyone @here <@&1>",
    "*bold* _it_ ~no~ `code` ```block``` ||spoiler|| # head > quote",
    "\\*\\_ \\",
    "line one\r\nBcc: victim@example.kr\r\n\r\nbody",
    "line\nline\rline\x0bline\x0cline\x85line\u2028line\u2029line",
    "\x00\x1b[2J\x1b]8;;http://evil.example\x07x\x9b31m",
    "gnp.\u202etxt \u2066hidden\u2069 \u200e\ufeff",
    "{{ 7*7 }} {% for x in y %} ${HOME} #{1} %s %(x)s {0} {message}",
    "$(touch /tmp/pwned) `id` ; rm -rf / | cat && true > /dev/null",
    "'; DROP TABLE alerts; --",
    "\ud800 lone \udfff",
    "🚨" * 1_500,
    "<&>" * 1_500,
    "e\u0301가" * 1_500,
    " ",
    "=?utf-8?q?=0d=0aBcc:_x?= \t tab",
)

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2028\u2029\u2066-\u2069\ufeff]|[\ud800-\udfff]")
RENDERER = Renderer()
OWN = Renderer(templates=dict.fromkeys(("fired", "message"), "{{ title }}|{{ alerts[0].labels }}|{{ group }}"))


def notices(payload: str) -> Iterator[Notice]:
    """The payload in every field that comes from outside, in every kind of notice."""
    bad = alert(
        "a",
        message=payload,
        metric=payload,
        unit=payload,
        rule=payload,
        labels=labels_of({payload: payload, "host": payload}),
        note=payload,
        acknowledged_by=payload,
    )
    known = alert("b", message=payload, phase="acknowledged", acknowledged_by=payload, note=payload)
    yield notice(payload, bad, group=payload)
    yield notice("n", bad, known, kind="repeated", group=payload, more=2)
    yield notice("n", known, kind="acknowledged")
    yield notice("n", bad, kind="escalated", step=2)
    yield notice("n", over(bad), kind="resolved")
    yield notice("n", over(bad), over(known), kind="summary")
    yield notice("n", kind="message", alerts=(), text=payload, group=payload)


def strings(thing: Any) -> Iterator[str]:
    """Every text in a document."""
    if isinstance(thing, str):
        yield thing
    elif isinstance(thing, Mapping):
        for value in thing.values():
            yield from strings(value)
    elif isinstance(thing, list):
        for value in thing:
            yield from strings(value)


def calm(text: str) -> None:
    """Nothing invisible that acts."""
    assert not _CONTROL.search(text)


# -- channels --------------------------------------------------------------------------------------------------------


def in_slack(told: Notice, renderer: Renderer) -> None:
    """No markup but ours: every angle bracket and ampersand of the texts is an entity."""
    body = slack.body_of(told, renderer)
    for text in strings(body):
        calm(text)
        assert not re.search(r"[<>]|&(?!amp;|lt;|gt;)", text)
    assert len(body["text"].replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">")) <= slack.TEXT_LIMIT


def in_telegram(told: Notice, renderer: Renderer) -> None:
    """No tag, only entities that Telegram knows, within its limit; buttons on one line."""
    body = telegram.body_of(told, renderer, chat="1", buttons=True)
    text = body["text"]
    calm(text)
    assert not re.search(r"[<>]|&(?!amp;|lt;|gt;|quot;)", text)
    assert units(re.sub(r"&\w+;", "x", text)) <= telegram.TEXT_LIMIT
    for (button,) in body.get("reply_markup", {"inline_keyboard": []})["inline_keyboard"]:
        calm(button["text"])
        assert "\n" not in button["text"]
        assert len(button["callback_data"].encode()) <= telegram.DATA_LIMIT


class Tags(HTMLParser):
    """The tags of a page with the names of their attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[tuple[str, tuple[str, ...]]] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.add((tag, tuple(name for name, _ in attrs)))
        assert not any((value or "").lower().startswith("javascript:") for _, value in attrs)


def tags_in(page: str) -> set[tuple[str, tuple[str, ...]]]:
    """Which kinds of tags a page has."""
    parser = Tags()
    parser.feed(page)
    return parser.found


HARMLESS = set().union(*(tags_in(RENDERER.html(one)) for one in notices("x")))
HEADERS = {
    *("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type"),
}


def in_email(told: Notice, renderer: Renderer) -> None:
    """The headers are ours and on one line each; the page has no tag but ours; the text nothing that acts."""
    message = email.message_of(told, renderer, sender="bongsu@example.kr", receivers=["ops@example.kr"])
    assert set(message.keys()) == HEADERS
    assert not any(re.search(r"[\r\n]", str(value)) for value in message.values())
    raw = message.as_bytes().partition(b"\r\n\r\n")[0].replace(b"\r\n", b"\n")
    names = {each.partition(b":")[0].decode() for each in raw.split(b"\n") if each[:1] not in (b" ", b"\t", b"")}
    assert names <= HEADERS
    calm(str(message["Subject"]))
    parts = {part.get_content_type(): part.get_content() for part in message.walk() if not part.is_multipart()}
    calm(parts["text/plain"].replace("\r\n", "\n"))
    calm(parts["text/html"].replace("\r\n", "\n"))
    assert tags_in(parts["text/html"]) <= HARMLESS


def in_webhook(told: Notice, renderer: Renderer) -> None:
    """A document that any JSON reader takes; what is meant for people holds nothing that acts."""
    body = webhook.body_of(told, renderer)
    calm(body["title"])
    calm(body["text"])
    assert "\n" not in body["title"]
    json.loads(webhook.encoded(body))
    assert re.fullmatch(r"[\x20-\x7e]*", webhook.key_of(told))


def in_links(body: Mapping[str, Any]) -> None:
    """No link or mention out of a text."""
    for text in strings(body):
        calm(text)
        assert "](" not in text


def in_discord(told: Notice, renderer: Renderer) -> None:
    """Nobody is mentioned, every sign of Markdown is escaped, within the limit."""
    body = discord.body_of(told, renderer)
    calm(body["content"])
    assert body["allowed_mentions"] == {"parse": []}
    assert units(body["content"]) <= discord.TEXT_LIMIT
    bare = re.sub(r"\\.", "", body["content"])
    assert not re.search(r"[*_~`<>\[\]()#]", bare if renderer is RENDERER else bare.replace("|", ""))
    assert not re.search(r"@(?:everyone|here)", body["content"])


def in_apprise(told: Notice, renderer: Renderer) -> None:
    """Plain text, a title on one line."""
    text = renderer.text(told, channel="apprise", target="plain", limit=4_000)
    calm(text)
    title = line(content_of(told, timezone="Asia/Seoul").subject)
    calm(title)
    assert "\n" not in title


CHANNELS: Mapping[str, Callable[[Notice, Renderer], None]] = {
    "slack": in_slack,
    "telegram": in_telegram,
    "email": in_email,
    "webhook": in_webhook,
    "jandi": lambda told, renderer: in_links(jandi.body_of(told, renderer)),
    "dooray": lambda told, renderer: in_links(dooray.body_of(told, renderer)),
    "discord": in_discord,
    "apprise": in_apprise,
}
"""Each channel of the registry: what must hold of everything it sends."""


def test_each_channel_has_a_row() -> None:
    """A channel in the registry without a row here fails."""
    assert set(CHANNELS) == set(KINDS)


@pytest.mark.parametrize("channel", CHANNELS)
def test_what_a_channel_sends(channel: str) -> None:
    """No payload, in any field and any kind of notice, becomes markup, a header, a mention or a link; nor by a template
    of one's own."""
    for payload in PAYLOADS:
        for told in notices(payload):
            CHANNELS[channel](told, RENDERER)
            CHANNELS[channel](told, OWN)


# -- escapes ---------------------------------------------------------------------------------------------------------

FORBIDDEN: Mapping[str, str] = {
    "plain": r"(?!)",
    "line": r"[\n\t]",
    "header": r"[\n\t]|=\?",
    "html": r"""[<>"']|&(?!amp;|lt;|gt;|quot;|#39;)""",
    "slack": r"[<>]|&(?!amp;|lt;|gt;)",
    "telegram": r'[<>"]|&(?!amp;|lt;|gt;|quot;)',
    "discord": r"(?<!\\)(?:\\\\)*[*_~`|<>\[\]()#]",
    "links": r"\]\(",
}
"""Each escape: what must not be left."""


def test_each_escape_has_a_row() -> None:
    """An escape without a row here fails."""
    assert set(FORBIDDEN) == set(ESCAPES)


@pytest.mark.parametrize("target", FORBIDDEN)
def test_escapes(target: str) -> None:
    """Nothing forbidden is left, and harmless text stays what it is."""
    escape = ESCAPES[target]  # type: ignore[index]
    for payload in PAYLOADS:
        text = escape(payload)
        calm(text)
        assert not re.search(FORBIDDEN[target], text)
    assert escape("CPU 사용률 85.5%, 3분") == "CPU 사용률 85.5%, 3분"


# -- logs ------------------------------------------------------------------------------------------------------------

FORMATTERS = {"_ForPeople", "_ForMachines"}
"""Each formatter of the logs; the test below writes through both."""


def test_each_formatter_has_a_row() -> None:
    """A formatter without a row here fails."""
    found = {name for name, one in vars(logs).items() if isinstance(one, type) and issubclass(one, logging.Formatter)}
    assert found == FORMATTERS


def test_what_is_logged(tmp_path: Path) -> None:
    """A payload in a field stays on its line, acts on no terminal, and begins no entry of its own."""
    terminal = io.StringIO()
    opened = Logs(folder=tmp_path, terminal=terminal)
    try:
        for payload in PAYLOADS:
            structlog.get_logger("bongsu.notify").warning("notice not delivered", cause=plain(payload), raw=payload)
    except UnicodeEncodeError:
        pytest.fail("a lone surrogate ends logging")
    finally:
        opened.close()
    seen = terminal.getvalue().split("\n")
    assert len(seen) == len(PAYLOADS) + 1
    assert not any(_CONTROL.search(each) for each in seen)
    kept = (tmp_path / logs.DASHBOARD_LOG).read_bytes().split(b"\n")
    assert len(kept) == len(PAYLOADS) + 1
    assert all(json.loads(each)["logger"] == "bongsu.notify" for each in kept if each)
    assert b"\x1b" not in b"".join(kept)


# -- programs and pages ----------------------------------------------------------------------------------------------

SHELLS: Mapping[str, str] = {"alerts/acting/deeds.py": "test_programs_get_characters"}
"""Each module of alerts and notify that starts programs, and the test that tries it against PAYLOADS."""

PAGES: Mapping[str, str] = {
    "server/manual.py": "static files only",
    "server/acknowledgement.py": "test_the_page_to_acknowledge_on",
}
"""Each module that answers HTML, and why it is safe or which test tries it against PAYLOADS."""

_STARTS = {
    "create_subprocess_exec",
    "create_subprocess_shell",
    "Popen",
    "run",
    "call",
    "check_call",
    "check_output",
    "system",
}
_OF = {"asyncio", "subprocess", "os"}


def starters() -> set[str]:
    """The modules of alerts, notify and their composition in which a program is started."""
    found = set()
    for path in [*SOURCES.glob("alerts/**/*.py"), *SOURCES.glob("notify/**/*.py"), *SOURCES.glob("alarms.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr in _STARTS and ast.unparse(node.value) in _OF:
                found.add(path.relative_to(SOURCES).as_posix())
    return found


def test_each_start_of_a_program_has_a_row() -> None:
    """A module of alerts or notify that starts programs without a row here fails."""
    assert starters() == set(SHELLS)


@pytest.mark.parametrize("payload", PAYLOADS)
async def test_programs_get_characters(payload: str) -> None:
    """A label gets to a program only as a plain name; a text of the settings gets there as it is, never to a shell."""
    told = replace(alert(), labels=(("v", payload),))
    with pytest.raises(BadArgument):
        arguments_of(Command(program="/bin/echo", arguments=(Taken(label="v"),)), told)
    if "\x00" in payload or "\ud800" in payload:
        with pytest.raises(Failed):
            await run("/usr/bin/printf", ["%s", payload])
    else:
        assert (await run("/usr/bin/printf", ["%s", payload]))[:2_000] == payload[:2_000]


def test_each_page_has_a_row() -> None:
    """A module of the server that answers HTML without a row here fails; the door only looks at what others answer."""
    found = {
        path.relative_to(SOURCES).as_posix()
        for path in SOURCES.glob("server/**/*.py")
        if "openapi" not in path.name and path.name != "door.py" and "text/html" in path.read_text(encoding="utf-8")
    }
    assert found == set(PAGES)


class Known:
    """Alerts and links of a page: the link leads to one alert."""

    def __init__(self, payload: str) -> None:
        self.alerts = [alert(message=payload, labels=labels_of({"host": payload}))]

    def notice_of(self, token: str) -> str:
        return token

    async def told_by(self, notice_id: str) -> Any:
        return self.alerts


async def test_the_page_to_acknowledge_on() -> None:
    """No payload adds a tag or an attribute to the page behind the link."""

    async def page(payload: str) -> str:
        known: Any = Known(payload)
        request = Request({"type": "http", "headers": [], "path_params": {"token": payload}})
        answer = await AcknowledgePage(alerts=known, links=known, language="ko").look(request)
        return bytes(answer.body).decode()

    usual = tags_in(await page("x"))
    for payload in PAYLOADS:
        assert tags_in(await page(plain(payload))) == usual


def test_the_payloads_bite() -> None:
    """The checks see what isn't escaped: an unescaped text fails in each row."""
    for target, pattern in FORBIDDEN.items():
        if target not in ("plain",):
            assert any(re.search(pattern, payload) for payload in PAYLOADS), target
    assert any(_CONTROL.search(payload) for payload in PAYLOADS)
    assert tags_in("<script>x</script>") - HARMLESS
