"""The settings page in a real browser: forms, what a change would do, secrets, documents, history, troubles."""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib.resources import files
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.furnished import violations
from tests.browser.settings_stage import CPU, PAYLOAD, Desk, difference, view
from tests.browser.stage import fits, until

Open = Callable[..., Page]
AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
STANDS = ".srow, #set-lists, .sversions li"
ROW = "[data-path='{}'] .inp"


@pytest.fixture
def desk() -> Desk:
    """The server's settings."""
    return Desk()


@pytest.fixture
def open_settings(board: Open, desk: Desk) -> Open:
    """Opens the page: `open_settings("&tab=system", lang="en")`."""

    def start(
        query: str = "", *, lang: str = "ko", wait: str = ".srow, #set-lists, .sversions li", **more: Any
    ) -> Page:
        return board(f"?page=settings&lang={lang}{query}", answers=desk.open, wait=wait, **more)

    return start


def row(page: Page, path: str) -> Any:
    """The control of a setting."""
    return page.locator(ROW.format(path))


def sent(desk: Desk, method: str) -> list[Any]:
    """The bodies of commands of a method, but for previews."""
    return [body for verb, path, body in desk.sent if verb == method and path != "preview"]


@pytest.mark.guide("G031")
def test_a_change_is_tried_before_it_is_made(open_settings: Open, desk: Desk) -> None:
    """Difference, effect and moment are shown; it is saved with a note on top of the version that was read."""
    desk.preview |= {
        "diff": [difference(CPU, 80.0, 5.0), difference("server.live_port", 8765, 9000, "restart")],
        "effects": [{"kind": "backtest", "path": CPU, "text": "CPU 사용률: 14회 발생", "before": 3, "after": 14}],
    }
    page = open_settings("&tab=thresholds")
    expect(page.locator("#draft .sub")).to_contain_text("미리 볼 수 있습니다")
    row(page, CPU).fill("5")
    expect(page.locator("#draft .effects")).to_contain_text("14회 발생")
    expect(page.locator("#draft dt").first).to_have_text(CPU)
    expect(page.locator("#draft dd").first).to_have_text("80→5")
    expect(page.locator("#draft .sub")).to_have_text("1개는 다음 시작부터 적용됩니다")
    page.get_by_label("메모", exact=True).fill("조용하게")
    page.get_by_role("button", name="저장", exact=True).click()
    expect(page.locator("#draft [role=status]")).to_contain_text("저장했습니다")
    assert sent(desk, "PUT") == [{"changes": {CPU: 5}, "reset": [], "version": 3, "note": "조용하게"}]
    expect(page.locator(f"[data-path='{CPU}'] .from")).to_contain_text("화면에서 설정")
    expect(page.locator(".shero .calmly")).to_have_text("화면에서 바꾼 설정: 버전 4")


def test_a_draft_goes_on_over_the_parts_of_the_page(open_settings: Open, desk: Desk) -> None:
    """What was changed on one part is still there after another; it is sent together, and can be taken back."""
    page = open_settings("&tab=thresholds")
    row(page, CPU).fill("5")
    page.locator("[data-tab=system]").click()
    expect(page).to_have_url(re.compile("tab=system"))
    row(page, "storage.retention.raw").fill("12h")
    page.locator("[data-tab=thresholds]").click()
    expect(row(page, CPU)).to_have_value("5")
    page.locator(f"[data-path='{CPU}'] .txt").click()
    expect(row(page, CPU)).to_have_value("80")
    until(page, lambda: desk.sent and desk.sent[-1][2]["changes"] == {"storage.retention.raw": "12h"})
    page.get_by_role("button", name="모두 취소").click()
    expect(page.locator("#draft form")).to_be_hidden()


def test_where_a_value_comes_from_is_told_and_what_is_fixed_cannot_be_typed(open_settings: Open) -> None:
    """Default, file, screen, environment, flag; what lies above the screen or is barred is disabled and says why."""
    page = open_settings("&tab=system", lang="en")
    expect(page.locator("[data-path='server.port'] .from > span")).to_have_text("Fixed by --port")
    expect(row(page, "server.port")).to_be_disabled()
    expect(page.locator("[data-path='storage.data_dir'] .from > span")).to_have_text("Only in the settings file")
    expect(row(page, "storage.data_dir")).to_be_disabled()
    expect(page.locator("[data-path='limits.series'] .from > span")).to_have_text("Default")
    expect(row(page, "limits.series")).to_have_value("200,000")
    page.locator("[data-tab=notifications]").click()
    expect(page.locator("[data-path='notifications.email.to'] .from > span")).to_have_text("Fixed by EMAIL_TO")
    expect(page.locator("[data-path='notifications.webhooks'] .from > span")).to_have_text(
        "config/monitoring_config.json"
    )


def test_what_the_screen_set_is_given_back(open_settings: Open, desk: Desk) -> None:
    """One click resets a setting to what file or default say, as a change like any other."""
    page = open_settings()
    page.locator("[data-path='monitoring.timezone'] .txt").click()
    expect(page.locator("[data-path='monitoring.timezone'] .from")).to_contain_text("파일 또는 기본값으로")
    until(page, lambda: desk.sent)
    assert desk.sent[-1][2] == {"changes": {}, "reset": ["monitoring.timezone"]}


@pytest.mark.guide("G059")
def test_secrets_are_only_ever_written(open_settings: Open, desk: Desk) -> None:
    """A secret's field is empty and says that there is one; emptied again nothing changes; typed it is sent."""
    page = open_settings("&tab=notifications")
    token = row(page, "notifications.telegram.bot_token")
    expect(token).to_have_attribute("type", "password")
    expect(token).to_have_attribute("placeholder", "입력하면 암호화해 저장")
    expect(row(page, "notifications.webhooks")).to_have_value(re.compile(r'"url": "\*\*\*"'))
    token.fill("1:abc")
    until(page, lambda: desk.sent)
    assert desk.sent[-1][2]["changes"] == {"notifications.telegram.bot_token": "1:abc"}
    assert "1:abc" not in page.locator("main").inner_text()


def test_faults_stand_at_their_settings(open_settings: Open, desk: Desk) -> None:
    """Beside the field and in the draft; nothing can be saved until it is right."""
    told = {"path": CPU, "message": PAYLOAD, "hint": ""}
    desk.preview |= {"faults": [told]}
    page = open_settings("&tab=thresholds")
    row(page, CPU).fill("700")
    expect(page.locator(f"[data-path='{CPU}'] .err")).to_have_text(PAYLOAD)
    expect(row(page, CPU)).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#draft .sub")).to_have_text("고칠 값이 1개 있습니다")
    expect(page.get_by_role("button", name="저장", exact=True)).to_be_disabled()
    expect(page.locator("main img")).to_have_count(0)


def test_who_was_slower_is_told_and_goes_on_top(open_settings: Open, desk: Desk, faults: list[str]) -> None:
    """Somebody else saved: the answer says so, the new values are there, and the draft can be laid over them."""
    desk.preview |= {"diff": [difference(CPU, 80.0, 5.0)]}
    page = open_settings("&tab=thresholds")
    row(page, CPU).fill("5")
    expect(page.get_by_role("button", name="저장", exact=True)).to_be_enabled()
    desk.view = view(version=4)
    desk.refusal = (409, {"title": "conflict", "status": 409, "detail": "lee 님이 버전 4를 저장했습니다", "hint": ""})
    page.get_by_role("button", name="저장", exact=True).click()
    expect(page.locator("#draft .stale")).to_contain_text("버전 4")
    expect(page.get_by_role("button", name="저장", exact=True)).to_be_disabled()
    desk.refusal = None
    page.get_by_role("button", name="새 설정 위에 이어서 변경").click()
    page.get_by_role("button", name="저장", exact=True).click()
    expect(page.locator("#draft [role=status]")).to_contain_text("저장했습니다")
    assert [body["version"] for body in sent(desk, "PUT")] == [3, 4]
    assert all("409" in fault for fault in faults)
    faults.clear()


def test_documents_are_edited_as_json(open_settings: Open, desk: Desk) -> None:
    """What is no JSON is said at once; what differs is sent by setting; faults have their paths."""
    page = open_settings("&tab=lists", lang="en")
    page.get_by_label("What is edited").first.select_option("checks")
    text = page.locator("#set-lists textarea")
    expect(text).to_have_value("[]")
    text.fill("[{")
    expect(page.locator(".wrongs")).to_contain_text("This is no JSON")
    desk.preview |= {"faults": [{"path": "checks[0].url", "message": "must be given", "hint": ""}]}
    text.fill('[{"name": "home"}]')
    expect(page.locator(".wrongs")).to_have_text("checks[0].url must be given")
    assert desk.sent[-1][2]["changes"] == {"checks": [{"name": "home"}]}
    page.get_by_role("button", name="Tidy up").click()
    expect(text).to_have_value('[\n  {\n    "name": "home"\n  }\n]')
    page.locator("#set-lists").get_by_role("button", name="Undo").click()
    expect(text).to_have_value("[]")


def test_history_and_the_way_back(open_settings: Open, desk: Desk) -> None:
    """Who changed what; an older version is set again after a question, with a note; the file is downloaded."""
    page = open_settings("&tab=history")
    rows = page.locator(".sversions li")
    expect(rows).to_have_count(4)
    expect(rows.first).to_contain_text("lee")
    expect(rows.first).to_contain_text(PAYLOAD)
    expect(page.locator("main img")).to_have_count(0)
    page.get_by_role("button", name="버전 1(으)로 되돌리기").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("메모", exact=True).fill("원래대로")
    dialog.get_by_role("button", name="되돌리기").click()
    expect(dialog).to_have_count(0)
    assert sent(desk, "POST") == [{"number": 1, "version": 3, "note": "원래대로"}]
    with page.expect_download() as got:
        page.get_by_role("button", name="파일로 내보내기").click()
    assert got.value.suggested_filename == "monitoring_config.json"


@pytest.mark.guide("G030")
def test_a_test_message_is_sent(open_settings: Open) -> None:
    """Beside each channel; what came of it stands there."""
    page = open_settings("&tab=notifications", wait=".schannels li")
    slack = page.locator("[data-channel=slack]")
    expect(slack).to_contain_text(PAYLOAD)
    page.get_by_role("button", name="webhook:ops 시험 발송").click()
    expect(page.locator("[data-channel='webhook:ops'] .said")).to_contain_text("r-77")


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ({"restart": ["server.live_port"]}, "설정 1개가 다음 시작을 기다립니다"),
        (
            {"faults": [{"path": "rules[0].window", "message": "기간이어야 합니다", "hint": "파일에서 고치세요"}]},
            "쓸 수 없는 값이 1개 있습니다",
        ),
        ({}, "모든 설정이 적용되어 있습니다"),
    ],
)
def test_how_the_settings_stand_is_said_first(
    open_settings: Open, desk: Desk, told: dict[str, Any], sentence: str
) -> None:
    """What waits and what can't be used is named before anything else."""
    desk.view = view(**told)
    page = open_settings()
    expect(page.locator("h1")).to_have_text(sentence)
    for one in told.get("faults", []):
        expect(page.locator(".sfaults")).to_contain_text(one["path"])


@pytest.mark.parametrize(("status", "words"), [(503, "설정을 읽지 못했습니다"), (403, "운영자와 관리자만")])
def test_what_cannot_be_read_is_said(
    open_settings: Open, desk: Desk, faults: list[str], status: int, words: str
) -> None:
    """An error with a way to try again; who may not look is told so. Then it stands."""
    desk.read = (status, {"title": "away", "status": status, "detail": "away", "trace_id": "t-1"})
    page = open_settings(wait="#set-blank .note")
    expect(page.locator("#set-blank")).to_contain_text(words)
    desk.read = None
    page.get_by_role("button", name="지금 다시").click()
    expect(page.locator(".srow").first).to_be_visible()
    assert all(str(status) in fault for fault in faults)
    faults.clear()


def test_operators_look_and_do_not_touch(open_settings: Open, desk: Desk) -> None:
    """Fields are disabled, and it is said why."""
    desk.view = view(writable=False)
    page = open_settings()
    expect(row(page, "monitoring.timezone")).to_be_disabled()
    expect(page.locator("main")).to_contain_text("관리자만 설정을 바꿀 수 있습니다")


@pytest.mark.guide("G063", "G107")
@pytest.mark.parametrize(("lang", "theme"), [("ko", "light"), ("en", "dark")])
def test_every_part_fits_and_anybody_can_use_it(open_settings: Open, desk: Desk, lang: str, theme: str) -> None:
    """390 px and desk: no sideways scroll, nothing for axe, no word of the other language."""
    desk.versions = desk.versions[1:]
    desk.channels = desk.channels[:1]
    desk.preview |= {"diff": [difference("panels", [], [{"metric": "a_long_name_of_a_metric"}] * 9)]}
    page = open_settings(lang=lang, color_scheme=theme, reduced_motion="reduce", bypass_csp=True)
    page.evaluate(AXE)
    for tab in ("monitoring", "thresholds", "notifications", "system", "lists", "history"):
        page.locator(f"[data-tab={tab}]").click()
        if tab == "monitoring":
            row(page, "monitoring.update_interval_seconds").fill("3")
            page.locator("#draft summary").click()
        for width in (390, 1280):
            fits(page, width)
        found = violations(page)
        assert found == "", f"{tab}: {found}"
        if lang == "en":
            assert not re.search("[가-힣]", page.locator("main").inner_text()), tab
