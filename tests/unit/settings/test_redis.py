"""Where Redis is, who we are there, and that its certificate is always verified."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from redis import Redis as Client
from redis.asyncio import Redis as AsyncClient

from bongsu.settings.faults import SettingsError
from bongsu.settings.load import load
from bongsu.settings.model import Settings
from bongsu.settings.redis import RedisAddress, address_of
from bongsu.settings.show import secrets_in, shown


def address(**settings: Any) -> RedisAddress:
    """The address that clients are made of."""
    found = address_of(Settings.model_validate({"redis": settings}).redis, patience=2.0)
    assert found is not None
    return found


def fault(tmp_path: Path, **settings: Any) -> str:
    """The one thing that is wrong, as it is told."""
    path = tmp_path / "s.json"
    path.write_text(json.dumps({"redis": settings}), encoding="utf-8")
    with pytest.raises(SettingsError) as raised:
        load(config=path, environment={}, folder=tmp_path)
    (only,) = raised.value.faults
    assert "hunter22" not in only.line() + only.line("ko")
    return only.code


@pytest.mark.parametrize("client", [Client, AsyncClient])
@pytest.mark.guide("G123")
def test_both_clients_get_password_and_authority(client: Any) -> None:
    """The password of the settings is sent with the user of the address; names and chains are verified."""
    given = address(url="rediss://ops@cache.kr:6380/3", password="hunter22", tls_ca="/etc/ca.pem")
    options = client.from_url(given.url, **given.options).connection_pool.connection_kwargs
    assert options["username"] == "ops"
    assert options["password"] == "hunter22"
    assert (options["host"], options["port"], options["db"]) == ("cache.kr", 6380, 3)
    assert options["ssl_ca_certs"] == "/etc/ca.pem"
    assert options["ssl_cert_reqs"] == "required"
    assert options["ssl_check_hostname"] is True
    assert options["socket_timeout"] == 2.0


def test_without_an_address_there_is_none() -> None:
    """No Redis unless one is named."""
    assert address_of(Settings().redis, patience=1.0) is None


@pytest.mark.parametrize(
    ("url", "encrypted"),
    [
        ("redis://127.0.0.1/0", True),
        ("redis://localhost:6379", True),
        ("unix:///run/redis.sock", True),
        ("rediss://cache.kr", True),
        ("redis://cache.kr", False),
    ],
)
def test_who_may_read_along_is_known(url: str, encrypted: bool) -> None:
    """Plain TCP counts as private on loopback alone."""
    assert address(url=url).encrypted is encrypted


@pytest.mark.parametrize(
    "url",
    [
        "http://:hunter22@cache.kr",
        "cache.kr:6379",
        "redis://:hunter22@",
        "redis://:hunter22@cache.kr:99999",
        "redis://:hunter22@cache.kr/name",
        "redis://:hunter22@cache.kr /0",
        "rediss://:hunter22@cache.kr?ssl_cert_reqs=none",
        "rediss://:hunter22@cache.kr?ssl_check_hostname=false",
    ],
)
def test_what_cannot_be_meant_is_refused(tmp_path: Path, url: str) -> None:
    """Other schemes, bad ports and databases, and every way to switch verification off; the password isn't told."""
    assert fault(tmp_path, url=url) == "redis_url"


def test_settings_that_contradict_are_refused(tmp_path: Path) -> None:
    """Two passwords, or an authority where nothing is encrypted."""
    assert fault(tmp_path, url="redis://:hunter22@h", password="hunter23") == "redis_two_passwords"
    assert fault(tmp_path, url="redis://h", tls_ca="/ca.pem") == "redis_plain_ca"


def test_the_password_is_a_secret() -> None:
    """Masked where settings are shown; the log knows it whether it stands alone or in the address."""
    apart = Settings.model_validate({"redis": {"url": "redis://h", "password": "hunter22"}})
    within = Settings.model_validate({"redis": {"url": "redis://:hunter%2F22@h"}})
    assert "hunter22" not in json.dumps(shown(apart)) + repr(address(url="redis://:hunter22@h", tls_ca=None))
    assert "hunter22" in secrets_in(apart)
    assert {"hunter%2F22", "hunter/22"} <= secrets_in(within)
