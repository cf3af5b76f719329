"""Templates of messages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bongsu.model.message import LONGEST_MESSAGE, WrongTemplate, check, fill


def test_blanks_are_filled() -> None:
    """Values, single labels, all labels; doubled braces are braces; a label that isn't there is empty."""
    text = fill(
        "{{{value}}} of {labels.mount} ({labels}) {labels.none}!", {"value": "91"}, {"mount": "/data", "host": "a"}
    )
    assert text == "{91} of /data (mount=/data, host=a) !"


@pytest.mark.parametrize(
    "template",
    [
        "{value.__class__}",
        "{labels.a.b}",
        "{labels[a]}",
        "{value:>99999999}",
        "{value!r}",
        "{}",
        "{0}",
        "{",
        "a}b",
        "{self}",
    ],
)
def test_nothing_but_blanks_is_a_template(template: str) -> None:
    """Attributes, indices, formats and lone braces are refused by name."""
    with pytest.raises(WrongTemplate) as caught:
        check(template)
    assert caught.value.blank in template


def test_too_long_a_template_is_refused() -> None:
    """A template has an end."""
    with pytest.raises(WrongTemplate):
        check("x" * 501)


@given(st.text(max_size=300), st.text(max_size=5_000))
def test_filling_never_fails_nor_grows(template: str, label: str) -> None:
    """Whatever the template and the labels, a bounded text comes out, and labels are never read as templates."""
    assert len(fill(template, {"value": "{labels.a}"}, {"a": label})) <= LONGEST_MESSAGE
    assert fill("{value}", {"value": "{labels.a}"}, {"a": label}) == "{labels.a}"
