"""A real server on a real socket of 127.0.0.1, over measurements that are only lists."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager

from starlette.routing import BaseRoute

from bongsu.access.hashing import Hashing
from bongsu.access.service import AccessService
from bongsu.access.state import State
from bongsu.alerts.evaluation.evaluation import Setting
from bongsu.alerts.evaluation.evaluator import RuleEvaluator
from bongsu.alerts.links import AcknowledgeLinks
from bongsu.alerts.policy import Plan
from bongsu.alerts.rulebook import StoredRules
from bongsu.alerts.service import AlertService
from bongsu.alerts.thresholds import rules_of
from bongsu.clock import SystemClock
from bongsu.collect.marks import Marks
from bongsu.http.crowd import Crowd
from bongsu.http.limits import ServerLimits
from bongsu.ingest.gate import SampleGate
from bongsu.ingest.intake import SampleIntake
from bongsu.ingest.limits import GateLimits, IntakeLimits
from bongsu.model.catalogue import Catalogue
from bongsu.model.series import SeriesTable
from bongsu.ports import Clock, Notifications
from bongsu.server.alert_parts import alert_parts
from bongsu.server.anomalies import AnomalyRoutes
from bongsu.server.app import build
from bongsu.server.body import BodyReader
from bongsu.server.channels import Channels
from bongsu.server.checks import routes as check_routes
from bongsu.server.endpoint import Part
from bongsu.server.events import Events
from bongsu.server.json_body import JsonBodies
from bongsu.server.marks import TimelineMarks
from bongsu.server.proxies import Proxies
from bongsu.server.quality import Quality
from bongsu.server.rules import RuleRoutes
from bongsu.server.services import Services
from bongsu.server.serving import RestServer
from bongsu.server.session import SessionRoutes
from bongsu.server.settings import SettingsRoutes
from bongsu.server.shop import ShopFigures
from bongsu.server.tokens import TokenRoutes
from bongsu.server.users import UserRoutes
from bongsu.services.book import ServiceBook
from bongsu.settings.coming import Thresholds
from tests.fakes.access import LASTING, FakeAccess
from tests.fakes.alarms import Board
from tests.fakes.anomalies import FakeAnomalies
from tests.fakes.checks import ListedChecks
from tests.fakes.desks import program_desk
from tests.fakes.feeds import in_memory
from tests.fakes.marks import ListedMarks, ToldMarks
from tests.fakes.measurements import Measurements
from tests.fakes.records import FakeRecords


class Stand:
    """The running server with its parts; `missing` is what `/readyz` tells."""

    def __init__(
        self,
        *,
        gate: GateLimits | None = None,
        intake: IntakeLimits | None = None,
        limits: ServerLimits | None = None,
        catalogue: Catalogue | None = None,
        allowed_hosts: Collection[str] = (),
        allowed_origins: Collection[str] = (),
        clock: Clock | None = None,
        series: int = 1_000,
        notifications: Notifications | None = None,
        web_routes: Sequence[BaseRoute] = (),
        trusted_proxies: Collection[str] = (),
    ) -> None:
        self.clock = clock or SystemClock()
        self.table = SeriesTable(series)
        self.measurements = Measurements(self.table)
        self.missing: list[str] = []
        self.checks = ListedChecks()
        self.services = ServiceBook(clock=self.clock)
        self.anomalies = FakeAnomalies()
        self.kept_marks = ListedMarks()
        self.told_marks = ToldMarks()
        self.marks = Marks(records=self.kept_marks, announcer=self.told_marks, clock=self.clock)
        self.gate = SampleGate(table=self.table, clock=self.clock, limits=gate)
        self.intake = SampleIntake(gate=self.gate, taker=self.measurements, clock=self.clock, limits=intake)
        self.catalogue = catalogue or Catalogue()
        self.book, self.keeper, self.events, self.views = in_memory(self.clock)
        self.proxies = Proxies(trusted_proxies)
        access = self._access_parts(limits)
        self.app = build(
            intake=self.intake,
            history=self.measurements,
            prompt=self.measurements,
            live=self.measurements,
            catalogue=self.catalogue,
            clock=self.clock,
            missing=lambda: self.missing,
            processes=self.measurements,
            limits=limits,
            allowed_hosts=allowed_hosts,
            allowed_origins=allowed_origins,
            crowd=Crowd(limits or ServerLimits(), self.clock),
            parts=[
                ShopFigures(shop=lambda: None).routes(),
                Services(
                    book=self.services,
                    history=self.measurements,
                    clock=self.clock,
                    bodies=BodyReader(limits or ServerLimits()),
                ).table(),
                Channels(notifications=notifications, bodies=BodyReader(limits or ServerLimits())).routes(),
                AnomalyRoutes(anomalies=self.anomalies, clock=self.clock).routes(),
                check_routes(self.checks, self.clock),
                TimelineMarks(
                    marks=self.marks, clock=self.clock, bodies=JsonBodies(BodyReader(limits or ServerLimits()))
                ).routes(),
                *self._alert_parts(limits),
                Events(intake=self.events, bodies=BodyReader(limits or ServerLimits())).routes(),
                Quality(feeds=self.views).routes(),
                self._rule_part(limits),
                self._settings_part(limits),
                *access,
            ],
            web_routes=web_routes,
            visitors=self.access.visitors,
            proxies=self.proxies,
        )
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.server = RestServer(self.app, self._socket, limits=limits)

    def _alert_parts(self, limits: ServerLimits | None) -> tuple[Part, ...]:
        """The alert service over plain records; it works once the test has started it."""
        self.records = FakeRecords(clock=self.clock)
        self.alerts = AlertService(
            records=self.records, clock=self.clock, plan=Plan(channels=("slack",)), announcer=Board()
        )
        self.links = AcknowledgeLinks(b"k" * 32, public_url="https://ops.example.kr", lasts=60_000, clock=self.clock)
        return alert_parts(
            alerts=self.alerts,
            audit=self.records,
            links=self.links,
            clock=self.clock,
            bodies=JsonBodies(BodyReader(limits or ServerLimits())),
            timezone="Asia/Seoul",
            language="ko",
        )

    def _access_parts(self, limits: ServerLimits | None) -> tuple[Part, ...]:
        """Accounts over plain records; nobody is asked who they are until the test makes one."""
        self.access_records = FakeAccess()
        self.entries = FakeRecords(clock=self.clock)
        state = State(self.access_records, clock=self.clock, lasting=LASTING, always=False)
        self.access = AccessService(state, audit=self.entries, hashing=Hashing(memory_kib=64))
        bodies = JsonBodies(BodyReader(limits or ServerLimits()))
        return (
            SessionRoutes(
                visitors=self.access.visitors, sessions=self.access.sessions, bodies=bodies, proxies=self.proxies
            ).routes(),
            UserRoutes(accounts=self.access.accounts, bodies=bodies, proxies=self.proxies).routes(),
            TokenRoutes(tokens=self.access.tokens, bodies=bodies).routes(),
        )

    def _rule_part(self, limits: ServerLimits | None) -> Part:
        """The rules of the guide's thresholds over plain records; nothing is evaluated but what is previewed."""
        setting = Setting(table=self.table, catalogue=self.catalogue, language="en")
        self.evaluator = RuleEvaluator(
            take=self.alerts.take, setting=setting, history=self.measurements, clock=self.clock
        )
        self.rules = StoredRules(
            rules_of(Thresholds(), language="en"),
            records=self.records,
            audit=self.records,
            apply=self.evaluator.replace,
            preview=lambda rule: self.evaluator.preview(rule, self.measurements.latest(rule.metric)),
            history=self.measurements,
            clock=self.clock,
            language="en",
        )
        bodies = JsonBodies(BodyReader(limits or ServerLimits()))
        return RuleRoutes(book=self.rules, clock=self.clock, bodies=bodies).routes()

    def _settings_part(self, limits: ServerLimits | None) -> Part:
        """Settings that a program gave."""
        self.desk = program_desk(clock=self.clock, records=self.records, rules=self.rules)
        return SettingsRoutes(desk=self.desk, bodies=JsonBodies(BodyReader(limits or ServerLimits()))).routes()

    def close(self) -> None:
        """Let go of the socket of a stand that was never started."""
        self._socket.close()


@asynccontextmanager
async def running(stand: Stand) -> AsyncIterator[Stand]:
    """The stand, served until the block is left."""
    await stand.server.start()
    try:
        yield stand
    finally:
        await stand.server.stop()
