"""All settings as one value."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import AfterValidator, Field, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from bongsu.calendars.book import ALWAYS
from bongsu.calendars.exchanges import EXCHANGES
from bongsu.calendars.weekly import parse
from bongsu.settings.access import AccessSection
from bongsu.settings.actions import Actions, ActionSection, allowed
from bongsu.settings.alerts import AlertsSection, EscalationSection, known_to
from bongsu.settings.anomaly import AnomalyDetection
from bongsu.settings.checked import Check, Connection, one_of_each_name
from bongsu.settings.coming import Thresholds
from bongsu.settings.feeds import Feed, FieldName
from bongsu.settings.hours import Calendars
from bongsu.settings.limits import Limits
from bongsu.settings.marketplaces import Marketplaces
from bongsu.settings.notifications import Notifications
from bongsu.settings.panels import Panels
from bongsu.settings.parts import Section, told
from bongsu.settings.redis import Redis
from bongsu.settings.rules import Rules
from bongsu.settings.scrape import Scrape
from bongsu.settings.sections import Logging, Monitoring, Server, Storage, dotted_path
from bongsu.settings.shop import Shop
from bongsu.settings.sql import SqlMetric


class Settings(Section):
    """Everything that can be set; every key has a default, so `Settings()` is how Bongsu runs untouched."""

    schema_: str | None = Field(default=None, alias="$schema", description="JSON Schema for editors; not read.")
    monitoring: Monitoring = told(Monitoring, en="Measuring and showing.", ko="측정과 표시.")
    server: Server = told(Server, en="Where Bongsu listens.", ko="수신 주소와 포트.")
    access: AccessSection = told(AccessSection, en="Signing in.", ko="로그인.")
    storage: Storage = told(Storage, en="Where data lie.", ko="데이터 저장.")
    limits: Limits = told(Limits, en="Bounds.", ko="한도.")
    logging: Logging = told(Logging, en="Logs.", ko="로그.")
    collectors: list[Annotated[str, AfterValidator(dotted_path)]] = told(
        list,
        en="Own collectors: dotted paths of modules or classes.",
        ko="직접 만든 수집기: 모듈 또는 클래스의 점 표기 경로.",
    )
    thresholds: Thresholds = told(Thresholds, en="Thresholds.", ko="임계값.")
    calendars: Calendars = told(
        dict,
        en="Calendars by name, besides 24/7, KRX and NXT: opening hours, holidays.",
        ko="이름을 붙인 달력. 24/7, KRX, NXT는 내장: 여는 시간과 쉬는 날.",
    )
    anomaly_detection: AnomalyDetection = told(AnomalyDetection, en="Anomalies.", ko="이상치 탐지.")
    notifications: Notifications = told(Notifications, en="Notification.", ko="알림 채널.")
    rules: Rules = told(list, en="Alert rules.", ko="알림 규칙.")
    alerts: AlertsSection = told(AlertsSection, en="Grouping, quiet, people.", ko="알림 묶기, 조용한 시간, 담당자.")
    escalation: list[EscalationSection] = told(
        list,
        en="Who is told when, by severity; with none everybody is told everything at once.",
        ko="심각도별로 누구에게 언제 알릴지. 비우면 모든 채널에 바로 알립니다.",
    )
    actions: Actions = told(
        list, en="Automatic actions; none unless they stand here.", ko="자동 대응. 여기에 적은 것만 실행합니다."
    )
    feeds: dict[FieldName, Feed] = told(
        dict,
        en="Data feeds, by name: docs/feeds.md tells what each may say.",
        ko="데이터 피드. 이름마다 정할 수 있는 항목은 docs/feeds.md 참고.",
    )
    shop: Shop = told(Shop, en="The shop.", ko="쇼핑몰.")
    marketplaces: Marketplaces = told(Marketplaces, en="Marketplaces.", ko="마켓플레이스.")
    connections: Annotated[list[Connection], AfterValidator(one_of_each_name)] = told(
        list, en="Connections to watch.", ko="감시할 연결."
    )
    checks: Annotated[list[Check], AfterValidator(one_of_each_name)] = told(
        list, en="Own checks.", ko="직접 정한 점검."
    )
    sql_metrics: list[SqlMetric] = told(list, en="Metrics by SQL.", ko="SQL 메트릭.")
    scrape: Scrape = told(
        list,
        en="Programs whose Prometheus metrics are read: docs/services.md.",
        ko="Prometheus 메트릭을 읽어 올 대상. docs/services.md 참고.",
    )
    panels: Panels = told(list, en="Own charts on the overview.", ko="개요 화면에 추가할 차트.")
    redis: Redis = told(Redis, en="Redis.", ko="Redis.")

    @field_validator("escalation")
    @classmethod
    def _names_are_known(cls, policies: list[EscalationSection], info: ValidationInfo) -> list[EscalationSection]:
        return known_to(info.data.get("alerts"), policies)

    @model_validator(mode="after")
    def _viewer_has_redis(self) -> Self:
        if self.server.role == "view" and self.redis.url is None:
            raise PydanticCustomError("view_redis", "server.role view needs redis.url, the same as the owner's")
        return self

    @model_validator(mode="after")
    def _feeds_have_hours(self) -> Self:
        for name, feed in self.feeds.items():
            if feed.hours and feed.hours not in (ALWAYS, *EXCHANGES, *self.calendars):
                try:
                    parse(feed.hours)
                except ValueError as error:
                    what = f"feeds.{name}.hours is no calendar and can't be read: {error}"
                    raise PydanticCustomError("feed_hours", "{what}", {"what": what}) from None
        return self

    @field_validator("actions")
    @classmethod
    def _programs_are_allowed(cls, actions: list[ActionSection], info: ValidationInfo) -> list[ActionSection]:
        alerts = info.data.get("alerts")
        return allowed(None if alerts is None else set(alerts.allowed_commands), actions)
