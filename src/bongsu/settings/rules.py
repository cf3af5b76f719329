"""A rule as people write it: the one validated model behind settings files, REST and screens.

Keys that aren't given have defaults, so that `{"metric": "cpu_usage", "value": 90, "for": "5m"}` is a whole rule; so is
`{"if": "cpu_usage over 90 for 5m"}`.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, TypeAlias

from pydantic import (
    AfterValidator,
    Field,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import InitErrorDetails, PydanticCustomError

from bongsu.calendars import weekly
from bongsu.model import message as templates
from bongsu.model.alert import Severity
from bongsu.model.rule import (
    ACROSS,
    Across,
    Measure,
    OnNoData,
    Operator,
    Rule,
    RuleAggregation,
    RuleKind,
    RuleSource,
)
from bongsu.model.sample import labels_of
from bongsu.settings.duration import Duration
from bongsu.settings.parts import Section, told

DAY = 86_400_000
LabelName: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[a-zA-Z_][a-zA-Z0-9_]{0,199}$")]
_ID = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}", re.ASCII)
_METRIC = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]{0,199}", re.ASCII)
_SENTENCE = re.compile(
    r"(?P<metric>[a-zA-Z_:][a-zA-Z0-9_:]*)\s*(?:\{(?P<labels>[^{}]*)\})?\s*"
    r"(?P<op>over|above|under|below|>=|<=|==|!=|>|<)\s*(?P<value>[+-]?\d+(?:\.\d+)?)\s*%?"
    r"(?:\s+for\s+(?P<for>\S+))?",
    re.ASCII,
)
_PAIR = re.compile(r'\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*"?([^",]*)"?\s*', re.ASCII)
_WORDS: dict[str, str] = {"over": ">", "above": ">", "under": "<", "below": "<"}


def _between(least: int, most: int) -> AfterValidator:
    def check(length: Duration) -> Duration:
        if not least <= length <= most:
            bounds = {"least": str(Duration(least)) if least else "0s", "most": str(Duration(most))}
            raise PydanticCustomError("duration_range", "must be {least} to {most}", bounds)
        return length

    return AfterValidator(check)


def _finite(number: float) -> float:
    if abs(number) > 1e300 or number != number:
        raise PydanticCustomError("float_type", "must be a number")
    return number


Number: TypeAlias = Annotated[float, AfterValidator(_finite)]


class RuleSection(Section):
    """One alert rule."""

    id: str = told(
        "",
        en="Its lasting name in small letters; made from name or metric where it isn't given.",
        ko="규칙의 고유 이름(영문 소문자). 없으면 name이나 metric에서 만듭니다.",
    )
    name: Annotated[str, StringConstraints(max_length=200)] = told(
        "", en="What people call it.", ko="규칙의 표시 이름."
    )
    enabled: bool = told(True, en="Whether it is evaluated.", ko="평가 여부.")
    if_: str | None = told(
        None,
        alias="if",
        en='The simple form: "cpu_usage over 90 for 5m".',
        ko='간단한 형식: "cpu_usage over 90 for 5m".',
    )
    kind: RuleKind = told(
        "threshold",
        en="threshold: compare the value; change: compare how far it moved within the window; "
        "no_data: nothing came; anomaly: compare the detector's score.",
        ko="threshold: 값 비교, change: 구간 안의 변화량 비교, no_data: 데이터가 오지 않음, anomaly: 이상치 점수 비교.",
    )
    metric: str = told("", en="The metric.", ko="메트릭.", validate_default=True)
    labels: dict[LabelName, Annotated[str, StringConstraints(max_length=1024)]] = told(
        dict, en='Labels of the series meant; "web*" is a prefix.', ko='대상 시계열의 라벨. "web*"은 접두어.'
    )
    by: list[LabelName] | None = told(
        None,
        en="Labels that make a group; [] is one group over all; left out, each series stands alone.",
        ko="묶을 라벨. []이면 전체를 하나로, 생략하면 시계열마다 따로.",
        max_length=20,
    )
    aggregation: RuleAggregation = told(
        "last", en="What the samples of the window become.", ko="구간의 샘플을 값 하나로 만드는 방법."
    )
    across: Across | None = told(
        None,
        en="What the series of a group become (avg, min, max as the aggregation; else sum).",
        ko="묶인 시계열을 값 하나로 만드는 방법(기본: avg·min·max는 aggregation과 같고 나머지는 sum).",
    )
    window: Annotated[Duration, _between(1_000, 31 * DAY)] = told(
        Duration(60_000), en="How far back samples count; moves in sixtieths.", ko="집계 구간(60등분 단위로 이동)."
    )
    change: Measure = told(
        "absolute",
        en="For kind change: the difference, or per cent of the old value.",
        ko="change 규칙에서 차이(absolute) 또는 이전 값 대비 비율(percent, %).",
    )
    op: Operator = told(">", en="How value is compared.", ko="비교 연산자.")
    value: Number | None = told(
        None, en="The threshold, in the metric's unit.", ko="임계값(메트릭의 단위).", validate_default=True
    )
    clear: Number | None = told(
        None,
        en="The value at which it is over; on the healthy side of value. The same as value where left out.",
        ko="해제 값. value보다 정상 쪽이어야 하며, 생략하면 value와 같음.",
    )
    for_: Annotated[Duration, _between(0, 31 * DAY)] = told(
        Duration(0),
        alias="for",
        en="How long the condition must last before it fires.",
        ko="발생까지 조건이 지속될 시간.",
    )
    keep_firing: Annotated[Duration, _between(0, DAY)] = told(
        Duration(0), en="How long it is held after the condition is over.", ko="조건이 끝난 뒤 알림을 유지할 시간."
    )
    no_data: OnNoData = told(
        "ignore",
        en="When a series falls silent: leave the alert as it is, fire, or resolve.",
        ko="데이터가 끊기면: 그대로 두기(ignore), 발생(fire), 해제(resolve).",
    )
    no_data_after: Annotated[Duration, _between(1_000, 31 * DAY)] = told(
        Duration(300_000), en="How long without a sample is silence.", ko="데이터가 끊긴 것으로 볼 시간."
    )
    severity: Severity = told("warning", en="How bad it is.", ko="심각도.")
    message: str = told(
        "",
        en="What the alert says; blanks: {value}, {threshold}, {unit}, {name}, {metric}, {window}, {for}, {labels.X}.",
        ko="알림 문구. {value}, {threshold}, {unit}, {name}, {metric}, {window}, {for}, {labels.이름}을 쓸 수 있음.",
    )
    when: Annotated[str, StringConstraints(max_length=500)] = told(
        "",
        en='In force only then: "weekday not holiday 09:00-18:00 Asia/Seoul"; several joined by ;.',
        ko='적용 시간: "weekday not holiday 09:00-18:00 Asia/Seoul". 여러 개는 ;로 구분.',
    )
    channels: list[Annotated[str, StringConstraints(min_length=1, max_length=100)]] = told(
        list,
        en="Channels to tell; those of the severity where empty.",
        ko="보낼 채널. 비우면 심각도에 따름.",
        max_length=50,
    )
    escalation: Annotated[str, StringConstraints(max_length=100)] = told(
        "", en="Escalation policy by name.", ko="에스컬레이션 정책 이름."
    )
    group_by: list[LabelName] = told(
        list, en="Labels by which its alerts are told together.", ko="알림을 함께 묶을 라벨.", max_length=20
    )

    @model_validator(mode="before")
    @classmethod
    def _from_sentence(cls, tree: Any) -> Any:
        """The simple form becomes keys; keys beside it win."""
        if not isinstance(tree, dict) or not isinstance(tree.get("if"), str):
            return tree
        read = sentence(tree["if"])
        return tree if read is None else {**read, **{key: one for key, one in tree.items() if key != "if"}}

    @field_validator("if_")
    @classmethod
    def _sentence_was_read(cls, text: str | None) -> str | None:
        if text is not None:
            raise PydanticCustomError("rule_sentence", "must be such as: cpu_usage over 90 for 5m")
        return text

    @field_validator("id")
    @classmethod
    def _an_id(cls, text: str) -> str:
        if text and not _ID.fullmatch(text):
            raise PydanticCustomError("rule_id", "must be small letters, digits, _, - and .")
        return text

    @field_validator("metric")
    @classmethod
    def _a_metric(cls, text: str, info: ValidationInfo) -> str:
        if not _METRIC.fullmatch(text) and (text or "if_" in info.data):
            raise PydanticCustomError("rule_metric", "must be a metric's name")
        return text

    @field_validator("value")
    @classmethod
    def _a_value_where_one_is_compared(cls, value: float | None, info: ValidationInfo) -> float | None:
        if value is None and info.data.get("kind") != "no_data" and "if_" in info.data:
            raise PydanticCustomError("rule_value", "is needed")
        return value

    @field_validator("clear")
    @classmethod
    def _on_the_healthy_side(cls, clear: float | None, info: ValidationInfo) -> float | None:
        op, value = info.data.get("op"), info.data.get("value")
        if clear is None or op is None or value is None:
            return clear
        if op in ("==", "!="):
            raise PydanticCustomError("rule_clear_equal", "not with == and !=")
        if clear > value if op in (">", ">=") else clear < value:
            code = "at_most" if op in (">", ">=") else "at_least"
            raise PydanticCustomError(f"rule_clear_{code}", "must be on the healthy side", {"bound": f"{value:g}"})
        return clear

    @field_validator("message")
    @classmethod
    def _a_template(cls, text: str) -> str:
        try:
            templates.check(text)
        except templates.WrongTemplate as error:
            raise PydanticCustomError("rule_message", "is wrong at {blank}", {"blank": error.blank}) from None
        return text

    @field_validator("when")
    @classmethod
    def _a_schedule(cls, text: str) -> str:
        try:
            weekly.parse(text)
        except ValueError as error:
            raise PydanticCustomError("rule_when", "{reason}", {"reason": str(error)}) from None
        return text

    def rule(self, source: RuleSource = "settings") -> Rule:
        """The rule itself."""
        value = 0.0 if self.value is None else self.value
        return Rule(
            id=self.id or id_from(self),
            name=self.name or self.id or self.metric,
            enabled=self.enabled,
            kind=self.kind,
            metric=self.metric,
            labels=labels_of(self.labels),
            by=None if self.by is None else tuple(sorted(set(self.by))),
            aggregation=self.aggregation,
            across=self.across or ACROSS[self.aggregation],
            window_ms=int(self.window),
            change=self.change,
            op=self.op,
            value=value,
            clear=value if self.clear is None else self.clear,
            for_ms=int(self.for_),
            keep_firing_ms=int(self.keep_firing),
            no_data=self.no_data,
            no_data_after_ms=int(self.no_data_after),
            severity=self.severity,
            message=self.message,
            when=self.when,
            channels=tuple(self.channels),
            escalation=self.escalation,
            group_by=tuple(self.group_by),
            source=source,
        )


def sentence(text: str) -> dict[str, Any] | None:
    """The keys that the simple form means (`cpu_usage{core="0"} over 90 for 5m`); None where it can't be read."""
    match = _SENTENCE.fullmatch(text.strip().removeprefix("if ").strip())
    if match is None:
        return None
    read: dict[str, Any] = {
        "metric": match["metric"],
        "op": _WORDS.get(match["op"], match["op"]),
        "value": float(match["value"]),
    }
    if match["labels"]:
        pairs = [_PAIR.fullmatch(piece) for piece in match["labels"].split(",")]
        if None in pairs:
            return None
        read["labels"] = {pair[1]: pair[2].strip() for pair in pairs if pair is not None}
    if match["for"]:
        read["for"] = match["for"]
    return read


def id_from(section: RuleSection) -> str:
    """An id for a rule without one: from its name's letters, else its metric and kind."""
    told = section.name if section.name.isascii() and section.name else f"{section.metric}-{section.kind}"
    return re.sub(r"[^a-z0-9_.-]+", "-", told.lower()).strip("-_.")[:64] or "rule"


def each_id_once(sections: list[RuleSection]) -> list[RuleSection]:
    """The rules, if no two have the same id; a fault at each that repeats one."""
    seen: set[str] = set()
    faults: list[InitErrorDetails] = []
    for place, section in enumerate(sections):
        one = section.id or id_from(section)
        if one in seen:
            twice = PydanticCustomError("rule_twice", "another rule has the id {id}", {"id": one})
            faults.append({"type": twice, "loc": (place, "id"), "input": one})
        seen.add(one)
    if faults:
        raise ValidationError.from_exception_data("rules", faults)
    return sections


Rules: TypeAlias = Annotated[list[RuleSection], AfterValidator(each_id_once), Field(max_length=20_000)]


def body_of(rule: Rule) -> dict[str, Any]:
    """The rule as the JSON that this model reads, every key there but `source`; durations as people write them."""
    body: dict[str, Any] = {
        "id": rule.id,
        "name": rule.name,
        "enabled": rule.enabled,
        "kind": rule.kind,
        "metric": rule.metric,
        "labels": dict(rule.labels),
        "aggregation": rule.aggregation,
        "across": rule.across,
        "window": str(Duration(rule.window_ms)),
        "change": rule.change,
        "op": rule.op,
        "value": None if rule.kind == "no_data" else rule.value,
        "clear": None if rule.kind == "no_data" or rule.op in ("==", "!=") else rule.clear,
        "for": str(Duration(rule.for_ms)),
        "keep_firing": str(Duration(rule.keep_firing_ms)),
        "no_data": rule.no_data,
        "no_data_after": str(Duration(rule.no_data_after_ms)),
        "severity": rule.severity,
        "message": rule.message,
        "when": rule.when,
        "channels": list(rule.channels),
        "escalation": rule.escalation,
        "group_by": list(rule.group_by),
    }
    if rule.by is not None:
        body["by"] = list(rule.by)
    return body
