"""The demo's marketplaces: stand-ins on ports of this machine, and the settings that make the checker ask them."""

from __future__ import annotations

from pydantic import SecretStr

from bongsu.demo import marketplaces as market
from bongsu.demo.doors import Doors
from bongsu.ports import Clock
from bongsu.settings.marketplaces import Coupang, ElevenStreet, Marketplaces, Naver
from bongsu.settings.model import Settings

_INTERVAL = 15.0
"""Seconds between two probes in the demo: its outages last minutes, and a visitor shouldn't wait."""


class Street:
    """Three stand-ins with outages by plan; real marketplaces of the settings are left alone meanwhile."""

    def __init__(self, *, clock: Clock) -> None:
        self._doors = Doors(market.StandIns(clock=clock, fault=market.planned), clock=clock)

    def within(self, settings: Settings) -> Settings:
        """The settings with the stand-ins in place of the marketplaces."""
        base = self._doors.base_url
        watched = Marketplaces(
            interval_seconds=_INTERVAL,
            timeout_seconds=5.0,
            coupang=Coupang(
                base_url=base("coupang"),
                access_key=SecretStr(market.ACCESS_KEY),
                secret_key=SecretStr(market.SECRET_KEY),
                vendor_id=market.VENDOR,
            ),
            naver=Naver(
                base_url=base("naver"), client_id=market.CLIENT_ID, client_secret=SecretStr(market.CLIENT_SECRET)
            ),
            **{"11st": ElevenStreet(base_url=base("11st"), api_key=SecretStr(market.API_KEY))},
        )
        return settings.model_copy(update={"marketplaces": watched})

    async def open(self) -> None:
        """Begin to answer."""
        await self._doors.open()

    def close(self) -> None:
        """Answer no more."""
        self._doors.close()
