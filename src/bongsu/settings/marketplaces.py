"""The marketplaces whose APIs are watched, each with the seller's own keys."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, Self, TypeAlias
from urllib.parse import urlsplit

from pydantic import AfterValidator, SecretStr, model_validator
from pydantic_core import PydanticCustomError

from bongsu.calendars.window import window_of
from bongsu.settings.inner import outer
from bongsu.settings.parts import Section, told


def http_address(url: str) -> str:
    """The address, if it is an http(s) one.

    Raises:
        PydanticCustomError: it is none.
    """
    try:
        parts = urlsplit(url)
        fine = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fine = False
    if not fine or re.search(r"[\s\x00-\x1f\x7f]", url):
        raise PydanticCustomError("http_address", "must be an http(s) address")
    return outer(url)


def _base(url: str) -> str:
    parts = urlsplit(http_address(url))
    if parts.query or parts.fragment or parts.username:
        raise PydanticCustomError("http_url", "must be an http(s) address")
    return url.rstrip("/")


def _day(text: str) -> str:
    try:
        date.fromisoformat(text)
    except ValueError:
        raise PydanticCustomError("day", "must be a day such as 2026-12-31") from None
    return text


def _window(text: str) -> str:
    try:
        window_of(text)
    except ValueError as error:
        raise PydanticCustomError("window", "{reason}", {"reason": str(error)}) from None
    return text


MaintenanceWindow: TypeAlias = Annotated[str, AfterValidator(_window)]
"""A declared stretch of time, as `calendars.window` reads it."""


class Marketplace(Section):
    """What all marketplaces have in common."""

    enabled: bool = told(True, en="Watch it where its keys are given.", ko="키가 있으면 감시할지 여부.")
    base_url: Annotated[str, AfterValidator(_base)] | None = told(
        None, en="Address of the API; for a stand-in or a proxy.", ko="API 주소. 모의 서버나 프록시를 쓸 때만."
    )
    ca_file: str = told(
        "",
        en="PEM file of the authorities that its certificate is verified against; the system's where empty.",
        ko="인증서를 검증할 인증 기관의 PEM 파일. 비우면 시스템 기본값.",
    )
    key_expires: Annotated[str, AfterValidator(_day)] | None = told(
        None, en="Last day of the API key, 2026-12-31.", ko="API 키의 마지막 날. 예: 2026-12-31"
    )
    maintenance: list[MaintenanceWindow] = told(
        list,
        en="Declared maintenance: 2026-12-01T02:00+09:00/2026-12-01T06:00+09:00 or sun 02:00-06:00.",
        ko="예고된 점검 시간. 예: 2026-12-01T02:00+09:00/2026-12-01T06:00+09:00 또는 sun 02:00-06:00",
    )
    slow_ms: float | None = told(
        None,
        gt=0,
        en="Response time, ms, from which it counts as degraded; the rules' own where empty.",
        ko="이 시간(ms)보다 느리면 저하로 봅니다. 비우면 규칙 파일의 값.",
    )
    rules: dict[str, Any] = told(
        dict,
        en="Corrections of what is known of this API; keys replace those of rules.json.",
        ko="이 API에 대해 알려진 규칙의 수정. 여기 적은 키가 rules.json의 키를 대신합니다.",
    )


class Coupang(Marketplace):
    """Coupang."""

    access_key: SecretStr | None = told(None, en="Access key.", ko="Access Key.")
    secret_key: SecretStr | None = told(None, en="Secret key.", ko="Secret Key.")
    vendor_id: str = told("", en="Vendor id (A00…).", ko="업체코드(A00…).")


class Naver(Marketplace):
    """Naver."""

    client_id: str = told("", en="Application id.", ko="애플리케이션 ID.")
    client_secret: SecretStr | None = told(
        None,
        en="Application secret ($2a$…); write it in single quotes in a shell.",
        ko="애플리케이션 시크릿($2a$…). 셸에서는 작은따옴표로 감싸 적습니다.",
    )


class ElevenStreet(Marketplace):
    """11st."""

    api_key: SecretStr | None = told(None, en="Open API key.", ko="Open API 키.")


class Marketplaces(Section):
    """The marketplaces whose APIs are watched."""

    interval_seconds: float = told(
        60.0, ge=5, le=86_400, en="Seconds between two probes of a marketplace.", ko="마켓플레이스를 점검하는 간격(초)."
    )
    timeout_seconds: float = told(
        10.0, gt=0, le=120, en="Seconds that an answer may take.", ko="응답을 기다리는 최대 시간(초)."
    )
    coupang: Coupang = told(Coupang, en="Coupang.", ko="쿠팡.")
    naver: Naver = told(Naver, en="Naver.", ko="네이버.")
    eleven_street: ElevenStreet = told(ElevenStreet, alias="11st", en="11st.", ko="11번가.")

    @model_validator(mode="after")
    def _in_time(self) -> Self:
        if self.timeout_seconds >= self.interval_seconds:
            raise PydanticCustomError("timeout_interval", "the time-out must be shorter than the interval")
        return self
