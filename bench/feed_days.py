"""Thirty simulated days of 200 symbols in which nothing is wrong; a fault named is one too many.

python -m bench.feed_days [seed]
"""

from __future__ import annotations

import sys
import time

from tests.fakes.feed_simulation import MONDAY, Exchange, Weekdays, trading_days

from bongsu.quality.feed import FeedState
from bongsu.quality.watch import Watch
from bongsu.settings.feeds import Feed


def main() -> None:
    """Play the days, with and without sequence numbers, and tell what was named."""
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else int(time.time())
    for sequenced in (True, False):
        exchange = Exchange(seed=seed, sequenced=sequenced)
        feed = FeedState("krx", exchange.symbols, Feed(tick="krx"), Weekdays())
        watch = Watch(feed)
        begun, looks = time.process_time(), 0
        named: dict[tuple[str, str], int] = {}
        for day in trading_days(MONDAY, 30):
            for batch in exchange.day(day):
                feed.apply(batch)
                watch.look(feed.counters.window("1m", len(feed.symbols)))
                looks += 1
                for fault in watch.active.values():
                    named.setdefault((fault.name, fault.symbol), batch.arrived)
        spent = time.process_time() - begun
        what = "with" if sequenced else "without"
        print(
            f"seed {seed}, {what} numbers: {feed.total:,} events, {looks:,} looks, {spent:.0f} s CPU: "
            f"{named or 'no fault'}"
        )


if __name__ == "__main__":
    main()
