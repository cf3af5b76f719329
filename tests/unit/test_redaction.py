"""Secrets taken out of text."""

from __future__ import annotations

import pytest

from bongsu.redaction import MASK, Redactor


@pytest.mark.parametrize(
    "text",
    [
        "can't reach postgresql://shop:hunter22@db/shop",
        "redis://:hunter22@cache:6379/0 refused",
        "POST https://hooks.slack.com/services/T0/B0/hunter22 → 404",
        "https://api.telegram.org/bot12:hunter22/sendMessage",
        "Authorization: Bearer hunter22hunter22",
        'body {"password": "hunter22"}',
        "token=hunter22&x=1",
    ],
)
def test_secrets_in_text_are_masked(text: str) -> None:
    """Known shapes of secrets leave no trace, and the rest of the sentence stays."""
    clean = Redactor().text(text)
    assert "hunter22" not in clean
    assert MASK in clean
    assert clean.startswith(text[:4])


def test_told_secrets_are_masked_anywhere() -> None:
    """A secret from the settings is taken out wherever it stands, regular-expression signs and all."""
    assert Redactor(["$2b$12$x+y", "abc"]).text("with $2b$12$x+y and abc") == f"with {MASK} and abc"


def test_fields_named_like_secrets_are_masked() -> None:
    """A field's name is enough, at any depth; harmless fields keep their values and types."""
    fields = {"port": 8080, "bot_token": 1, "deep": {"Password": "x", "note": "pw"}, "tokens_left": None, "list": ["a"]}
    assert Redactor().fields(fields) == {
        "port": 8080,
        "bot_token": MASK,
        "deep": {"Password": MASK, "note": "pw"},
        "tokens_left": None,
        "list": ["a"],
    }


@pytest.mark.parametrize("text", ["http://127.0.0.1:8080/monitoring/dashboard", "12:30:01 user@host", "passed: 3"])
def test_harmless_text_stays(text: str) -> None:
    """Addresses, times and ordinary words are not touched."""
    assert Redactor().text(text) == text
