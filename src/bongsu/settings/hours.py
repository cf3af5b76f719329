"""When something is open."""

from __future__ import annotations

from typing import Annotated, Literal, Self, TypeAlias

from pydantic import AfterValidator, model_validator
from pydantic_core import PydanticCustomError

from bongsu.calendars.book import Plan
from bongsu.settings.parts import Section, told
from bongsu.settings.zones import known_zone


class OpenHours(Section):
    """A calendar: sessions by name, each a weekly pattern, and the days that differ."""

    sessions: dict[str, str] = told(
        dict,
        en='Sessions and when they are open: {"open": "weekday 10:00-20:00; sat 10:00-17:00"}.',
        ko='세션과 여는 시간. 예: {"open": "weekday 10:00-20:00; sat 10:00-17:00"}.',
    )
    timezone: Annotated[str, AfterValidator(known_zone)] = told(
        "Asia/Seoul", en="Time zone of patterns that name none.", ko="패턴에 시간대가 없을 때의 시간대."
    )
    holidays: Literal["kr", "krx", "none"] = told(
        "kr",
        en="What counts as holiday: Korea's public ones, the exchange's closed days, none.",
        ko="holiday의 기준: 한국 공휴일, 거래소 휴장일, 없음.",
    )
    closed: list[str] = told(list, en="Days closed besides, as 2026-12-31.", ko="추가로 쉬는 날. 예: 2026-12-31.")
    days: dict[str, str] = told(
        dict,
        en='Days with other times: {"2026-11-19": "12:00-20:00"}.',
        ko='시간이 다른 날. 예: {"2026-11-19": "12:00-20:00"}.',
    )

    @model_validator(mode="after")
    def _readable(self) -> Self:
        try:
            self.plan().check()
        except ValueError as error:
            raise PydanticCustomError("calendar", "{what}", {"what": str(error)}) from None
        return self

    def plan(self) -> Plan:
        """The same for the room that reads it."""
        return Plan(
            sessions=self.sessions,
            timezone=self.timezone,
            holidays=self.holidays,
            closed=self.closed,
            days=self.days,
        )


def _calendar_name(name: str) -> str:
    if name == "24/7" or not name or len(name) > _LONGEST_NAME:
        raise PydanticCustomError("calendar_name", "must be a short name other than 24/7")
    return name


_LONGEST_NAME = 64
Calendars: TypeAlias = dict[Annotated[str, AfterValidator(_calendar_name)], OpenHours]
"""Calendars by name."""
