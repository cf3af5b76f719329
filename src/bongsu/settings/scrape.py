"""Targets whose Prometheus metrics are read at intervals."""

from __future__ import annotations

import re
from typing import Annotated, Self, TypeAlias
from urllib.parse import urlsplit

from pydantic import AfterValidator, SecretStr, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from bongsu.settings.duration import Duration
from bongsu.settings.marketplaces import http_address
from bongsu.settings.parts import Section, told

_MOST = 100
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", re.ASCII)
_LINE = re.compile(r"[^\x00-\x08\x0a-\x1f\x7f]*")
_OURS = frozenset(("host", "accept", "accept-encoding", "connection", "content-length", "transfer-encoding"))

Name: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}$")]
LabelName: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[a-zA-Z][a-zA-Z0-9_]{0,63}$")]
LabelValue: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]{1,200}$")]
Prefix: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[a-zA-Z_:][a-zA-Z0-9_:]{0,199}$")]


def _url(url: SecretStr) -> SecretStr:
    parts = urlsplit(http_address(url.get_secret_value()))
    if parts.username or parts.password or parts.fragment:
        raise PydanticCustomError("scrape_url", "must be an http(s) address; the user stands in username and password")
    return url


def _headers(headers: dict[str, SecretStr]) -> dict[str, SecretStr]:
    for name, value in headers.items():
        fine = _HEADER.fullmatch(name) and name.lower() not in _OURS and _LINE.fullmatch(value.get_secret_value())
        if not fine:
            raise PydanticCustomError("scrape_headers", "must be header names with values on one line")
    return headers


def _labels(labels: dict[str, str]) -> dict[str, str]:
    if {"target", "le", "quantile"} & labels.keys():
        raise PydanticCustomError("scrape_labels", "target, le and quantile are set by Bongsu")
    return labels


def _often(interval: Duration) -> Duration:
    if not 1_000 <= interval <= 86_400_000:
        raise PydanticCustomError("duration_range", "must be {least} to {most}", {"least": "1s", "most": "1d"})
    return interval


class ScrapeTarget(Section):
    """One program that exposes metrics for Prometheus."""

    name: Name = told(..., en="Its name, unique; the label target.", ko="이름(중복 불가). target 라벨이 됩니다.")
    url: Annotated[SecretStr, AfterValidator(_url)] = told(
        ...,
        en="Where its metrics are: http://host:9100/metrics. Redirects aren't followed.",
        ko="메트릭 주소. 예: http://host:9100/metrics. 리다이렉트는 따라가지 않습니다.",
    )
    interval: Annotated[Duration, AfterValidator(_often)] = told(
        Duration.parse("15s"), en="How often it is read.", ko="읽는 간격."
    )
    timeout: Duration = told(Duration.parse("5s"), en="How long an answer may take.", ko="응답 제한 시간.")
    labels: dict[LabelName, LabelValue] = told(
        dict, en='Labels added to each series: {"env": "prod"}.', ko='모든 시계열에 붙일 라벨. 예: {"env": "prod"}'
    )
    keep: list[Prefix] = told(
        list,
        en="Only metrics whose names begin so; all where empty.",
        ko="이 글자로 시작하는 메트릭만 받습니다. 비우면 모두.",
    )
    limit: int = told(
        5_000,
        ge=1,
        le=50_000,
        en="Series taken at most; more are refused.",
        ko="받을 최대 시계열 수. 넘으면 거절합니다.",
    )
    username: str = told("", en="User for basic authentication.", ko="기본 인증 사용자.")
    password: SecretStr | None = told(None, en="Password for basic authentication.", ko="기본 인증 비밀번호.")
    bearer_token: SecretStr | None = told(None, en="Token for bearer authentication.", ko="Bearer 인증 토큰.")
    headers: Annotated[dict[str, SecretStr], AfterValidator(_headers)] = told(
        dict, en="Further headers sent along.", ko="함께 보낼 헤더."
    )
    ca_file: str = told(
        "", en="PEM file of the authorities for its certificate.", ko="인증서를 검증할 인증 기관의 PEM 파일."
    )

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        if self.timeout > self.interval:
            raise PydanticCustomError("timeout_interval", "the time-out must be shorter than the interval")
        if self.bearer_token is not None and (self.username or self.password is not None):
            raise PydanticCustomError("scrape_auth", "either username and password, or bearer_token")
        return self


def one_target_a_name(targets: list[ScrapeTarget]) -> list[ScrapeTarget]:
    """The targets, if no two have one name and they aren't too many.

    Raises:
        PydanticCustomError: they are.
    """
    names = [one.name for one in targets]
    if len(set(names)) < len(names):
        raise PydanticCustomError("name_twice", "two are named alike")
    if len(targets) > _MOST:
        raise PydanticCustomError("too_many_items", "at most {most}", {"most": str(_MOST)})
    return targets


Scrape: TypeAlias = Annotated[list[ScrapeTarget], AfterValidator(one_target_a_name)]
