"""Symbols by their name, for decoders: a known one costs one look-up, a new one is checked and numbered."""

from __future__ import annotations

import re

from bongsu.ingest.columns import REFUSED
from bongsu.ingest.names import shown
from bongsu.ingest.refusals import Refused
from bongsu.model.event import FeedTable, SymbolLimitReached, Symbols

_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_FEED_LENGTH = 100
_SYMBOL_LENGTH = 200


class SymbolIds(dict[str, int]):
    """`ids[name]` gives a symbol's id, or `REFUSED` where it can't be taken; `why` then tells the reason."""

    def __init__(self, symbols: Symbols) -> None:
        super().__init__(symbols.ids)
        self._symbols = symbols
        self._reasons: dict[str, Refused] = {}

    def __missing__(self, name: str) -> int:
        try:
            found = self[name] = self._learn(name)
        except Refused as refused:
            if len(self._reasons) > 1_000:
                self._reasons.clear()
            self._reasons[name] = refused.with_traceback(None)
            return REFUSED
        return found

    def why(self, name: str) -> Refused:
        """The reason for which a look-up gave `REFUSED`."""
        if name not in self._reasons and self[name] != REFUSED:
            return Refused("symbol-limit", "there was no room for the symbol; send it again")
        return self._reasons[name]

    def _learn(self, name: str) -> int:
        check_name("symbol", name, _SYMBOL_LENGTH)
        try:
            return self._symbols.intern(name)
        except SymbolLimitReached as error:
            raise Refused("symbol-limit", str(error)) from None


class FeedIds:
    """The look-ups of all feeds."""

    def __init__(self, table: FeedTable) -> None:
        self._table = table
        self._known: dict[str, SymbolIds] = {}

    def open(self, feed: str) -> SymbolIds:
        """The look-up of one feed, new or known.

        Raises:
            Refused: the name is faulty, or there are too many feeds.
        """
        found = self._known.get(feed)
        if found is None:
            check_name("feed", feed, _FEED_LENGTH)
            try:
                found = self._known[feed] = SymbolIds(self._table.open(feed))
            except SymbolLimitReached as error:
                raise Refused("symbol-limit", str(error)) from None
        return found


def check_name(what: str, name: str, longest: int) -> None:
    """Check a feed's or symbol's name.

    Raises:
        Refused: it is empty, too long, or holds control characters.
    """
    if not name or name != name.strip():
        raise Refused("bad-symbol", f"{what} is {shown(name)}; it must be text without blanks around it")
    if len(name) > longest:
        raise Refused("bad-symbol", f"{what} has {len(name)} characters; at most {longest} are allowed")
    if _UNPRINTABLE.search(name):
        raise Refused("bad-symbol", f"{what} holds control characters or lone surrogates")
