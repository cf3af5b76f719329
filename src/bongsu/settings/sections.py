"""The sections of the settings file that this machine's monitoring reads."""

from __future__ import annotations

import ipaddress
import re
from typing import Annotated, Literal, Self, TypeAlias
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from bongsu.settings.duration import Duration
from bongsu.settings.parts import Section, told
from bongsu.settings.tls import Tls
from bongsu.settings.zones import known_zone

Port: TypeAlias = Annotated[int, Field(ge=0, le=65_535)]
"""A TCP port; 0 picks a free one."""

Level: TypeAlias = Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]

_HOST_NAME = re.compile(r"^(?!-)[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})*$")


def http_url(url: str) -> str:
    """The address without a slash at its end, if it is one of http(s)."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise PydanticCustomError("http_url", "must be an http(s) address")
    return url.rstrip("/")


def _origin(url: str) -> str:
    if urlsplit(http_url(url)).path not in {"", "/"} or "*" in url:
        raise PydanticCustomError("origin", "must be an origin such as https://ops.example.kr")
    return url.rstrip("/").lower()


def _host(host: str) -> str:
    if not is_address(host) and not _HOST_NAME.match(host):
        raise PydanticCustomError("host", "must be an address or a host name")
    return host


def dotted_path(path: str) -> str:
    """The text, if it names a module or something in one."""
    if not all(part.isidentifier() for part in path.replace(":", ".").split(".")):
        raise PydanticCustomError("dotted_path", "must be a dotted path such as my_metrics or my_metrics:Orders")
    return path


def is_address(host: str) -> bool:
    """Whether the text is an IPv4 or IPv6 address."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def is_loopback(host: str) -> bool:
    """Whether only programs of this machine can reach the address."""
    return host == "localhost" or (is_address(host) and ipaddress.ip_address(host).is_loopback)


def _network(text: str) -> str:
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise PydanticCustomError("network", "must be an address or a network such as 10.0.0.0/8") from None
    return text


Host: TypeAlias = Annotated[str, AfterValidator(_host)]


class Monitoring(Section):
    """How often is measured, and how it is shown."""

    update_interval_seconds: float = told(
        1.0, ge=0.1, le=3_600, en="Seconds between two readings of this machine.", ko="이 장비를 읽는 간격(초)."
    )
    live_interval_seconds: float = told(
        5.0,
        ge=0.1,
        le=3_600,
        en="Seconds between two live frames for a client that asks for no interval of its own.",
        ko="간격을 따로 요청하지 않은 클라이언트에 보내는 실시간 프레임 간격(초).",
    )
    timezone: Annotated[str, AfterValidator(known_zone)] = told(
        "Asia/Seoul", en="Time zone of screens; storage and wire are UTC.", ko="화면의 시간대. 저장과 전송은 UTC."
    )
    language: Literal["ko", "en"] = told("ko", en="Language of screens and commands.", ko="화면과 명령의 언어.")


class Server(Section):
    """Where Bongsu listens."""

    host: Host = told(
        "127.0.0.1",
        en="Address to listen on; another than this machine's own needs an account first (`bongsu user add`).",
        ko="수신 주소. 루프백이 아닌 주소는 계정을 먼저 만들어야 합니다(`bongsu user add`).",
    )
    port: Port = told(8080, en="REST and board; 0 picks a free port.", ko="REST와 보드의 포트. 0이면 빈 포트.")
    live_port: Port = told(8765, en="WebSocket; 0 picks a free port.", ko="WebSocket 포트. 0이면 빈 포트.")
    console_port: Port = told(8501, en="Console; 0 picks a free port.", ko="콘솔(Streamlit) 포트. 0이면 빈 포트.")
    public_url: Annotated[str, AfterValidator(http_url)] | None = told(
        None,
        en="Address under which browsers reach us behind a proxy; live parts use its /live.",
        ko="프록시 뒤에 있을 때 브라우저가 쓰는 주소. 실시간 부분은 이 주소의 /live 를 사용.",
    )
    allowed_hosts: list[Host] = told(
        list,
        en="Further host names that requests may be addressed to; anything else is refused (DNS rebinding).",
        ko="요청에 허용할 추가 호스트 이름. 그 밖의 이름은 거절(DNS rebinding 방지).",
    )
    allowed_origins: list[Annotated[str, AfterValidator(_origin)]] = told(
        list,
        en="Origins of other sites whose pages may read REST and the live socket.",
        ko="REST와 실시간 소켓을 읽어도 되는 다른 사이트의 Origin.",
    )

    trusted_proxies: list[Annotated[str, AfterValidator(_network)]] = told(
        list,
        en="Addresses or networks of proxies whose X-Forwarded-For and X-Forwarded-Proto are believed.",
        ko="X-Forwarded-For와 X-Forwarded-Proto를 믿을 프록시의 주소나 네트워크.",
    )

    tls: Tls = told(Tls, en="TLS on our own ports.", ko="자체 포트의 TLS.")
    role: Literal["owner", "view"] = told(
        "owner",
        en="owner: measures, keeps and alerts; view: only shows what the owner tells over Redis.",
        ko="owner: 수집·저장·알림을 맡는 서버. view: 소유 서버가 Redis로 보내는 값을 보여 주기만 하는 서버.",
    )
    owner_url: Annotated[str, AfterValidator(http_url)] | None = told(
        None,
        en="Where a viewer reaches the owner's REST: history, alerts, and every change.",
        ko="보기 전용 서버가 소유 서버의 REST에 닿는 주소. 이력과 알림, 모든 변경은 소유 서버에 묻습니다.",
    )

    @model_validator(mode="after")
    def _viewer_has_owner(self) -> Self:
        if self.role == "view" and self.owner_url is None:
            raise PydanticCustomError("view_owner", "role view needs owner_url")
        return self

    @model_validator(mode="after")
    def _ports_differ(self) -> Self:
        ports = [port for port in (self.port, self.live_port, self.console_port) if port]
        if len(set(ports)) != len(ports):
            raise PydanticCustomError("ports_equal", "port, live_port and console_port must differ")
        return self


class Retention(Section):
    """How long each resolution is kept."""

    raw: Duration = told(Duration.parse("24h"), en="Samples as they came.", ko="원본 샘플.")
    minute: Duration = told(Duration.parse("30d"), en="Roll-ups by minute.", ko="1분 집계.")
    hour: Duration = told(Duration.parse("730d"), en="Roll-ups by hour.", ko="1시간 집계.")

    @model_validator(mode="after")
    def _coarser_lasts_longer(self) -> Self:
        if not self.raw <= self.minute <= self.hour:
            raise PydanticCustomError("retention_order", "a coarser resolution must be kept at least as long")
        return self


class Storage(Section):
    """Where data lie, how safe a write is, and how long they are kept."""

    data_dir: str = told(
        "data",
        min_length=1,
        en="Folder of history.db, relative to where Bongsu starts.",
        ko="데이터 폴더(시작 위치 기준).",
    )
    sync: Literal["interval", "commit"] = told(
        "interval",
        en="interval: one real fsync a second (a crash loses nothing, power loss at most a second); "
        "commit: one before every answer.",
        ko="interval: 1초에 한 번 fsync(프로세스가 죽어도 잃지 않고, 정전이면 최대 1초). commit: 응답마다 fsync.",
    )
    retention: Retention = told(Retention, en="How long each resolution is kept.", ko="해상도별 보관 기간.")
    memory_pressure_percent: float = told(
        80.0,
        ge=10,
        le=100,
        en="Memory use of the machine, %, above which old data in memory are let go early.",
        ko="이 장비의 메모리 사용률(%)이 이 값을 넘으면 메모리에 있는 오래된 데이터를 먼저 정리.",
    )


class Logging(Section):
    """What is written down."""

    level: Level = told("INFO", en="Lowest level written.", ko="기록할 최소 수준.")
    levels: dict[str, Level] = told(
        dict,
        en='Level of single loggers, by name: {"bongsu.collect": "DEBUG"}.',
        ko='로거별 수준. 예: {"bongsu.collect": "DEBUG"}.',
    )
    dir: str = told(
        "logs",
        min_length=1,
        en="Folder of the log files, relative to where Bongsu starts.",
        ko="로그 폴더(시작 위치 기준).",
    )
