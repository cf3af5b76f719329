"""Order states: what the marketplaces' words mean.

The words are those of Coupang, Naver, 11st and ESM (their order-list and order-status documents) and those that Korean
seller tools show. A word that maps to nothing is `unknown`: shown, never dropped.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

UNPAID: Final = "unpaid"
OPEN: Final = ("pending", "processing")
"""Somebody still has to do something."""
CLOSED: Final = ("completed", "cancelled", "returned", "exchanged")
UNKNOWN: Final = "unknown"
STATES: Final = (*OPEN, *CLOSED, UNKNOWN)
"""As they are shown, in this order; unpaid orders aren't counted."""

_WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "unpaid": ("PAYMENT_WAITING", "입금대기", "결제대기", "PREREQUESTORDERS"),
    "pending": ("ACCEPT", "PAYED", "COMPLETE", "결제완료", "신규주문", "미발송", "NOT_YET", "PENDING", "PAID", "1"),
    "processing": (
        *("INSTRUCT", "DEPARTURE", "DELIVERING", "NONE_TRACKING", "PACKAGING", "SHIPPING", "PROCESSING", "SHIPPED"),
        *("상품준비중", "배송지시", "배송중", "발송준비", "발송완료", "OK", "2", "3"),
    ),
    "completed": (
        *("FINAL_DELIVERY", "DELIVERED", "PURCHASE_DECIDED", "DLVCOMPLETED", "COMPLETED"),
        *("배송완료", "구매확정", "4", "5"),
    ),
    "cancelled": (
        *("CANCEL", "CANCELED", "CANCELLED", "CANCELED_BY_NOPAYMENT", "CANCELORDERS", "CANCELEDORDERS"),
        *("취소", "취소완료", "취소요청"),
    ),
    "returned": (
        *("RELEASE_STOP_UNCHECKED", "RETURNS_UNCHECKED", "RETURNED", "COLLECTING", "RETURNORDERS", "REFUNDED"),
        *("반품", "반품완료", "환불완료"),
    ),
    "exchanged": ("EXCHANGED", "EXCHANGEORDERS", "교환", "교환완료"),
}
_PREFIXES: Final = (("CANCEL_", "cancelled"), ("RETURN_", "returned"), ("EXCHANGE_", "exchanged"))
"""Naver's families of claim states."""


class StateWords:
    """What each word means here: an operator's own words first, then the built-in ones."""

    def __init__(self, own: Mapping[str, Iterable[str]] | None = None) -> None:
        self._meaning = {word: state for state, words in _WORDS.items() for word in words}
        for state, words in (own or {}).items():
            self._meaning |= {_key(word): state for word in words}

    def state_of(self, word: str | None, confirmed: str | None = None) -> str:
        """The state that a word means.

        `confirmed` is Naver's placeOrderStatus: a paid order that the seller confirmed is being processed.
        """
        key = _key(word or "")
        if key == "PAYED" and _key(confirmed or "") == "OK":
            return "processing"
        found = self._meaning.get(key)
        if found is None:
            found = next((state for prefix, state in _PREFIXES if key.startswith(prefix)), UNKNOWN)
        return found


def _key(word: str) -> str:
    return word.strip().upper()
