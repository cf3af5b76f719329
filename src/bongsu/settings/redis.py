"""Redis: where it is, who we are there, and how its certificate is verified; in one place for all who speak to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Self
from urllib.parse import SplitResult, parse_qs, urlsplit

from pydantic import AfterValidator, SecretStr, model_validator
from pydantic_core import PydanticCustomError

from bongsu.settings.parts import Section, told
from bongsu.settings.sections import is_loopback

SCHEMES = ("redis", "rediss", "unix")
OPTIONS = frozenset({"db", "ssl_ca_certs", "ssl_certfile", "ssl_keyfile", "client_name", "health_check_interval"})
"""What may stand behind the `?` of the address: nothing that would switch off the verification of certificates."""


def _address(url: SecretStr) -> SecretStr:
    text = url.get_secret_value()
    try:
        fine = text.isprintable() and " " not in text and _fine(urlsplit(text))
    except ValueError:
        fine = False
    if not fine:
        raise PydanticCustomError("redis_url", "must be rediss://host:6379/0 or redis://…")
    return url


def _fine(parts: SplitResult) -> bool:
    if parts.scheme not in SCHEMES or parts.port == 0 or not parse_qs(parts.query).keys() <= OPTIONS:
        return False
    if parts.scheme == "unix":
        return bool(parts.path)
    return bool(parts.hostname) and (parts.path.strip("/") or "0").isdigit()


class Redis(Section):
    """Redis, where states are cached."""

    url: Annotated[SecretStr, AfterValidator(_address)] | None = told(
        None,
        en="Its address (redis://host:6379/0, over TLS rediss://…); states of checks are cached there.",
        ko="Redis 주소(redis://호스트:6379/0, TLS는 rediss://…). 점검 상태를 여기에 캐싱합니다.",
    )
    password: SecretStr | None = told(
        None,
        en="Its password, where the address holds none; of the user in the address, if there is one (rediss://user@…).",
        ko="Redis 암호. 주소에 암호가 없을 때 씁니다. 주소에 사용자가 있으면(rediss://user@…) 그 사용자의 암호.",
    )
    tls_ca: str | None = told(
        None,
        min_length=1,
        en="File (PEM) of the authority that vouches for its certificate, besides those of the system.",
        ko="Redis 인증서를 발급한 기관의 인증서 파일(PEM). 시스템이 믿는 기관에 더해 믿습니다.",
    )

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        parts = urlsplit(self.url.get_secret_value() if self.url else "")
        if self.password is not None and parts.password:
            raise PydanticCustomError("redis_two_passwords", "the password stands in url and in password")
        if self.tls_ca is not None and parts.scheme in ("redis", "unix"):
            raise PydanticCustomError("redis_plain_ca", "tls_ca needs rediss://")
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisAddress:
    """What `Redis.from_url(address.url, **address.options)` wants; both may hold the password."""

    url: str = field(repr=False)
    options: Mapping[str, Any] = field(repr=False)
    encrypted: bool
    """Whether nobody between can read along: TLS, this machine's loopback, or a socket in its file system."""


def address_of(redis: Redis, *, patience: float) -> RedisAddress | None:
    """The address and the options of every client; None where none is set.

    Certificates are verified, names too: there is no way to switch that off. `patience`: seconds until a connection
    is given up, and until an answer is (who listens for long, as Pub/Sub does, leaves `socket_timeout` away).
    """
    if redis.url is None:
        return None
    url = redis.url.get_secret_value()
    parts = urlsplit(url)
    options: dict[str, Any] = {"socket_connect_timeout": patience, "socket_timeout": patience}
    if redis.password is not None:
        options["password"] = redis.password.get_secret_value()
    if parts.scheme == "rediss":
        options |= {"ssl_cert_reqs": "required", "ssl_check_hostname": True}
        if redis.tls_ca is not None:
            options["ssl_ca_certs"] = redis.tls_ca
    return RedisAddress(
        url=url, options=options, encrypted=parts.scheme != "redis" or is_loopback(parts.hostname or "")
    )
