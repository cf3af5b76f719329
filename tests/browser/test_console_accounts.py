"""The console where accounts exist: signing in, seeing with one's own rights, and leaving, on real processes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from importlib.resources import files

import pytest
from playwright.sync_api import Page, expect

from tests.browser.console_stack import Visitors, look_back, visit, wait_until_standing
from tests.browser.furnished import violations
from tests.integration.console_processes import Ports, answers, running, wait_for

pytestmark = pytest.mark.slow

GOOD = "correct horse battery"
AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")

COMMANDS = """
async () => {
  const { csrf } = await (await fetch('/api/v1/session')).json();
  const send = async (method, path, body, headers = {}) => {
    const carried = { 'content-type': 'application/json', ...headers };
    return (await fetch(path, { method, headers: carried, body: JSON.stringify(body) })).status;
  };
  const carried = { 'x-csrf-token': csrf };
  const rule = { name: 'mine', metric: 'cpu_usage', op: '>', value: 1 };
  const silence = { matchers: { metric: 'cpu_usage' }, for: '2h' };
  return {
    silence: await send('POST', '/api/v1/silences', silence, carried),
    rule: await send('POST', '/api/v1/rules', rule, carried),
    settings: await send('PUT', '/api/v1/settings', { changes: {} }, carried),
    unproven: await send('DELETE', '/api/v1/session', {}),
  };
}
"""


@pytest.fixture(scope="module")
def ports(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ports]:
    """A server that starts its own console, and whose only account is a viewer."""
    ports, folder = Ports(), tmp_path_factory.mktemp("stack")
    data = folder / "data"
    command = [sys.executable, "-m", "bongsu", "user", "add", "kim", "--role=viewer", f"--data={data}"]
    subprocess.run(command, input=GOOD, text=True, check=True, cwd=folder)
    log = folder / "server.log"
    whole = [word for word in ports.server(data) if word != "--no-console"]
    with running([*whole, f"--console-port={ports.console}"], folder=folder, log=log):
        wait_for("server and console", lambda: answers(f"{ports.console_url}/healthz"), log)
        wait_for("the server", lambda: answers(f"{ports.rest_url}/readyz"), log)
        yield ports


def _sign_in(page: Page, name: str, password: str) -> None:
    page.fill("input[name=name]", name)
    page.fill("input[name=password]", password)
    page.click("button[type=submit]")


def _console_sockets(sockets: list[str]) -> list[str]:
    return [url for url in sockets if "/_stcore/" in url]


@pytest.mark.guide("G056")
def test_a_viewer_signs_in_looks_and_leaves(visitors: Visitors, ports: Ports) -> None:
    """Sign-in page, wrong and right password, the wanted page live with its past, no command taken, and out again."""
    with visit(visitors, f"{ports.console_url}/?page=performance", bypass_csp=True) as seen:
        page = seen.page
        page.wait_for_url("**/signin?next=%2F%3Fpage%3Dperformance")
        expect(page.locator("h1")).to_contain_text("로그인")
        assert _console_sockets(seen.sockets) == []
        _sign_in(page, "kim", "wrong password")
        expect(page.get_by_role("alert")).to_have_text("이름이나 비밀번호가 맞지 않습니다.")
        assert [fault for fault in seen.errors if "401" not in fault] == []
        seen.errors.clear()
        _sign_in(page, "kim", GOOD)
        page.wait_for_url(f"{ports.console_url}/?page=performance")
        wait_until_standing(page)
        bar = page.locator(".st-key-top .bongsu-bar")
        expect(bar.locator(".me")).to_have_text("kim")
        expect(page.locator(".bongsu [role=status]").first).to_contain_text("실시간")
        look_back(page, ".js-plotly-plot .scatterlayer .trace")
        page.evaluate(AXE)
        assert violations(page) == ""
        page.set_viewport_size({"width": 390, "height": 844})
        assert bar.locator(".in").evaluate("(one) => one.scrollWidth - one.clientWidth") <= 0
        page.set_viewport_size({"width": 1280, "height": 900})
        assert seen.errors == []
        assert page.evaluate(COMMANDS) == {"silence": 403, "rule": 403, "settings": 403, "unproven": 403}
        assert [fault for fault in seen.errors if "403" not in fault] == []
        seen.errors.clear()
        page.get_by_role("button", name="영어로 보기").click()
        expect(bar.get_by_role("group", name="Signed in")).to_contain_text("kim")
        bar.get_by_role("button", name="Sign out").click()
        page.wait_for_url("**/signin")
        before = len(_console_sockets(seen.sockets))
        page.goto(ports.console_url)
        page.wait_for_url("**/signin?next=**")
        assert page.evaluate("async () => (await fetch('/api/v1/metrics')).status") == 401
        assert len(_console_sockets(seen.sockets)) == before
        assert "bongsu_session" not in [one.get("name") for one in page.context.cookies()]
