"""The demo's marketplaces."""

from __future__ import annotations

import pytest

from bongsu.demo.marketplaces import FAULTS, MARKETS, planned
from bongsu.demo.street import Street
from bongsu.settings.model import Settings
from tests.fakes.clock import VirtualClock


def test_outages_come_by_plan_and_pass() -> None:
    """Within half an hour each marketplace has an outage of minutes, each known to its stand-in, never all at once."""
    seen = [[planned(market, second * 1000) for market in MARKETS] for second in range(1_800)]
    for place, market in enumerate(MARKETS):
        faults = {each[place] for each in seen} - {""}
        assert faults
        assert faults <= set(FAULTS[market])
        assert 60 <= sum(each[place] != "" for each in seen) <= 600
    assert all("" in each for each in seen)
    assert planned("11st", 300_000) == planned("11st", 300_000 + 1_800_000)


@pytest.mark.guide("G103")
def test_real_marketplaces_are_left_alone_in_the_demo() -> None:
    """The demo asks its stand-ins on this machine, whatever keys the settings hold."""
    settings = Settings.model_validate(
        {"marketplaces": {"naver": {"client_id": "real", "client_secret": "real-secret"}}}
    )
    street = Street(clock=VirtualClock())
    watched = street.within(settings).marketplaces
    street.close()
    for one in (watched.coupang, watched.naver, watched.eleven_street):
        assert one.base_url is not None
        assert one.base_url.startswith("http://127.0.0.1:")
    assert watched.naver.client_id != "real"
