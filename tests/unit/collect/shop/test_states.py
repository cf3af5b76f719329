"""What marketplaces' words mean."""

from __future__ import annotations

import pytest

from bongsu.collect.shop.states import StateWords


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("ACCEPT", "pending"),
        ("INSTRUCT", "processing"),
        ("NONE_TRACKING", "processing"),
        ("FINAL_DELIVERY", "completed"),
        ("RETURNS_UNCHECKED", "returned"),
        ("PAYMENT_WAITING", "unpaid"),
        ("PAYED", "pending"),
        ("DELIVERING", "processing"),
        ("PURCHASE_DECIDED", "completed"),
        ("CANCELED_BY_NOPAYMENT", "cancelled"),
        ("CANCEL_REQUEST", "cancelled"),
        ("RETURN_HOLDING", "returned"),
        ("EXCHANGE_DONE", "exchanged"),
        ("complete", "pending"),
        ("packaging", "processing"),
        ("dlvcompleted", "completed"),
        ("canceledorders", "cancelled"),
        ("입금대기", "unpaid"),
        ("배송중", "processing"),
        (" 구매확정 ", "completed"),
        ("환불완료", "returned"),
        ("", "unknown"),
        (None, "unknown"),
        ("새로운상태", "unknown"),
    ],
)
def test_words(word: str | None, state: str) -> None:
    """Each word of the marketplaces' documents is known; any other is unknown, not dropped."""
    assert StateWords().state_of(word) == state


def test_a_confirmed_naver_order_is_processed() -> None:
    """PAYED waits until the seller confirms the order."""
    words = StateWords()
    assert words.state_of("PAYED", "NOT_YET") == "pending"
    assert words.state_of("PAYED", "OK") == "processing"


def test_own_words_go_first() -> None:
    """An operator can add words, and give a known one another meaning."""
    words = StateWords({"pending": ["접수"], "completed": ["배송중"]})
    assert words.state_of("접수") == "pending"
    assert words.state_of("배송중") == "completed"
