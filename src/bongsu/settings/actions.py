"""Automatic actions: what Bongsu does by itself when an alert changes. Nothing is done unless it stands here."""

from __future__ import annotations

from pathlib import PurePath
from typing import Annotated, Any, Literal, Self, TypeAlias

from pydantic import AfterValidator, Field, SecretStr, StringConstraints, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from bongsu.model.alert import SEVERITIES, Severity
from bongsu.settings.alerts import Matchers
from bongsu.settings.duration import Duration
from bongsu.settings.notifications import SecretUrl
from bongsu.settings.parts import Section, told
from bongsu.settings.sections import dotted_path

ActionName: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,59}$")]
Trigger: TypeAlias = Literal["fired", "acknowledged", "resolved"]


def _program(path: str) -> str:
    if not PurePath(path).is_absolute() or "\x00" in path:
        raise PydanticCustomError("program", "must be the whole path of a program")
    return path


Program: TypeAlias = Annotated[str, AfterValidator(_program)]


class Argument(Section):
    """An argument that comes from the alert, checked before anything runs."""

    label: Annotated[str, StringConstraints(pattern=r"^[a-zA-Z_][a-zA-Z0-9_]{0,99}$")] = told(
        ...,
        en="The label (or metric, rule, severity) whose value it is.",
        ko="값을 가져올 라벨이나 metric, rule.",
    )
    type: Literal["name", "integer", "choice"] = told(
        "name",
        en="name: letters, digits, . _ - (not first); integer; choice: one of choices.",
        ko="name: 영문, 숫자, . _ -(맨 앞 제외), integer: 정수, choice: choices 중 하나.",
    )
    choices: list[str] = told(list, en="The values of a choice.", ko="choice의 값.")


class Command(Section):
    """A program, run without a shell."""

    program: Program = told(
        ...,
        en="Its whole path; must stand in alerts.allowed_commands.",
        ko="전체 경로. alerts.allowed_commands에도 적어야 함.",
    )
    arguments: list[str | Argument] = told(
        list, en="Texts as they are, or values of the alert.", ko="그대로 넘길 문자열 또는 알림의 값.", max_length=50
    )


class HttpCall(Section):
    """A POST of the alert as JSON."""

    url: SecretUrl = told(..., en="Where to.", ko="보낼 주소.")
    headers: dict[Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{1,100}$")], SecretStr] = told(
        dict, en="Headers sent with it.", ko="함께 보낼 헤더."
    )


class ActionSection(Section):
    """One action: when, what, and how often at most. Exactly one of http, command, function, built_in."""

    name: ActionName = told(..., en="How the audit calls it.", ko="감사 기록에 남는 이름.")
    on: list[Trigger] = told(lambda: ["fired"], min_length=1, en="Changes that start it.", ko="실행할 변화.")
    severities: list[Severity] = told(lambda: list(SEVERITIES), min_length=1, en="Which alerts.", ko="대상 심각도.")
    matchers: Matchers = told(dict, en="Which alerts: rule, metric, labels.", ko="대상 알림: rule, metric, 라벨.")
    http: HttpCall | None = told(None, en="An HTTP call.", ko="HTTP 호출.")
    command: Command | None = told(None, en="A program.", ko="프로그램 실행.")
    function: Annotated[str, AfterValidator(dotted_path)] | None = told(
        None, en="A Python function: module:name.", ko="파이썬 함수(module:name)."
    )
    built_in: Literal["clean_old_data", "restart_collector"] | None = told(
        None,
        en="clean_old_data, or restart_collector (that of the label collector).",
        ko="clean_old_data(오래된 데이터 정리), restart_collector(라벨 collector의 수집기 재시작).",
    )
    dry_run: bool = told(
        False, en="Only write into the audit what would be done.", ko="실행하지 않고 감사 기록만 남김."
    )
    cooldown: Duration = told(
        Duration.parse("10m"),
        en="Pause between two runs for the same alert's trouble.",
        ko="같은 알림에 다시 실행하기까지의 간격.",
    )
    per_hour: int = told(6, ge=1, le=3_600, en="Runs an hour at most.", ko="시간당 최대 실행 수.")
    time_out: Duration = told(Duration.parse("30s"), en="It is ended after this.", ko="시간 제한.")

    @model_validator(mode="after")
    def _does_one_thing(self) -> Self:
        if sum(one is not None for one in (self.http, self.command, self.function, self.built_in)) != 1:
            raise PydanticCustomError("one_action", "needs exactly one of http, command, function, built_in")
        return self


def allowed(commands: set[str] | None, actions: list[ActionSection]) -> list[ActionSection]:
    """The actions, if each program stands in the allow-list and no name stands twice; a fault at each that doesn't."""
    faults: list[InitErrorDetails] = []
    seen: set[str] = set()
    for place, action in enumerate(actions):
        if action.name in seen:
            faults.append(_fault("action_twice", action.name, (place, "name")))
        seen.add(action.name)
        if commands is not None and action.command is not None and action.command.program not in commands:
            faults.append(_fault("not_allowed", action.command.program, (place, "command", "program")))
    if faults:
        raise ValidationError.from_exception_data("actions", faults)
    return actions


def _fault(code: Literal["action_twice", "not_allowed"], name: str, where: tuple[int | str, ...]) -> Any:
    return {"type": PydanticCustomError(code, "{name}", {"name": name}), "loc": where, "input": name}


Actions: TypeAlias = Annotated[list[ActionSection], Field(max_length=200)]
