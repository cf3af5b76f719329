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
