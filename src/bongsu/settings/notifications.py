"""The section that says whom alerts reach, and how."""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self, TypeAlias
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, model_validator
from pydantic_core import PydanticCustomError

from bongsu.settings.duration import Duration
from bongsu.settings.inner import outer
from bongsu.settings.parts import Section, told
from bongsu.settings.sections import http_url

CHANNEL = re.compile(r"(?:slack|telegram|email|jandi|dooray|discord|webhook:[a-z0-9][a-z0-9_-]{0,39}|apprise:[1-9]\d?)")
"""How channels are called, wherever one is named."""

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_TEMPLATE = re.compile(
    r"(?:(?:slack|telegram|email|jandi|dooray|discord|webhook|apprise)/)?"
    r"(?:fired|resolved|repeated|escalated|acknowledged|summary|test|message)"
)
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_OURS = {"host", "content-length", "content-type", "transfer-encoding", "connection", "idempotency-key"}
_ADDRESS = re.compile(r"[^\s@<>,;:\"()\[\]\\]+@[^\s@<>,;:\"()\[\]\\]+")
_CHAT = re.compile(r"-?\d{1,20}|@?[A-Za-z][A-Za-z0-9_]{0,63}")
"""A word that is no chat is let through, as the guide's own example has one: Telegram says that it doesn't know it."""
_TOKEN = re.compile(r"[A-Za-z0-9:_-]+")


def _secret_url(url: SecretStr) -> SecretStr:
    text = url.get_secret_value()
    try:
        parts = urlsplit(text)
        sound = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        sound = False
    if not sound or not text.isascii() or parts.fragment or re.search(r"[\s\x00-\x1f\x7f]", text):
        raise PydanticCustomError("private_url", "must be an http(s) address")
    outer(text)
    return url


def _bot_token(token: SecretStr) -> SecretStr:
    if not _TOKEN.fullmatch(token.get_secret_value()):
        raise PydanticCustomError("bot", "must be a bot token")
    return token


def _chat(chat: str) -> str:
    if not _CHAT.fullmatch(chat):
        raise PydanticCustomError("chat_id", "must be the number of a chat, or @name")
    return chat


def _address(address: str) -> str:
    if not _ADDRESS.fullmatch(address):
        raise PydanticCustomError("address", "must be a mail address")
    return address


def _name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise PydanticCustomError("channel_name", "must be small letters, digits, - and _")
    return name


def _channel(name: str) -> str:
    if not CHANNEL.fullmatch(name):
        raise PydanticCustomError("channel", "must be the name of a channel")
    return name


def _headers(headers: dict[str, SecretStr]) -> dict[str, SecretStr]:
    for name, value in headers.items():
        ours = name.lower() in _OURS or name.lower().startswith("bongsu-")
        text = value.get_secret_value()
        if ours or not _HEADER.fullmatch(name) or not text.isascii() or not text.isprintable():
            raise PydanticCustomError("headers", "must be header names and one-line values")
    return headers


def _templates(templates: dict[str, str]) -> dict[str, str]:
    for name, text in templates.items():
        if not _TEMPLATE.fullmatch(name):
            raise PydanticCustomError("template_name", "{name} is no kind of message", {"name": name[:60]})
        _well_formed(name, text)
    return templates


def _well_formed(name: str, text: str) -> None:
    from jinja2 import TemplateSyntaxError  # only where somebody writes templates
    from jinja2.sandbox import SandboxedEnvironment

    try:
        SandboxedEnvironment().parse(text)
    except TemplateSyntaxError as error:
        facts = {"name": name, "line": str(error.lineno), "reason": error.message or ""}
        raise PydanticCustomError("template", "{name}: line {line}: {reason}", facts) from None


SecretUrl: TypeAlias = Annotated[SecretStr, AfterValidator(_secret_url)]
Address: TypeAlias = Annotated[str, AfterValidator(_address)]


class Slack(Section):
    """Slack."""

    webhook_url: SecretUrl | None = told(None, en="Incoming webhook.", ko="수신 웹훅 주소.")


class Telegram(Section):
    """Telegram."""

    bot_token: Annotated[SecretStr, AfterValidator(_bot_token)] | None = told(
        None, en="Token of the bot.", ko="봇 토큰."
    )
    chat_id: Annotated[str, AfterValidator(_chat)] | None = told(
        None, en="Chat to write to; only this chat may press buttons.", ko="보낼 채팅 ID. 버튼도 이 채팅에서만 동작."
    )
    buttons: bool = told(
        True,
        en="A button under each alert that acknowledges it; the bot must then have no webhook and no other reader.",
        ko="알림마다 확인 버튼을 붙임. 이 봇에 웹훅을 걸거나 다른 프로그램이 업데이트를 읽으면 안 됨.",
    )
    api_url: Annotated[str, AfterValidator(http_url)] = told(
        "https://api.telegram.org", en="Address of the Bot API.", ko="Bot API 주소."
    )


class Email(Section):
    """E-mail, encrypted always: STARTTLS, or TLS from the start on port 465; certificates are verified."""

    smtp_server: str | None = told(None, en="Mail server.", ko="메일 서버.")
    smtp_port: Annotated[int, Field(ge=1, le=65_535)] = told(587, en="Its port.", ko="메일 서버 포트.")
    username: str | None = told(None, en="Account to sign in with.", ko="로그인 계정.")
    password: SecretStr | None = told(None, en="Its password.", ko="계정 비밀번호.")
    sender: Address | None = told(
        None, en="Sender; the user name where empty.", ko="보내는 사람 주소. 비우면 로그인 계정."
    )
    to: list[Address] = told(list, en="Receivers; the user name where empty.", ko="받는 사람. 비우면 로그인 계정.")


class Messenger(Section):
    """A messenger that takes messages at one secret address."""

    webhook_url: SecretUrl | None = told(None, en="Incoming webhook.", ko="수신 웹훅 주소.")


class Webhook(Section):
    """A receiver of one's own: gets every notice as JSON, signed where there is a secret."""

    name: Annotated[str, AfterValidator(_name)] = Field(description="Its channel is called webhook:NAME.")
    url: SecretUrl = Field(description="Where the JSON is posted.")
    secret: SecretStr | None = Field(None, min_length=16, description="Signs each request (HMAC-SHA256).")
    headers: Annotated[dict[str, SecretStr], AfterValidator(_headers)] = Field(
        default_factory=dict, description="Headers sent with each request."
    )


class Sending(Section):
    """Bounds of sending."""

    per_minute: Annotated[
        dict[Annotated[str, AfterValidator(_channel)], Annotated[int, Field(ge=1, le=6_000)]], Field()
    ] = told(
        dict,
        en='Messages a minute by channel where ours isn\'t right: {"telegram": 20}.',
        ko='채널별 분당 발송 수를 바꿀 때. 예: {"telegram": 20}.',
    )
    time_out: Duration = told(
        Duration.parse("10s"), en="How long one try may take.", ko="한 번의 발송 시도에 허용하는 시간."
    )
    fold_after: Duration = told(
        Duration.parse("60s"),
        en="What has waited longer is folded: what is over becomes one summary, what is open is told once.",
        ko="이보다 오래 밀린 알림은 합쳐 보냄. 해제된 알림은 요약 한 건으로, 진행 중인 알림은 한 번씩.",
    )
    give_up_after: Duration = told(
        Duration.parse("24h"),
        en="What could not be sent for so long is dead; it can be sent again by hand.",
        ko="이 시간 동안 보내지 못하면 발송 실패로 남김. 나중에 직접 다시 보낼 수 있음.",
    )


class Notifications(Section):
    """Whom alerts reach, and how."""

    slack: Slack = told(Slack, en="Slack.", ko="Slack.")
    telegram: Telegram = told(Telegram, en="Telegram.", ko="Telegram.")
    email: Email = told(Email, en="E-mail.", ko="이메일.")
    jandi: Messenger = told(Messenger, en="JANDI.", ko="잔디(JANDI).")
    dooray: Messenger = told(Messenger, en="Dooray!.", ko="두레이(Dooray!).")
    discord: Messenger = told(Messenger, en="Discord.", ko="Discord.")
    webhooks: list[Webhook] = told(
        list,
        en='Own webhooks: [{"name", "url", "secret", "headers"}].',
        ko='직접 정한 웹훅: [{"name", "url", "secret", "headers"}].',
    )
    apprise: list[SecretStr] = told(
        list,
        en="Apprise addresses; they need the extra bongsu[apprise].",
        ko="Apprise 주소. bongsu[apprise] 설치 필요.",
    )
    language: Literal["ko", "en"] | None = told(
        None,
        en="Language of messages; that of monitoring.language where empty.",
        ko="메시지 언어. 비우면 monitoring.language 를 따름.",
    )
    templates: Annotated[dict[str, str], AfterValidator(_templates)] = told(
        dict,
        en='Own texts (Jinja2) by kind of message, or by channel and kind: {"telegram/fired": "…"}.',
        ko='메시지 종류별, 또는 채널과 종류별 문구(Jinja2). 예: {"telegram/fired": "…"}.',
    )
    fail_over: list[Annotated[str, AfterValidator(_channel)]] = told(
        list,
        en="Channels that step in, in this order, where another can't deliver.",
        ko="다른 채널로 보내지 못할 때 대신 보낼 채널의 순서.",
    )
    ca_file: str | None = told(
        None,
        min_length=1,
        en="Certificate authorities trusted besides the usual ones, a PEM file.",
        ko="추가로 신뢰할 인증 기관의 PEM 파일.",
    )
    proxy: SecretUrl | None = told(None, en="Proxy for outgoing HTTP requests.", ko="외부로 나가는 HTTP 요청의 프록시.")
    sending: Sending = told(Sending, en="Bounds of sending.", ko="발송 한도.")

    @model_validator(mode="after")
    def _names_differ(self) -> Self:
        names = [webhook.name for webhook in self.webhooks]
        if len(set(names)) != len(names):
            raise PydanticCustomError("names_equal", "two webhooks have the same name")
        return self
