"""Live: the newest value of every series, and the frames that carry changes to whoever watches.

    publish → values → (a tick a group) → frames → ring + watchers → connections

`Hub` knows values, time and sequence numbers; `Gateway` knows sockets. Neither knows a stage.
"""

from bongsu.live.door import Handshake, Refused, SameHost
from bongsu.live.gateway import Gateway, Limits
from bongsu.live.hub import Hub
from bongsu.live.metrics import METRICS

__all__ = ["METRICS", "Gateway", "Handshake", "Hub", "Limits", "Refused", "SameHost"]
