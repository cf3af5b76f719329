"""Timelines on a virtual clock against real local HTTP and SMTP servers: from the push to what a receiver hears."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace as with_changes
from datetime import UTC, date, datetime, time
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest

from bongsu.alerts.policy import Plan, Policy, Rota, Step
from bongsu.notify.notifier import Notifier
from bongsu.settings.model import Settings
from tests.fakes.alarms import Stand
from tests.fakes.clock import VirtualClock
from tests.integration.receivers import Authority, Receiver, Reply, Request, mail_server, receiving

MONDAY_9_SEOUL = int(datetime(2026, 11, 23, 0, 0, tzinfo=UTC).timestamp() * 1000)


class Way:
    """The alert service, the notifier, and when (virtual seconds) each receiver heard what."""

    def __init__(self, clock: VirtualClock) -> None:
        self.clock = clock
        self.heard: list[tuple[float, str, str]] = []

    def listen(self, name: str, receiver: Receiver) -> None:
        """Note when something arrives."""

        def answer(request: Request) -> Reply:
            kind = request.json.get("kind") or request.json.get("text", "")
            self.heard.append((round(self.clock.monotonic(), 1), name, str(kind)))
            return Reply()

        receiver.answer = answer


@asynccontextmanager
async def running(
    clock: VirtualClock, plan: Plan, settings: Settings, *, stand: Stand | None = None
) -> AsyncIterator[Stand]:
    """The service and the notifier over the same records; with `stand` over those of a former one."""
    made = Stand(clock, plan, records=stand.records if stand else None)
    notifier = await Notifier.open(settings, outbox=made.records, clock=clock)
    made.wakes = notifier.wake
    await made.start()
    await notifier.start()
    try:
        yield made
    finally:
        await made.stop()
        await notifier.stop()


async def passes(stand: Stand, until: float, *, step: float = 0.5) -> None:
    """Virtual time in small steps; in between real sockets get their turn until what is due has been sent."""
    clock = stand.clock
    while clock.monotonic() < until:
        await clock.advance(min(step, until - clock.monotonic()))
        await asyncio.sleep(0.005)
        async with asyncio.timeout(10):
            while await stand.records.due(clock.now()):  # noqa: ASYNC110 (a database tells nobody)
                await asyncio.sleep(0.001)
    await asyncio.sleep(0.05)


def settings_of(**notifications: Any) -> Settings:
    return Settings.model_validate({"notifications": notifications})


@pytest.mark.guide("G013")
@pytest.mark.guide("G036")
async def test_a_push_reaches_slack_telegram_and_mail(tmp_path: Path) -> None:
    """Pushed at 2 s, it is heard on all three between 2 and 3 s (the guide: within five), its end at 30 s likewise."""
    clock = VirtualClock(MONDAY_9_SEOUL)
    way, authority = Way(clock), Authority(tmp_path)
    async with AsyncExitStack() as stack:
        slack, telegram = [await stack.enter_async_context(receiving()) for _ in range(2)]
        mailbox = await stack.enter_async_context(mail_server(authority.server("localhost"), password="p$w"))
        way.listen("slack", slack)
        telegram.answer = lambda _: Reply(body=b'{"ok": true, "result": {"message_id": 7}}')
        settings = settings_of(
            slack={"webhook_url": slack.url},
            telegram={
                "bot_token": "123456789:AbCdEfGhIjKlMnOpQrStUvWxYz012345678",
                "chat_id": "42",
                "api_url": telegram.url,
                "buttons": False,
            },
            email={
                "smtp_server": "localhost",
                "smtp_port": mailbox.port,
                "username": "ops@example.kr",
                "password": "p$w",
                "to": ["kim@example.kr"],
            },
            ca_file=str(authority.file),
        )
        plan = Plan(channels=("slack", "telegram", "email"))
        async with running(clock, plan, settings) as stand:
            await passes(stand, 2)
            await stand.push("CPU 사용률이 높습니다.", metric="cpu_usage", value=85.5, threshold=80.0)
            await passes(stand, 3)
            await slack.wait_for(1)
            await telegram.wait_for(1)
            async with asyncio.timeout(10):
                while not mailbox.got:  # noqa: ASYNC110 (the server's own list)
                    await asyncio.sleep(0.01)
            assert 2 <= way.heard[0][0] <= 3
            await passes(stand, 30)
            await stand.push(metric="cpu_usage", resolved=True)
            await passes(stand, 31)
            await slack.wait_for(2)
        assert len(slack.got) == 2
        body = slack.got[0].json
        assert "WARNING" in body["text"]
        assert "85.5" in telegram.got[0].body.decode()
        mail = message_from_bytes(mailbox.got[0].original_content or b"", policy=default)
        assert "CPU 사용률이 높습니다." in str(mail["subject"])


async def test_grouping_silence_and_flapping_as_heard() -> None:
    """Four hosts are one request; what is silenced none; what flaps at most one beginning more; its end one."""
    clock = VirtualClock(MONDAY_9_SEOUL)
    way = Way(clock)
    async with receiving() as hook:
        way.listen("ops", hook)
        settings = settings_of(webhooks=[{"name": "ops", "url": hook.url}])
        async with running(clock, Plan(channels=("webhook:ops",)), settings) as stand:
            for host in "abcd":
                await stand.signal(labels={"host": host})
            await passes(stand, 1)
            await hook.wait_for(1)
            assert [alert["labels"]["host"] for alert in hook.got[0].json["alerts"]] == list("abcd")
            for turn in range(30):
                await stand.signal(rule="door", metric="door", message="door")
                await passes(stand, 10 + turn * 10 + 5, step=5)
                await stand.signal("clear", rule="door", metric="door")
                await passes(stand, 10 + turn * 10 + 10, step=5)
            await passes(stand, 700, step=5)
        doors = [request.json["kind"] for request in hook.got if request.json["alerts"][0]["rule"] == "door"]
        assert len(doors) <= 6
        assert doors[-1] == "resolved"


@pytest.mark.guide("G016")
async def test_escalation_over_a_rota_change_and_a_restart() -> None:
    """At once the team, after ten minutes who is on call, a restart between; who takes over hears it at handover."""
    clock = VirtualClock(MONDAY_9_SEOUL)
    way = Way(clock)
    async with AsyncExitStack() as stack:
        names = ("team", "kim", "lee")
        hooks = {name: await stack.enter_async_context(receiving()) for name in names}
        for name, hook in hooks.items():
            way.listen(name, hook)
        settings = settings_of(webhooks=[{"name": name, "url": hook.url} for name, hook in hooks.items()])
        rota = Rota(name="r", people=("kim", "lee"), starts=date(2026, 11, 16), handover=time(9, 20))
        plan = Plan(
            channels=tuple(f"webhook:{name}" for name in names),
            policies=(Policy(name="p", steps=(Step(channels=("webhook:team",)), Step(wait=600_000, rotas=("r",)))),),
            people={name: (f"webhook:{name}",) for name in names},
            rotas={"r": rota},
        )
        async with running(clock, plan, settings) as first:
            await first.signal(severity="critical")
            await passes(first, 5)
        async with running(clock, plan, settings, stand=first) as second:
            await passes(second, 1_300, step=5)
            assert way.heard == [(0.5, "team", "fired"), (600.0, "kim", "escalated"), (1_200.0, "lee", "escalated")]
            await second.signal("clear")
            await passes(second, 1_301)
            for hook in hooks.values():
                await hook.wait_for(2)
        assert sorted(name for _, name, kind in way.heard if kind == "resolved") == sorted(names)


async def test_inhibition_and_repeats_as_heard() -> None:
    """A host and its three services are one request; an hour later the host's repetition is one more; then its end."""
    clock = VirtualClock(MONDAY_9_SEOUL)
    way = Way(clock)
    async with receiving() as hook:
        way.listen("ops", hook)
        settings = settings_of(webhooks=[{"name": "ops", "url": hook.url}])
        plan = with_changes(Plan(channels=("webhook:ops",)), repeat=3_600_000)
        async with running(clock, plan, settings) as stand:
            await stand.signal(rule="up", metric="host_up", labels={"host": "a"}, severity="critical")
            for service in ("db", "web", "mail"):
                await stand.signal(rule="svc", metric="service_up", labels={"host": "a", "service": service})
            await passes(stand, 3_700, step=60)
            await stand.signal("clear", rule="svc", metric="service_up", labels={"host": "a", "service": "db"})
            for service in ("db", "web", "mail"):
                await stand.signal("clear", rule="svc", metric="service_up", labels={"host": "a", "service": service})
            await stand.signal("clear", rule="up", metric="host_up", labels={"host": "a"})
            await passes(stand, 3_702)
            await hook.wait_for(3)
        assert [request.json["kind"] for request in hook.got] == ["fired", "repeated", "resolved"]
        assert {alert["metric"] for request in hook.got for alert in request.json["alerts"]} == {"host_up"}
