"""Signing in, the page of accounts, and being sent to sign in again, in front of the real server."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from importlib.resources import files

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.furnished import violations
from tests.browser.stage import fits
from tests.integration.whole_server import WholeServer

GOOD = "correct horse battery"
AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WholeServer]:
    """A server with an admin and a viewer."""
    folder = tmp_path_factory.mktemp("server")
    for name, role in (("boss", "admin"), ("kim", "viewer")):
        command = [sys.executable, "-m", "bongsu", "user", "add", name, f"--role={role}", f"--data={folder / 'data'}"]
        subprocess.run(command, input=GOOD, text=True, check=True, cwd=folder)
    with WholeServer(folder) as running:
        yield running


def arrive(
    chromium: Browser,
    server: WholeServer,
    address: str,
    *,
    width: int = 1280,
    locale: str = "ko-KR",
    agent: str | None = None,
) -> Page:
    """Somebody new who opens that address, with a browser that calls itself `agent`."""
    context = chromium.new_context(
        viewport={"width": width, "height": 844}, locale=locale, color_scheme="dark", user_agent=agent
    )
    page = context.new_page()
    page.goto(f"http://127.0.0.1:{server.port}{address}")
    return page


def sign_in(page: Page, name: str, password: str = GOOD) -> None:
    """Fill in the form and send it."""
    page.fill("input[name=name]", name)
    page.fill("input[name=password]", password)
    page.click("button[type=submit]")


@pytest.mark.guide("G056")
def test_signing_in_leads_back(chromium: Browser, server: WholeServer) -> None:
    """A wrong password is told; the right one leads to the page one wanted; signing out leads to the form again."""
    page = arrive(chromium, server, "/monitoring/dashboard?page=alerts&lang=ko", width=390)
    expect(page.locator("h1")).to_contain_text("로그인")
    page.evaluate(AXE)
    assert violations(page) == ""
    fits(page)
    sign_in(page, "kim", "wrong password")
    expect(page.get_by_role("alert")).to_have_text("이름이나 비밀번호가 맞지 않습니다.")
    sign_in(page, "kim")
    page.wait_for_url("**/monitoring/dashboard?page=alerts**")
    expect(page.get_by_role("status").first).to_have_text("실시간", timeout=20_000)
    page.click(".me")
    expect(page.locator(".session b").first).to_have_text("kim")
    expect(page.locator("#users")).to_have_count(0)
    page.evaluate(AXE)
    assert violations(page) == ""
    page.click("#sessions .tools .btn >> nth=1")
    page.wait_for_url("**/signin")
    page.goto(f"http://127.0.0.1:{server.port}/monitoring/dashboard")
    page.wait_for_url("**/signin?next=**")
    page.context.close()


def test_nobody_is_led_elsewhere(chromium: Browser, server: WholeServer) -> None:
    """An address that somebody sent leads to this very site after signing in, or to the board."""
    page = arrive(chromium, server, "/signin?next=https%3A%2F%2Fevil.example%2F", locale="en-US")
    sign_in(page, "kim")
    page.wait_for_url(f"http://127.0.0.1:{server.port}/monitoring/dashboard**")
    page.context.close()


MARKUP = "<img src=x onerror=alert(1)>"


def test_markup_is_refused_or_shown_as_text(chromium: Browser, server: WholeServer) -> None:
    """Markup as an account's name is refused; as a token's name or a browser's it is shown as it was written."""
    page = arrive(chromium, server, "/monitoring/dashboard?page=accounts&lang=en", locale="en-US", agent=MARKUP)
    faults: list[str] = []
    page.on("dialog", lambda one: faults.append(one.message))
    page.on("pageerror", lambda fault: faults.append(str(fault)))
    sign_in(page, "boss")
    expect(page.locator(".session .meta", has_text=MARKUP)).to_be_visible(timeout=20_000)
    page.click("#users .tools .btn")
    for name in (MARKUP, "＜b＞kim＜/b＞", 'kim"onfocus="alert(1)', "&lt;b&gt;"):
        page.locator("dialog input").nth(0).fill(name)
        page.locator("dialog input").nth(1).fill(GOOD)
        page.click("dialog button[type=submit]")
        expect(page.locator("dialog .err:not([hidden])")).to_contain_text("letters, digits")
        page.locator("dialog input").nth(0).fill("")
    page.keyboard.press("Escape")
    page.click("#tokens .tools .btn")
    page.locator("dialog input").first.fill(MARKUP)
    page.click("dialog button[type=submit]")
    expect(page.locator(".fresh code")).to_contain_text("bgs_")
    expect(page.locator(".token b", has_text=MARKUP)).to_be_visible()
    assert page.locator("img").count() == 0
    page.click(".token .btn")
    page.click("dialog button[type=submit]")
    expect(page.locator(".token")).to_have_count(0)
    assert faults == []
    page.context.close()


def test_an_admin_manages_accounts_and_tokens(chromium: Browser, server: WholeServer) -> None:
    """An account is made, used, disabled (which sends whoever has it to sign in), and a token is shown once."""
    page = arrive(chromium, server, "/monitoring/dashboard?page=accounts&lang=en", locale="en-US")
    sign_in(page, "boss")
    page.click("#users .tools .btn")
    page.locator("dialog input").nth(0).fill("lee")
    page.locator("dialog input").nth(1).fill("short")
    page.click("dialog button[type=submit]")
    expect(page.locator("dialog .err:not([hidden])")).to_contain_text("at least 10 characters")
    page.locator("dialog input").nth(1).fill(GOOD)
    page.click("dialog button[type=submit]")
    expect(page.locator("[data-user=lee]")).to_be_visible()
    lee = arrive(chromium, server, "/monitoring/dashboard?lang=en", locale="en-US")
    sign_in(lee, "lee")
    expect(lee.locator(".me")).to_have_text("lee", timeout=20_000)
    page.click("[data-user=lee] .btn >> nth=1")
    page.click("dialog button[type=submit]")
    lee.wait_for_url("**/signin?next=**", timeout=20_000)
    page.click("#tokens .tools .btn")
    page.locator("dialog input").first.fill("ci")
    page.click("dialog button[type=submit]")
    expect(page.locator(".fresh code")).to_contain_text("bgs_")
    page.evaluate(AXE)
    assert violations(page) == ""
    page.reload()
    expect(page.locator(".token b")).to_have_text("ci")
    expect(page.locator(".fresh code")).to_have_count(0)
    for one in (page, lee):
        one.context.close()
