"""The alerts page in a real browser: what fires, what people do about it, rules, silences, channels."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from importlib.resources import files
from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from tests.browser.alerts_stage import channel, furnish, rule
from tests.browser.furnished import violations
from tests.browser.rest import Ask
from tests.browser.stage import Alerts, Feed, alert, fits, machine, until
from tests.browser.test_board import now

Open = Callable[..., Page]

PAYLOAD = "<img src=x onerror=document.title='owned'>\"'&{{7*7}}"
TABS = {
    "": "[data-alert=a1]",
    "&alert=a1": ".detail .log li",
    "&alert=a9": ".past .head",
    "&tab=history": "[data-alert=a9]",
    "&tab=rules": "[data-rule=memory]",
    "&tab=rules&rule=memory": "#preview li",
    "&tab=silences": "[data-silence=s1]",
    "&tab=channels": "[data-notice=n1]",
}


@pytest.fixture
def open_alerts(board: Open, feed: Feed, alerts: Alerts) -> Open:
    """Opens the alerts page of a furnished server: `open_alerts("&tab=rules", lang="en")`."""

    def start(query: str = "", *, text: str = "", lang: str = "ko", furnished: bool = True, **options: object) -> Page:
        if furnished:
            furnish(alerts, text)
        page = board(f"?page=alerts&lang={lang}{query}", **options)
        feed.tell(machine(), now(), kind="snapshot")
        return page

    return start


def _forgive(faults: list[str], status: str) -> None:
    """The browser's own word on an answer that the test made."""
    assert all(status in fault for fault in faults), faults
    faults.clear()


@pytest.mark.guide("G030")
def test_what_fires_stands_worst_first_with_all_that_matters(open_alerts: Open, feed: Feed) -> None:
    """Shape, word, value against threshold, since when, who has it; what is muted stands last and quietly; live."""
    page = open_alerts()
    rows = page.locator(".alerts .al")
    expect(rows).to_have_count(4)
    assert [row.get_attribute("data-alert") for row in rows.all()] == ["a1", "a2", "a3", "a4"]
    expect(page.locator("h1")).to_have_text("2건 확인 필요")
    expect(rows.nth(0)).to_contain_text(re.compile("위험.*first plain.*97.*기준 85.*1분째", re.S))
    expect(rows.nth(0).locator("[data-sign=crit]")).to_be_visible()
    expect(rows.nth(2)).to_contain_text("plain 확인함")
    expect(rows.nth(3)).to_have_class(re.compile("calm"))
    feed.alert(alert(5, severity="critical", message="just now", fired_at=now()))
    expect(rows.nth(0)).to_contain_text("first plain")  # as bad, but longer
    expect(rows.nth(1)).to_contain_text("just now")
    feed.alert(alert(1, phase="resolved"), "resolved")
    expect(page.locator(".alerts [data-alert=a1]")).to_have_count(0)
    expect(rows).to_have_count(4)


def test_without_a_connection_the_list_is_not_called_live(open_alerts: Open, feed: Feed) -> None:
    """The sentence says that the connection is lost, and the list of when it is; both pass when it is back."""
    page = open_alerts()
    expect(page.locator("#firing .sub")).to_contain_text("확인 필요 2")
    feed.greet = False
    feed.sockets[-1].close()
    expect(page.locator("h1")).to_have_text("다시 연결하고 있습니다")
    expect(page.locator("#firing .sub")).to_contain_text("마지막 값")
    expect(page.locator(".alerts .al")).to_have_count(4)
    feed.greet = True
    feed.sockets[-1].close()
    expect(page.locator("#firing .sub")).to_contain_text("확인 필요 2")


def test_texts_from_outside_stay_texts(open_alerts: Open, board: Open, feed: Feed, alerts: Alerts) -> None:
    """A message, label, note, name, reason or error that looks like markup is shown as it is, on every part."""
    page = open_alerts(text=PAYLOAD)
    for query, there in TABS.items():
        page.evaluate("(q) => history.pushState(null, '', q)", f"?page=alerts{query}")
        page.evaluate("dispatchEvent(new PopStateEvent('popstate'))")
        page.wait_for_selector(there)
        if "rule=memory" not in query:
            expect(page.locator("main"), query).to_contain_text(PAYLOAD, use_inner_text=True)
        assert page.locator("img, script[src=x]").count() == 0, query
    assert "owned" not in page.title()
    furnish(alerts, PAYLOAD)
    overview = board()
    feed.tell(machine(), now(), kind="snapshot")
    expect(overview.locator("#alerts")).to_contain_text(PAYLOAD)
    assert overview.locator("img").count() == 0


def test_somebody_takes_an_alert_and_gives_it_back(open_alerts: Open, alerts: Alerts, faults: list[str]) -> None:
    """`a` asks for note, limit and name; the answer shows at once; the name is remembered; a refusal is told."""
    page = open_alerts()
    had = alert(1, phase="acknowledged", acknowledged_by="수진", severity="critical", message="first plain")
    alerts.answers["POST", "alerts/a1/acknowledge"] = (409, {"detail": "it is over", "hint": "look again"})
    page.wait_for_selector("[data-alert=a1]")
    page.keyboard.press("a")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("메모").fill("보는 중")
    dialog.get_by_label("이름").fill("수진")
    dialog.get_by_label("확인 유지 시간").select_option("1h")
    dialog.get_by_role("button", name="확인").click()
    expect(dialog.get_by_role("alert")).to_have_text("it is over. look again")
    _forgive(faults, "409")
    alerts.answers["POST", "alerts/a1/acknowledge"] = {"alert": had}
    dialog.get_by_role("button", name="확인").click()
    expect(dialog).to_have_count(0)
    assert alerts.commands[-1] == ("POST", "alerts/a1/acknowledge", {"by": "수진", "note": "보는 중", "for": "1h"})
    row = page.locator("[data-alert=a1]").first
    expect(row).to_contain_text("수진 확인함")
    alerts.answers["POST", "alerts/a1/unacknowledge"] = {"alert": alert(1, severity="critical")}
    row.get_by_role("button", name="확인 취소").click()
    expect(row).not_to_contain_text("수진 확인함")
    assert alerts.commands[-1][2]["by"] == "수진"


def test_an_alert_is_kept_quiet_with_a_reason_and_an_end(open_alerts: Open, alerts: Alerts) -> None:
    """From an alert its matchers are filled in; without a reason nothing is sent; the end may be a set time."""
    page = open_alerts()
    alerts.answers["POST", "silences"] = (201, {"silence": {}})
    page.locator("[data-alert=a2]").first.get_by_role("button", name="무음").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("대상")).to_have_value("metric=orders_open, market=m2")
    dialog.get_by_role("button", name="무음 설정").click()
    expect(dialog.get_by_text("사유를 적어 주세요")).to_be_visible()
    assert alerts.commands == []
    dialog.get_by_label("사유").fill("배포")
    dialog.get_by_label("기간").select_option("until")
    dialog.get_by_label("끝", exact=True).fill("2030-01-02T09:00")
    dialog.get_by_role("button", name="무음 설정").click()
    expect(dialog).to_have_count(0)
    sent = alerts.commands[-1][2]
    assert sent["matchers"] == {"metric": "orders_open", "market": "m2"}
    assert (sent["reason"], sent["ends_at"]) == ("배포", 1_893_542_400_000)  # 09:00 in Seoul


def test_history_is_searched_and_saved(open_alerts: Open, alerts: Alerts) -> None:
    """`/` leads to the search from anywhere; what is typed is asked of the server and stands in the address; CSV."""
    page = open_alerts()
    page.wait_for_selector("[data-alert=a1]")
    page.keyboard.press("/")
    expect(page).to_have_url(re.compile("tab=history"))
    page.wait_for_selector("[data-alert=a9]")
    page.keyboard.press("/")
    page.keyboard.type("over")
    expect(page).to_have_url(re.compile("text=over"))
    until(page, lambda: any("text=over" in asked for asked in alerts.asked))
    with page.expect_download() as saved:
        page.get_by_role("button", name="CSV 저장").click()
    text = saved.value.path().read_text(encoding="utf-8-sig")
    assert text.startswith("fired,resolved,severity")
    assert "over plain" in text


def test_a_rule_is_tried_before_it_is_saved(open_alerts: Open, alerts: Alerts, faults: list[str]) -> None:
    """The form reads itself back, shows the newest values and the past; faults stand beside their fields."""
    page = open_alerts("&tab=rules&rule=new")
    form = page.locator("form.rule")
    expect(page.locator("#preview .sub")).to_contain_text("메트릭과 기준값을 적으면")
    form.get_by_role("button", name="저장").click()
    expect(form.locator("[data-field=metric] .err")).to_have_text("메트릭을 골라 주세요.")
    form.get_by_label("메트릭").fill("memory_usage")
    form.get_by_label(re.compile("^기준값")).fill("85")
    expect(form.locator(".reads")).to_have_text("메모리 사용률 > 85%, 1분 지속이면 주의 알림")
    expect(page.locator("#preview .sub")).to_have_text("시계열 2개 중 1개가 조건에 맞음")
    page.locator("#backtest").get_by_role("button", name="시험", exact=True).click()
    expect(page.locator("#backtest .sub")).to_contain_text("2번, 모두 1시간 28분 · 메시지 3건")
    until(page, "Boolean(Chart.getChart(document.querySelector('#backtest canvas')))")
    wrong = [{"path": "window", "reason": "must be 1s to 31d"}, {"path": "labels.core", "reason": "must be text"}]
    alerts.answers["POST", "rules"] = (422, {"detail": "window: wrong", "faults": wrong})
    form.get_by_role("button", name="저장").click()
    expect(form.locator("[data-field=window] .err")).to_have_text("window: must be 1s to 31d")
    expect(form.locator("[data-field=labels] .err")).to_have_text("labels.core: must be text")
    expect(form.get_by_label("라벨", exact=True)).to_be_visible()
    _forgive(faults, "422")
    alerts.answers["POST", "rules"] = (201, {"rule": rule()})
    form.get_by_role("button", name="저장").click()
    expect(page).to_have_url(re.compile("rule=memory"))
    saved = [body for method, path, body in alerts.commands if (method, path) == ("POST", "rules")]
    assert saved[-1]["value"] in (85, 85.0)  # its preview may be asked for again since


def test_rules_are_switched_off_and_rolled_back(open_alerts: Open, alerts: Alerts) -> None:
    """A switch sends the whole rule; an older version is one button away, with what was changed."""
    page = open_alerts("&tab=rules")
    alerts.answers["PUT", "rules/memory"] = {"rule": rule(enabled=False)}
    page.get_by_role("switch", name="plain 사용").click()
    until(page, lambda: any(method == "PUT" for method, _, _ in alerts.commands))
    until(page, "document.querySelector('[role=switch]').disabled === false")
    _, path, body = next(one for one in alerts.commands if one[0] == "PUT")
    assert (path, body["enabled"], body["metric"], "source" in body) == ("rules/memory", False, "memory_usage", False)
    page.get_by_role("link", name="plain").click()
    expect(page.locator("#versions")).to_contain_text("value: 80 → 85")
    alerts.answers["POST", "rules/memory/rollback"] = {"rule": rule(value=80)}
    page.locator("#versions").get_by_role("button", name="되돌리기").click()
    page.get_by_role("dialog").get_by_role("button", name="되돌리기").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert any(path == "rules/memory/rollback" and body["number"] == 1 for _, path, body in alerts.commands)


def test_channels_are_tested_and_dead_messages_sent_again(open_alerts: Open, alerts: Alerts) -> None:
    """The failing channel stands first; a test says what came of it; a message that was given up goes out again."""
    page = open_alerts("&tab=channels")
    expect(page.locator("[data-channel]").first).to_contain_text(re.compile("전송 실패.*telegram", re.S))
    alerts.answers["POST", "channels/slack/test"] = {"ok": True, "receipt": "1764.12"}
    alerts.answers["POST", "channels/telegram/test"] = {"ok": False, "error": "401 Unauthorized"}
    page.locator("[data-channel=slack]").get_by_role("button").click()
    expect(page.locator("[data-channel=slack] .tried")).to_have_text("보냈습니다. 1764.12")
    page.locator("[data-channel=telegram]").get_by_role("button").click()
    expect(page.locator("[data-channel=telegram] .tried")).to_have_text("401 Unauthorized")
    alerts.answers["POST", "notifications/n1/resend"] = {"ok": True}
    page.locator("[data-notice=n1]").first.get_by_role("button", name="다시 보내기").click()
    until(page, lambda: ("POST", "notifications/n1/resend", {}) in alerts.commands)


def test_a_press_on_a_row_is_not_lost_while_the_rows_change(open_alerts: Open, feed: Feed, alerts: Alerts) -> None:
    """Rules, channels, timeline, history: what is pressed or has the focus when an alert fires is there after it."""

    def press(there: str) -> None:
        """The alert that fires meanwhile must be seen on the row's part of the page before the finger lifts."""
        page.locator(there).first.hover()
        page.mouse.down()

    def tell(number: int) -> None:
        told = alert(number, severity="critical", message=f"fired {number}", fired_at=now())
        everything = alerts.answers["GET", "alerts?state=all"]["alerts"]
        alerts.answers["GET", "alerts?state=all"] = {"at": now(), "alerts": [*everything, told]}
        feed.alert(told)

    alerts.answers["PUT", "rules/memory"] = {"rule": rule(enabled=False)}
    alerts.answers["POST", "channels/slack/test"] = {"ok": True, "receipt": ""}
    page = open_alerts("&tab=rules")
    press("[data-rule=memory] [role=switch]")
    tell(5)
    expect(page.locator("[data-rule=memory] .firing")).to_have_text("5건 발생")
    page.mouse.up()
    until(page, lambda: any(method == "PUT" for method, _, _ in alerts.commands))

    alerts.answers["GET", "channels"] = {"channels": [channel("slack", last_sent_at=now() - 10_000)]}
    page = open_alerts("&tab=channels", furnished=False)
    slack = page.locator("[data-channel=slack]")
    press("[data-channel=slack] button")
    before = slack.inner_text()
    expect(slack).not_to_have_text(before, use_inner_text=True)  # the age of its last message ticks
    page.mouse.up()
    until(page, lambda: ("POST", "channels/slack/test", {}) in alerts.commands)

    for query, row in (("", "#timeline [data-trouble=a9]"), ("&tab=history", "#history [data-alert=a9]")):
        page = open_alerts(query)
        until(page, "document.querySelector('[data-unsettled]') === null")
        page.locator(f"{row} a").focus()  # what fires stands above, so that a finger would find another row there
        tell(6)
        expect(page.locator(row.split()[0])).to_contain_text("fired 6")
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile("alert=a9"))


def test_rules_are_named_in_the_readers_language(open_alerts: Open, alerts: Alerts) -> None:
    """Names that are Bongsu's own are known in both languages: in the list, its search, its switch, and the form."""
    names = {"ko": "메모리 사용률", "en": "Memory use"}
    named = rule(name=names["ko"], names=names)
    for lang, name in (("en", names["en"]), ("ko", names["ko"])):
        page = open_alerts("&tab=rules", lang=lang)
        alerts.answers["GET", "rules"] = {"rules": [named, rule(id="mine", name="밀린 주문", names={})]}
        alerts.answers["GET", "rules/memory"] = {"rule": named}
        alerts.answers["PUT", "rules/memory"] = {"rule": named}
        page.reload()
        page.get_by_role("switch", name=name).click()
        until(page, lambda: any(method == "PUT" and "names" not in body for method, _, body in alerts.commands))
        page.get_by_role("searchbox").fill(name)
        expect(page.locator("[data-rule]")).to_have_count(1)
        page.get_by_role("link", name=name).click()
        expect(page.locator("[data-field=name] input")).to_have_value(name)


def test_where_nothing_is_set_up_the_page_says_what_to_do(open_alerts: Open, alerts: Alerts) -> None:
    """Each empty part has words and a next step; nothing is a bare table."""
    alerts.answers |= {
        ("GET", "rules"): {"rules": []},
        ("GET", "silences"): {"silences": []},
        ("GET", "channels"): {"channels": []},
        ("GET", "notifications"): {"notifications": []},
    }
    page = open_alerts(furnished=False)
    expect(page.locator("h1")).to_have_text("울리는 알림 없음")
    expect(page.locator("#firing .empty")).to_contain_text("지금 울리는 알림이 없습니다")
    for tab, panel, words in (
        ("규칙", "#rules", "규칙 만들기"),
        ("무음", "#silences", "점검이나 배포"),
        ("채널", "#channels", "SLACK_WEBHOOK_URL"),
    ):
        page.get_by_role("link", name=tab, exact=True).click()
        expect(page.locator(f"{panel} .empty")).to_contain_text(words)


def test_a_part_that_fails_says_so_and_can_be_tried_again(open_alerts: Open, alerts: Alerts, faults: list[str]) -> None:
    """A server error shows its trace id and a button; then the list is there."""
    alerts.answers["GET", "channels"] = (503, {"detail": "starting", "trace_id": "abc123"})
    alerts.answers["GET", "notifications"] = {"notifications": []}
    page = open_alerts("&tab=channels", furnished=False)
    expect(page.locator("#channels .note")).to_contain_text("abc123")
    alerts.answers["GET", "channels"] = {"channels": [channel("slack")]}
    page.locator("#channels").get_by_role("button", name="지금 다시").click()
    expect(page.locator("[data-channel=slack]")).to_be_visible()
    _forgive(faults, "503")


def test_alerts_are_marked_on_the_chart_of_their_metric(board: Open, feed: Feed, alerts: Alerts) -> None:
    """An alert of a metric is a band with a marker on that metric's chart, and on no other."""
    alerts.open = [alert(2, severity="critical", metric="cpu_usage", labels={})]
    page = board("?page=system", color_scheme="light")
    feed.tell(machine(), now(), kind="snapshot")
    count = """(panel) => { const c = document.querySelector(`#${panel} canvas`);
        const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data; let n = 0;
        for (let i = 0; i < d.length; i += 4) if (d[i] === 180 && d[i + 1] === 35 && d[i + 2] === 24) n += 1;
        return n; }"""
    until(page, f"Boolean(Chart.getChart(document.querySelector('#memory canvas'))) && ({count})('cpu') > 60")
    assert page.evaluate(count, "memory") == 0


@pytest.mark.parametrize(("language", "themes"), [("ko", ("light", "dark")), ("en", ("dark", "light"))])
def test_every_part_is_accessible_and_fits(
    open_alerts: Open, feed: Feed, language: str, themes: tuple[Literal["light", "dark"], Literal["light", "dark"]]
) -> None:
    """axe finds nothing at A or AA, nothing scrolls sideways at any width, and English has no word of Korean."""
    still = {"bypass_csp": True, "reduced_motion": "reduce"}  # no colour is half-way to the other theme
    text = "a long text without any end " * 4
    page = open_alerts(text=text, lang=language, color_scheme=themes[0], **still)
    page.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8"))
    for theme in themes:
        page.emulate_media(color_scheme=theme)
        for query, there in TABS.items():
            if theme == themes[0] or query in ("&alert=a1", "&tab=rules&rule=memory", "&tab=channels"):
                _judge(page, f"?page=alerts&lang={language}{query}", there, language=language, theme=theme)


def _judge(page: Page, query: str, there: str, *, language: str, theme: str) -> None:
    page.evaluate("(q) => history.pushState(null, '', q)", query)
    page.evaluate("dispatchEvent(new PopStateEvent('popstate'))")
    page.wait_for_selector(there)
    page.wait_for_timeout(60)
    if "rule=" in query:
        page.locator("form.rule summary").click()
    found = violations(page)
    assert found == "", f"{query} {theme} {found}"
    if language == "en":
        words = page.locator("body").inner_text().replace("한", "")
        assert not re.search("[가-힣]", words), f"{query} {words}"
    for width in (390, 768, 1280, 1920):
        fits(page, width)
        until(page, f"({OUTSIDE})().length === 0")
    if theme == "light" and language == "ko":
        page.set_viewport_size({"width": 390, "height": 844})
        until(page, f"({SMALL})().length === 0")


OUTSIDE = """() => [...document.querySelectorAll('body *')]
  .filter((e) => !e.closest('.sheet, code, .tip, [hidden], .hide, svg, .skip, select, datalist, .nav'))
  .filter((e) => e.getBoundingClientRect().width > 0 && e.getBoundingClientRect().right > innerWidth + 1)
  .map((e) => e.className || e.tagName)"""

SMALL = """() => [...document.querySelectorAll('button, .seg a, select, .inp, .nav a, summary')]
  .map((e) => [e, e.getBoundingClientRect()])
  .filter(([e, { width, height }]) => width > 0 && height < (e.closest('.seg') ? 40 : e.matches('.name') ? 32 : 44))
  .map(([e]) => e.outerHTML.slice(0, 90))"""


def test_the_past_is_asked_for_once_and_not_with_every_drawing(open_alerts: Open, feed: Feed, alerts: Alerts) -> None:
    """The timeline's alerts of a day come once a minute, however often the page draws."""
    page = open_alerts()
    page.wait_for_selector(".tline li")
    for tick in range(10):
        feed.tell(machine(cpu=20.0 + tick), now())
        page.wait_for_timeout(150)
    assert len([asked for asked in alerts.asked if "state=all" in asked]) == 1


def test_nothing_jumps_while_the_page_fills(open_alerts: Open, alerts: Alerts) -> None:
    """Alerts and timeline come late and push nothing around."""

    def late(ask: Ask) -> None:
        time.sleep(0.15)  # the server's time, not the test's: the page stands before the answers come
        alerts.answer(ask)

    page = open_alerts(answers=lambda rest: rest.route("alerts[?]", late), own=True)
    page.wait_for_selector("[data-alert=a1]")
    page.wait_for_selector(".tline li")
    page.wait_for_timeout(200)
    shift = page.evaluate(
        """() => new Promise((done) => { let sum = 0;
             new PerformanceObserver((list) => { for (const e of list.getEntries()) sum += e.value; })
               .observe({ type: 'layout-shift', buffered: true }); setTimeout(() => done(sum), 200); })"""
    )
    assert shift < 0.1
