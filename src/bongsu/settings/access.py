"""How long somebody stays signed in."""

from __future__ import annotations

from typing import Self

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from bongsu.settings.duration import Duration
from bongsu.settings.parts import Section, told


class AccessSection(Section):
    """Accounts: the limits of sessions. Accounts themselves are made with `bongsu user add`."""

    session_idle: Duration = told(
        Duration.parse("12h"),
        en="A session that nobody uses ends after this; an open page of the board is use.",
        ko="쓰지 않은 로그인 세션이 끝나는 시간. 보드를 열어 둔 것도 사용으로 봅니다.",
    )
    session_lasts: Duration = told(
        Duration.parse("7d"),
        en="Every session ends after this, used or not.",
        ko="사용 여부와 관계없이 로그인 세션이 끝나는 시간.",
    )
    session_rotation: Duration = told(
        Duration.parse("1h"),
        en="The session's cookie gets a new value this often.",
        ko="세션 쿠키의 값을 새로 바꾸는 주기.",
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not 60_000 <= self.session_rotation <= self.session_lasts or self.session_idle < 60_000:
            raise PydanticCustomError("session_order", "a minute at least, and rotation within the session's time")
        return self
