"""Texts: by kind and language, by templates of one's own, in the sandbox, within limits."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from bongsu.model.alert import Notice
from bongsu.notify.content import content_of
from bongsu.notify.render import Renderer
from tests.fakes.notify import T0, alert, notice, over

MINUTE = 60_000


def text(one: Notice, renderer: Renderer | None = None, *, limit: int = 4_000) -> list[str]:
    """The plain message, line by line."""
    return (renderer or Renderer()).text(one, channel="webhook", target="plain", limit=limit).splitlines()


def test_resolved() -> None:
    """What is over says since when and for how long, and carries no link."""
    renderer = Renderer(link_of=lambda _: "https://m.example.kr/ack/x")
    assert text(notice("n", over(alert(), T0 + 80 * MINUTE), at=T0 + 80 * MINUTE), renderer) == [
        "✅ 해제",
        "메시지: CPU 사용률이 높습니다.",
        "메트릭: cpu_usage",
        "값: 85.5%",
        "임계값: 80.0%",
        "발생: 2025-01-27 15:30:45",
        "지속 시간: 1시간 20분",
        "시간: 2025-01-27 16:50:45",
    ]


def test_a_channels_language_is_the_alerts_too() -> None:
    """The message is told in the notice's language where it is known in it, and as it was written else."""
    known = alert("a", messages=(("en", "CPU use: 85.5%, above 80%"),))
    assert text(notice("n", known, language="en"))[1] == "Message: CPU use: 85.5%, above 80%"
    assert content_of(notice("n", known, language="en"), timezone="UTC").title == "CPU use: 85.5%, above 80%"
    assert text(notice("n", known))[1] == "메시지: CPU 사용률이 높습니다."
    assert text(notice("n", alert(), language="en"))[1] == "Message: CPU 사용률이 높습니다."


def test_repeated_and_escalated() -> None:
    """Both say how long it has been so; escalation its step."""
    again = text(notice("n", alert(), kind="repeated", at=T0 + 90 * MINUTE))
    assert (again[0], again[5]) == ("🔁 WARNING 지속", "경과: 1시간 30분")
    assert text(notice("n", alert(), kind="escalated", step=2))[0] == "📣 WARNING · 에스컬레이션 2단계"


def test_acknowledged() -> None:
    """Who has it in hand, until when, and his note."""
    known = alert(
        phase="acknowledged", acknowledged_by="김철수", acknowledged_until=T0 + 2 * 60 * MINUTE, note="디스크 교체 중"
    )
    told = text(notice("n", known, kind="acknowledged"))
    assert told[0] == "👀 담당자 확인"
    assert told[5:8] == ["담당: 김철수", "기한: 2025-01-27 17:30:45", "메모: 디스크 교체 중"]


def test_a_summary() -> None:
    """Each alert on a line, the rest counted."""
    told = text(notice("s", over(alert("1")), over(alert("2", message="디스크")), kind="summary", more=40))
    assert told[0] == "📋 요약"
    assert told[1] == "메시지: 채널에 연결하지 못한 동안 발생했다가 해제된 알림이 42건 있습니다."
    assert told[3].startswith("• WARNING 디스크 · 메트릭 cpu_usage · 값 85.5%")
    assert told[4] == "… 외 40건"


def test_english() -> None:
    """The same in English where the settings, or the notice, say so."""
    english = Renderer(language="en").text(notice(), channel="webhook", target="plain", limit=4_000)
    assert english.splitlines()[1:4] == ["Message: CPU 사용률이 높습니다.", "Metric: cpu_usage", "Value: 85.5%"]
    assert text(replace(notice(), language="en")) == english.splitlines()
    over_it = Renderer(language="en").text(notice("n", over(alert())), channel="webhook", target="plain", limit=4_000)
    assert over_it.splitlines()[0] == "✅ RESOLVED"


def test_the_readers_time_zone() -> None:
    """Times are those of the settings' zone."""
    assert content_of(notice(), timezone="UTC").at == "2025-01-27 06:30:45"


def test_fewer_alerts_before_a_cut() -> None:
    """Where ten alerts don't fit, fewer are told and the rest counted; nothing is cut in the middle."""
    many = notice("n", *(alert(f"{n}", message=f"서비스 {n} 응답 없음 " * 20) for n in range(10)))
    told = text(many, limit=1_500)
    assert sum(len(line) + 1 for line in told) <= 1_501
    assert [line for line in told if line.startswith("… 외")]
    assert not told[-1].endswith("…")


@pytest.mark.parametrize(
    "template",
    [
        "{{ title.__class__.__mro__ }}",
        "{{ words.__init__.__globals__ }}",
        "{{ cycler.__init__ }}{{ 1 / 0 }}",
        "{{ 'x' * 10000000000 }}",
        "{{ 10 ** 100000 }}",
        "{{ '%0999999999d' % 7 }}",
        "{% for a in words %}{% for b in words %}{% for c in words %}{{ title * 9 }}{% endfor %}" + "{% endfor %}" * 2,
        "{{ title | center(999999999) }}",
        "{% include '/etc/passwd' %}",
        "{% for x in range(10) %}{{ x }}{% endfor %}",
        "{{ alerts[7].facts.pop() }}",
        "{{ alerts.append(1) }}",
        "{{ undefined_thing() }}",
    ],
)
def test_templates_stay_in_their_sandbox(template: str, caplog: pytest.LogCaptureFixture) -> None:
    """What reaches out, or eats the machine, fails: the built-in text is sent, and it is counted."""
    renderer = Renderer(templates={"fired": template})
    assert text(notice(), renderer) == text(notice())
    assert renderer.faults == 1


def test_own_templates() -> None:
    """By channel and kind, else by kind; values are escaped, own markup isn't; unknown names are empty."""
    renderer = Renderer(
        templates={
            "telegram/fired": "<b>{{ title }}</b> {{ alerts[0].labels.host }}{{ nothing.at.all }}",
            "fired": "{{ severity }}: {{ alerts[0].value }} {{ alerts[0].threshold }}",
        }
    )
    one = notice("n", alert(message="<x>", labels=(("host", "a&b"),)))
    telegram = renderer.text(one, channel="telegram", target="telegram", limit=4_096)
    assert telegram == "<b>&lt;x&gt;</b> a&amp;b"
    assert text(one, renderer) == ["warning: 85.5 80.0"]
    assert text(notice("n", over(alert())), renderer)[0] == "✅ 해제"
    html = renderer.html(one)
    assert "warning: 85.5 80.0" in html
    assert renderer.faults == 0
