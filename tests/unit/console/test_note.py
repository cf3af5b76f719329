from __future__ import annotations

from bongsu.console.note import note


def test_words_are_text_and_commands_are_code() -> None:
    """What stands in backticks is code; everything else is shown as it is, markup included."""
    html = note("▲", "run `bongsu up <now>` & wait", title="<b>", tint="warn")
    assert "run <code>bongsu up &lt;now&gt;</code> &amp; wait" in html
    assert "<b>&lt;b&gt;</b>" in html
    assert 'class="bongsu-note warn"' in html


def test_a_title_can_be_left_out() -> None:
    """Without a title there is no empty heading."""
    assert "<b>" not in note("○", "text")


def test_a_message_that_a_live_view_ends_is_marked() -> None:
    """The style sheet finds it by its class; others stay."""
    assert 'class="bongsu-note until-live"' in note("○", "text", until_live=True)
    assert "until-live" not in note("○", "text")
