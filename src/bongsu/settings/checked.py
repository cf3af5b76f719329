"""Own checks and connections: what else is asked at intervals whether it is well."""

from __future__ import annotations

import re
from typing import Annotated, Self, TypeAlias, TypeVar
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, Field, SecretStr, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from bongsu.settings.inner import outer
from bongsu.settings.marketplaces import MaintenanceWindow, http_address
from bongsu.settings.parts import Section, told

CHECK_SCHEMES = ("http", "https", "tcp", "tls", "dns")
CONNECTION_SCHEMES = (
    *("postgresql", "postgres", "mysql", "mariadb"),
    *("redis", "rediss", "amqp", "amqps", "tcp"),
)
_NEEDS_PORT = ("tcp", "tls")
_MOST = 200
_CONTROL = re.compile(r"[\s\x00-\x1f\x7f]")

Name: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]{1,64}$", strip_whitespace=True)]
"""What it is called on screens and in labels."""


def _parts(url: SecretStr, schemes: tuple[str, ...]) -> SplitResult | None:
    """The address taken apart, if it has one of the schemes, a sound port, and no blanks."""
    text = url.get_secret_value()
    try:
        parts = urlsplit(text)
        fine = parts.scheme in schemes and parts.port != 0 and not _CONTROL.search(text)
    except ValueError:
        return None
    return parts if fine and not (parts.scheme in _NEEDS_PORT and parts.port is None) else None


def _check_url(url: SecretStr) -> SecretStr:
    parts = _parts(url, CHECK_SCHEMES)
    if parts is None or not parts.hostname:
        raise PydanticCustomError("check_url", "must be https://…, tcp://host:port, tls://host:port or dns://name")
    outer(url.get_secret_value())
    return url


def _connection_url(url: SecretStr) -> SecretStr:
    parts = _parts(url, CONNECTION_SCHEMES)
    by_socket = parts is not None and parts.scheme in ("postgresql", "postgres") and "host=" in parts.query
    if parts is None or not (parts.hostname or by_socket):
        raise PydanticCustomError("connection_url", "must be postgresql://…, mysql://…, redis://…, amqp://… or tcp://…")
    return url


def _management_url(url: SecretStr) -> SecretStr:
    http_address(url.get_secret_value())
    return url


class Watched(Section):
    """What checks and connections have in common."""

    name: Name = told(..., en="Its name, unique among its kind.", ko="이름(종류별로 중복 불가).")
    interval_seconds: float = told(60.0, ge=5, le=86_400, en="Seconds between two probes.", ko="점검 간격(초).")
    timeout_seconds: float = told(10.0, gt=0, le=120, en="Seconds that an answer may take.", ko="응답 제한 시간(초).")
    slow_ms: float | None = told(
        None, gt=0, en="Response time, ms, from which it is degraded.", ko="이보다 느리면 저하로 보는 응답 시간(ms)."
    )
    ca_file: str = told(
        "", en="PEM file of the authorities for its certificate.", ko="인증서를 검증할 인증 기관의 PEM 파일."
    )
    maintenance: list[MaintenanceWindow] = told(
        list, en="Declared maintenance, as for marketplaces.", ko="예고된 점검 시간(마켓플레이스와 같은 형식)."
    )

    @model_validator(mode="after")
    def _in_time(self) -> Self:
        if self.timeout_seconds >= self.interval_seconds:
            raise PydanticCustomError("timeout_interval", "the time-out must be shorter than the interval")
        return self


class Check(Watched):
    """One address and what it must answer."""

    url: Annotated[SecretStr, AfterValidator(_check_url)] = told(
        ...,
        en="https://…, http://…, tcp://host:port, tls://host:port (its certificate), dns://name.",
        ko="https://…, http://…, tcp://호스트:포트, tls://호스트:포트(인증서), dns://이름.",
    )
    headers: dict[str, SecretStr] = told(dict, en="Headers sent along.", ko="함께 보낼 헤더.")
    status: list[Annotated[int, Field(ge=100, le=599)]] = told(
        list, en="Statuses that are right; 200 to 299 where empty.", ko="정상으로 볼 상태 코드. 비우면 200~299."
    )
    json_: dict[str, str | int | float | bool | None] = told(
        dict,
        alias="json",
        en='What must stand in a JSON body: {"db.status": "ok"}.',
        ko='JSON 본문에 있어야 할 값. 예: {"db.status": "ok"}',
    )
    text: str = told("", en="Text that the body must hold.", ko="본문에 있어야 할 글자.")
    addresses: list[str] = told(
        list, en="Addresses that the name must lead to (dns).", ko="이름이 가리켜야 할 주소(dns)."
    )


class Connection(Watched):
    """One service that others rely on, asked in its own protocol."""

    interval_seconds: float = told(30.0, ge=5, le=86_400, en="Seconds between two probes.", ko="점검 간격(초).")
    timeout_seconds: float = told(5.0, gt=0, le=120, en="Seconds that an answer may take.", ko="응답 제한 시간(초).")
    url: Annotated[SecretStr, AfterValidator(_connection_url)] = told(
        ...,
        en="postgresql://…, mysql://…, redis://…, amqp://…, tcp://host:port; the password is never shown.",
        ko="postgresql://…, mysql://…, redis://…, amqp://…, tcp://호스트:포트. 비밀번호는 어디에도 나타나지 않습니다.",
    )
    queues: list[Name] = told(list, en="Queues whose depth is read (amqp).", ko="길이를 읽을 큐 이름(amqp).")
    management_url: Annotated[SecretStr, AfterValidator(_management_url)] | None = told(
        None,
        en="RabbitMQ's management API (http://…:15672), for memory and connections.",
        ko="RabbitMQ 관리 API 주소(http://…:15672). 메모리와 연결 수를 읽을 때.",
    )


Item = TypeVar("Item", bound=Watched)


def one_of_each_name(items: list[Item]) -> list[Item]:
    """The items, if no two have one name and they aren't too many.

    Raises:
        PydanticCustomError: they are.
    """
    names = [one.name for one in items]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise PydanticCustomError("name_twice", "two are named alike")
    if len(items) > _MOST:
        raise PydanticCustomError("too_many_items", "at most {most}", {"most": str(_MOST)})
    return items
