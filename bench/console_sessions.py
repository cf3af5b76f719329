"""People who keep the console open, as its server sees them: Streamlit's own socket, spoken as its page speaks it.

A session runs the page's script, tells that its reader came near to the past (so that figures are made and read), and
from then on asks for the fragment again at the interval that the page was told, as the page does. Beside it a
raw socket holds the live view, one frame a second and topic.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

PATIENCE = 60.0


class Session:
    """One visit. `every` seconds after a run of the fragment it asks for the next; None takes the page's own word."""

    def __init__(self, port: int, *, page: str = "", every: float | None = None) -> None:
        self._address = f"127.0.0.1:{port}"
        self._query = f"page={page}" if page else ""
        self._every = every
        self._fragment = ""
        self._interval = 30.0
        self._live = ""
        self.figures = 0
        """Figures that came."""
        self.runs = 0
        """Runs of the fragment that came back whole."""

    async def hold(self, opened: asyncio.Event) -> None:
        """Open the page, read on to the past, and stay until cancelled; `opened` once it stands."""
        protocols = [Subprotocol("streamlit")]
        origin = f"http://{self._address}"
        address = f"ws://{self._address}/_stcore/stream"
        async with connect(address, subprotocols=protocols, origin=Origin(origin), max_size=None) as socket:
            await self._run(socket, BackMsg())
            near = BackMsg()
            widget = near.rerun_script.widget_states.widgets.add()
            widget.id = f"$$STREAMLIT_INTERNAL_KEY_{self._live}__events"
            widget.json_trigger_value = json.dumps([{"event": "near", "value": True}])
            await self._run(socket, near)
            opened.set()
            while True:
                await asyncio.sleep(self._every or self._interval)
                again = BackMsg()
                again.rerun_script.fragment_id = self._fragment
                again.rerun_script.is_auto_rerun = True
                await self._run(socket, again)
                self.runs += 1

    async def _run(self, socket: ClientConnection, asked: BackMsg) -> None:
        """One run of the script, or of its fragment, to its end."""
        asked.rerun_script.query_string = self._query
        await socket.send(asked.SerializeToString())
        async with asyncio.timeout(PATIENCE):
            while True:
                text = await socket.recv()
                message = ForwardMsg()
                message.ParseFromString(text if isinstance(text, bytes) else text.encode())
                kind = message.WhichOneof("type")
                if kind == "delta":
                    self._see(message)
                elif kind == "auto_rerun":
                    self._fragment, self._interval = message.auto_rerun.fragment_id, message.auto_rerun.interval
                elif kind == "script_finished":
                    return

    def _see(self, message: ForwardMsg) -> None:
        element = message.delta.new_element
        if element.WhichOneof("type") != "bidi_component":
            return
        if element.bidi_component.component_name.startswith("bongsu_live"):
            self._live = element.bidi_component.id
        elif element.bidi_component.component_name == "bongsu_figure":
            self.figures += 1


async def held(sessions: Sequence[Session], seconds: float, *, mark: Callable[[], None]) -> None:
    """Hold all sessions for so many seconds once each of them stands; `mark` is called at the beginning and the end.

    Raises:
        ExceptionGroup: a session fell.
    """
    opened = [asyncio.Event() for _ in sessions]
    async with asyncio.TaskGroup() as group:
        tasks = []
        for one, event in zip(sessions, opened, strict=True):
            tasks.append(group.create_task(one.hold(event)))
            await event.wait()
        mark()
        await asyncio.sleep(seconds)
        mark()
        for task in tasks:
            task.cancel()
