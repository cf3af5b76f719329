"""How alerts are grouped, kept quiet, escalated and repeated: the sections `alerts` and `escalation`."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Literal, TypeAlias, TypeVar

from pydantic import AfterValidator, Field, StringConstraints, ValidationError, ValidationInfo, field_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from bongsu.model.alert import SEVERITIES, Severity
from bongsu.settings.duration import Duration
from bongsu.settings.parts import Section, told
from bongsu.settings.zones import known_zone

T = TypeVar("T")

_NAME = re.compile(r"[\w.:@+ -]{1,100}")
"""Python's regex: pydantic's expands a repeated class of all letters into 9 MiB of memory."""


def _name(text: str) -> str:
    if not _NAME.fullmatch(text):
        raise PydanticCustomError("name", "must be 1 to 100 letters, digits and . : @ + - _")
    return text


Name: TypeAlias = Annotated[str, AfterValidator(_name)]
"""Of a person, a rota, a policy, a channel."""
Matchers: TypeAlias = Annotated[
    dict[
        Annotated[str, StringConstraints(pattern=r"^[a-zA-Z_][a-zA-Z0-9_]{0,99}$")],
        Annotated[str, StringConstraints(min_length=1, max_length=1_024)],
    ],
    Field(max_length=20),
]
"""What is meant: by rule, metric, severity or a label; `prefix*` asks for a beginning."""
Equal: TypeAlias = Annotated[str, StringConstraints(pattern=r"^(\*|[a-zA-Z_][a-zA-Z0-9_]{0,99})$")]
TimeOfDay: TypeAlias = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
Zone: TypeAlias = Annotated[str, AfterValidator(known_zone)]
Day: TypeAlias = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
_REPEATS = re.compile(r"daily|weekday|weekend|(mon|tue|wed|thu|fri|sat|sun)(,(mon|tue|wed|thu|fri|sat|sun)){0,6}")


def _date(text: str) -> str:
    try:
        date.fromisoformat(text)
    except ValueError:
        raise PydanticCustomError("date", "must be a date such as 2026-01-05") from None
    return text


def _repeats(text: str) -> str:
    if not _REPEATS.fullmatch(text):
        raise PydanticCustomError("repeats", "must be daily, weekday, weekend, or days such as mon,thu")
    return text


Date: TypeAlias = Annotated[str, AfterValidator(_date)]


class Person(Section):
    """Somebody who can be told."""

    name: Name = told(..., en="How steps and rotas call them.", ko="단계와 당번표에서 부르는 이름.")
    channels: list[Name] = told(..., min_length=1, en="Channels that reach them.", ko="이 사람에게 닿는 채널.")


class RotaSection(Section):
    """Who is on call: a week each, in turn."""

    name: Name = told(..., en="How steps call it.", ko="단계에서 부르는 이름.")
    people: list[Name] = told(..., min_length=1, en="In their order.", ko="순서대로 적은 사람.")
    starts: Date = told(
        "2026-01-05",
        en="The first person's week begins with the first handover on or after this day.",
        ko="이 날짜 이후 첫 교대부터 첫 사람의 주가 시작됩니다.",
    )
    day: Day = told("mon", en="Day of the handover.", ko="교대 요일.")
    time: TimeOfDay = told("09:00", en="Time of the handover.", ko="교대 시각.")
    timezone: Zone = told("Asia/Seoul", en="Time zone of the handover.", ko="교대 시각의 시간대.")


class InhibitionSection(Section):
    """While an alert of `source` is open, those of `target` with equal values keep quiet."""

    name: Name = told("", en="What people call it.", ko="표시 이름.")
    source: Matchers = told(..., min_length=1, en="The cause.", ko="원인이 되는 알림.")
    target: Matchers = told(..., en="What keeps quiet meanwhile.", ko="그동안 조용히 있을 알림.")
    equal: list[Equal] = told(
        ...,
        min_length=1,
        en='Names with equal values in both; "*": all labels.',
        ko='값이 같아야 하는 이름. "*"은 모든 라벨.',
    )


class MaintenanceSection(Section):
    """A window that comes back, in which matching alerts tell nobody."""

    name: Name = told(..., en="What people call it.", ko="표시 이름.")
    matchers: Matchers = told(..., min_length=1, en="Which alerts.", ko="대상 알림.")
    repeats: Annotated[str, AfterValidator(_repeats)] = told(
        "daily",
        en="daily, weekday, weekend, or days such as mon,thu.",
        ko="daily, weekday, weekend, mon,thu 같은 요일.",
    )
    start: TimeOfDay = told(..., en="From.", ko="시작 시각.")
    end: TimeOfDay = told(..., en="To; an earlier time is the next day's.", ko="끝 시각. 시작보다 이르면 다음 날.")
    timezone: Zone = told("Asia/Seoul", en="Time zone of both.", ko="두 시각의 시간대.")
    until: Date | None = told(None, en="The last day.", ko="마지막 날.")
    reason: Annotated[str, StringConstraints(max_length=2_000)] = told("", en="Why.", ko="사유.")


class AlertsSection(Section):
    """How alerts are grouped, kept quiet and repeated."""

    group_by: list[Name] = told(
        lambda: ["rule", "metric"],
        en="Alerts with equal values under these names (rule, metric, severity, labels) are told in one message.",
        ko="이 이름(rule, metric, severity, 라벨)의 값이 같은 알림은 메시지 하나로 묶어 알립니다.",
    )
    group_wait: Duration = told(
        Duration.parse("100ms"),
        en="How long a message waits for more of its group.",
        ko="메시지를 보내기 전에 같은 묶음의 알림을 기다리는 시간.",
    )
    group_interval: Duration = told(
        Duration.parse("1m"),
        en="In this time a group makes at most group_burst messages; what is worse than anything told doesn't wait.",
        ko="이 시간 동안 한 묶음은 메시지를 group_burst개까지만 만듭니다. 알린 것보다 심각한 알림은 기다리지 않습니다.",
    )
    group_burst: int = told(
        3, ge=1, le=100, en="Messages of a group within group_interval.", ko="group_interval 동안 한 묶음의 메시지 수."
    )
    repeat: Duration = told(
        Duration.parse("4h"),
        en="After this an open alert (but for info) is told again until acknowledged (policies: their own); 0s: never.",
        ko="정책이 따로 없으면 info를 뺀 열린 알림을 확인할 때까지 이 간격으로 다시 알립니다. 0s는 다시 알리지 않음.",
    )
    push_expiry: Duration = told(
        Duration.parse("5m"),
        en="A pushed alert that isn't sent again is over after this.",
        ko="밖에서 보낸 알림은 이 시간 동안 다시 오지 않으면 해제합니다.",
    )
    flaps: int = told(
        4,
        ge=2,
        le=100,
        en="Beginnings within flap_window that mean flapping.",
        ko="flap_window 안의 발생 수가 이 값이면 플래핑.",
    )
    flap_window: Duration = told(Duration.parse("15m"), en="See flaps.", ko="flaps 참고.")
    steady: Duration = told(
        Duration.parse("5m"),
        en="For how long a flapping alert must be calm to be over.",
        ko="플래핑 알림을 해제하려면 이 시간 동안 조용해야 합니다.",
    )
    people: list[Person] = told(list, en="Who can be told.", ko="알림을 받을 사람.")
    rotas: list[RotaSection] = told(list, en="Who is on call when.", ko="주간 당번표.")
    inhibition: list[InhibitionSection] = told(
        list, en="Which alerts keep which others quiet.", ko="어떤 알림이 열려 있을 때 어떤 알림을 멈출지."
    )
    built_in_inhibition: bool = told(
        True,
        en="A host that is down mutes its alerts, a marketplace that is down its orders', a critical alert the warning "
        "of the same series.",
        ko="호스트가 죽으면 그 호스트의 알림을, 마켓플레이스가 죽으면 그 주문 알림을, "
        "심각 알림이 있으면 같은 시계열의 경고를 멈춥니다.",
    )
    maintenance: list[MaintenanceSection] = told(list, en="Windows that come back.", ko="반복되는 점검 시간.")
    allowed_commands: list[str] = told(
        list,
        en="Whole paths of the programs that actions may run.",
        ko="자동 대응이 실행해도 되는 프로그램의 전체 경로.",
    )
    acknowledge_link: Duration = told(
        Duration.parse("1d"),
        en="For how long the link to acknowledge in a message works.",
        ko="메시지에 담긴 확인 링크의 유효 시간.",
    )

    @field_validator("rotas")
    @classmethod
    def _rotas_name_people(cls, rotas: list[RotaSection], info: ValidationInfo) -> list[RotaSection]:
        known = {person.name for person in info.data.get("people", ())}
        faults: list[InitErrorDetails] = [
            _unknown("no_person", name, (place, "people", index))
            for place, rota in enumerate(rotas)
            for index, name in enumerate(rota.people)
            if name not in known
        ]
        return _unless(faults, rotas)


class StepSection(Section):
    """One rung of an escalation."""

    wait: Duration = told(
        Duration(0),
        en="After the step before (first: after firing).",
        ko="앞 단계(첫 단계는 발생) 뒤의 대기.",
    )
    channels: list[Name] = told(list, en="Channels told.", ko="알릴 채널.")
    people: list[Name] = told(list, en="People told.", ko="알릴 사람.")
    rotas: list[Name] = told(list, en="Whoever is on call in these.", ko="이 당번표의 당번에게 알림.")
    everyone: bool = told(False, en="Every channel there is.", ko="모든 채널.")


class EscalationSection(Section):
    """Who is told when, for alerts of some severities."""

    name: Name = told(..., en="How rules call it.", ko="규칙에서 부르는 이름.")
    severities: list[Severity] = told(lambda: list(SEVERITIES), min_length=1, en="Which alerts.", ko="대상 심각도.")
    steps: list[StepSection] = told(..., min_length=1, max_length=20, en="The steps, in order.", ko="단계(순서대로).")
    repeat: Duration = told(
        Duration.parse("4h"),
        en="After this who was told is told again, until somebody acknowledges; 0s: never.",
        ko="누군가 확인할 때까지 이 간격으로 다시 알립니다. 0s는 다시 알리지 않음.",
    )


def known_to(alerts: AlertsSection | None, policies: list[EscalationSection]) -> list[EscalationSection]:
    """The policies, if every person and rota that they name stands in `alerts`; a fault at each that doesn't."""
    if alerts is None:
        return policies  # faulty itself, which is told already
    kinds = {"people": {one.name for one in alerts.people}, "rotas": {one.name for one in alerts.rotas}}
    faults = [
        _unknown("no_person" if kind == "people" else "no_rota", name, (place, "steps", rung, kind, index))
        for place, policy in enumerate(policies)
        for rung, step in enumerate(policy.steps)
        for kind, known in kinds.items()
        for index, name in enumerate(getattr(step, kind))
        if name not in known
    ]
    return _unless(faults, policies)


def _unknown(code: Literal["no_person", "no_rota"], name: str, where: tuple[int | str, ...]) -> InitErrorDetails:
    return {"type": PydanticCustomError(code, "there is no {name}", {"name": name}), "loc": where, "input": name}


def _unless(faults: list[InitErrorDetails], sections: list[T]) -> list[T]:
    if faults:
        raise ValidationError.from_exception_data("alerts", faults)
    return sections
