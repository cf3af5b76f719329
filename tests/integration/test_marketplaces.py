"""The whole checker against stand-ins of the three marketplaces, over TLS."""

from __future__ import annotations

import json
import ssl
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import trustme

from bongsu.checking import Checking
from bongsu.clock import SystemClock
from bongsu.demo import marketplaces as demo
from bongsu.demo.doors import Doors
from bongsu.model.check import CheckStatus
from bongsu.model.sample import Refusal, Sample
from bongsu.model.series import SeriesTable
from bongsu.server.checks import told
from bongsu.settings.model import Settings
from tests.fakes.measurements import Measurements

SECRETS = (demo.SECRET_KEY, demo.CLIENT_SECRET, demo.API_KEY, demo.ACCESS_KEY)


@dataclass
class Street:
    """Three stand-ins with their doors, and what is set to ask them; `faults` is what goes wrong."""

    doors: Doors
    stand_ins: demo.StandIns
    ca_file: str
    faults: dict[str, str] = field(default_factory=dict)
    keys: dict[str, dict[str, Any]] = field(default_factory=dict)
    opened: list[Checking] = field(default_factory=list)

    def checking(self, **section: Any) -> Checking:
        """A checker of all three, as the settings make it."""
        where = {name: {"base_url": self.doors.base_url(name), "ca_file": self.ca_file} for name in demo.MARKETS}
        keys: Mapping[str, dict[str, Any]] = {
            "coupang": {"access_key": demo.ACCESS_KEY, "secret_key": demo.SECRET_KEY, "vendor_id": demo.VENDOR},
            "naver": {"client_id": demo.CLIENT_ID, "client_secret": demo.CLIENT_SECRET},
            "11st": {"api_key": demo.API_KEY},
        }
        marketplaces = {name: {**where[name], **keys[name], **self.keys.get(name, {})} for name in demo.MARKETS}
        settings = Settings.model_validate({"marketplaces": {"timeout_seconds": 2.0, **marketplaces, **section}})

        async def measure(samples: Sequence[Sample], *, at: int | None = None) -> tuple[Refusal, ...]:
            return ()

        class Deaf:
            def announce(self, *_: object, **__: object) -> None: ...

        checking = Checking.open(
            settings,
            clock=SystemClock(),
            measure=measure,
            announcer=Deaf(),
            history=Measurements(SeriesTable()),
        )
        self.opened.append(checking)
        return checking

    async def once(self, **section: Any) -> dict[str, CheckStatus]:
        """Every marketplace asked once by a new checker."""
        return {one.name: one for one in await self.checking(**section).once()}


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """An authority of one's own."""
    return trustme.CA()


@pytest.fixture
async def street(authority: trustme.CA, tmp_path: Path) -> AsyncIterator[Street]:
    """The stand-ins, served over TLS."""
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(tls)
    ca_file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(ca_file)
    faults: dict[str, str] = {}
    stand_ins = demo.StandIns(clock=SystemClock(), fault=lambda market, _: faults.get(market, ""))
    doors = Doors(stand_ins, clock=SystemClock(), tls=tls)
    await doors.open()
    street = Street(doors, stand_ins, str(ca_file), faults)
    yield street
    for checking in street.opened:
        await checking.stop()
    doors.close()


@pytest.mark.guide("G103", "G116")
async def test_all_three_are_well(street: Street) -> None:
    """Signed as each wants it, all three answer, with the times of each part and the certificate's end."""
    found = await street.once()
    assert {name: one.standing.state for name, one in found.items()} == dict.fromkeys(demo.MARKETS, "up")
    outcome = found["coupang"].standing.outcome
    assert outcome is not None
    assert outcome.phases.tls is not None
    assert outcome.phases.tls > 0
    assert outcome.response_ms is not None
    assert outcome.response_ms >= outcome.phases.tls
    assert outcome.certificate_ends is not None
    assert street.stand_ins.asked == {"coupang": 1, "naver token": 1, "naver": 1, "11st": 1}


EXPECTED: list[tuple[demo.Market, str, str, str]] = [
    ("coupang", "rate", "rate_limited", "rate"),
    ("coupang", "edge_block", "rate_limited", "edge_block"),
    ("coupang", "ip", "auth_failed", "ip"),
    ("coupang", "expired", "auth_failed", "clock"),
    ("coupang", "wrong_content", "degraded", "content"),
    ("coupang", "maintenance", "maintenance", "announced"),
    ("coupang", "server_error", "pending", "server"),
    ("coupang", "silent", "pending", "protocol"),
    ("naver", "rate", "rate_limited", "rate"),
    ("naver", "quota", "rate_limited", "quota"),
    ("naver", "ip", "auth_failed", "ip"),
    ("naver", "permission", "auth_failed", "permission"),
    ("naver", "gateway", "pending", "gateway"),
    ("naver", "proxy", "pending", "gateway"),
    ("naver", "timeout", "pending", "gateway"),
    ("naver", "maintenance", "maintenance", "announced"),
    ("11st", "rate", "rate_limited", "rate"),
    ("11st", "ip", "auth_failed", "ip"),
    ("11st", "parameter", "config_error", "parameter"),
    ("11st", "maintenance", "maintenance", "announced"),
    ("11st", "blocked", "rate_limited", "edge_block"),
    ("11st", "silent", "pending", "protocol"),
]


async def test_each_answer_is_classed_right(street: Street, capfd: pytest.CaptureFixture[str]) -> None:
    """Every answer of the reference over TLS: the state, the reason, and no secret, key or customer's IP anywhere."""
    said = []
    for market, fault, state, reason in EXPECTED:
        street.faults.clear()
        street.faults[market] = fault
        standing = (await street.once())[market].standing
        assert (standing.state, standing.reason) == (state, reason), (market, fault)
        said.append(json.dumps(told((await street.once())[market], 0)))
    everything = "\n".join(said) + "".join(capfd.readouterr())
    assert not [secret for secret in (*SECRETS, "203.0.113.7") if secret in everything]


async def test_wrong_keys_are_told_as_such(street: Street) -> None:
    """A wrong secret is auth_failed at each, a cut one a fault of the settings, half a pair too."""
    wrong: dict[str, Any] = {
        "coupang": {"secret_key": "other"},
        "naver": {"client_secret": "$2a$04$zzzzzzzzzzzzzzzzzzzzzu"},
        "11st": {"api_key": "other"},
    }
    street.keys = wrong
    found = {name: one.standing for name, one in (await street.once()).items()}
    assert (found["coupang"].state, found["coupang"].reason) == ("auth_failed", "signature")
    assert (found["naver"].state, found["naver"].reason) == ("auth_failed", "signature")
    street.keys = {"naver": {"client_secret": "$2a"}, "coupang": {"secret_key": None}}
    found = {name: one.standing for name, one in (await street.once()).items()}
    assert (found["naver"].state, found["naver"].reason) == ("config_error", "credentials")
    assert (found["coupang"].state, found["coupang"].reason) == ("config_error", "settings")
    assert "marketplaces.coupang.secret_key" in found["coupang"].detail


async def test_a_token_is_asked_for_once(street: Street) -> None:
    """Ten probes need one token; one that is refused is replaced once."""
    checking = street.checking()
    for _ in range(10):
        await checking.once()
    assert street.stand_ins.asked["naver token"] == 1
    street.stand_ins.forget_token()
    street.stand_ins._bearer_ends = 0
    found = {one.name: one for one in await checking.once()}
    assert found["naver"].standing.state == "up"
    assert street.stand_ins.asked["naver token"] == 2


async def test_a_certificate_is_always_verified(street: Street) -> None:
    """Without the authority's file the stand-in isn't trusted, and nothing was asked of it."""
    street.ca_file = ""
    standing = (await street.once())["11st"].standing
    assert (standing.state, standing.reason) == ("pending", "tls")
    assert "certificate" in standing.detail
    assert "11st" not in street.stand_ins.asked


async def test_one_that_hangs_costs_its_own_time_alone(street: Street) -> None:
    """A stand-in that never answers is a time-out while the others were answered long before."""
    street.faults["naver"] = "hanging"
    found = await street.once(timeout_seconds=0.5)
    assert found["naver"].standing.reason == "timeout"
    assert found["coupang"].standing.state == "up"
    response = found["coupang"].standing.outcome
    assert response is not None
    assert response.response_ms is not None
    assert response.response_ms < 450


async def test_nobody_listening_is_down(street: Street) -> None:
    """Refused connections and unknown names are told apart."""
    street.keys = {
        "coupang": {"base_url": "http://127.0.0.1:9"},
        "naver": {"base_url": "https://no-such-host.invalid/external"},
    }
    found = {name: one.standing for name, one in (await street.once()).items()}
    assert found["coupang"].reason == "connect"
    assert found["naver"].reason == "dns"
