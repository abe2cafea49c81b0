"""The live feed over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import StreamingResponse
from fastapi.sse import EventSourceResponse
from starlette.types import Send

from console.auth import Caller, Gatekeeper, Me, Token
from console.live import Hub

router = APIRouter(prefix="/api/live", tags=["live"])
RECHECK_S: Final = 30  # an open stream counts as use of the session, and ends with it

_Number = Annotated[int | None, Query(ge=0, le=2**62, description="everything after this number follows")]
_LastId = Annotated[int | None, Header(alias="Last-Event-ID", ge=0, le=2**62)]


_STREAM: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "A stream without end",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    }
}


class _Stream(EventSourceResponse):
    """A stream that is closed with its connection, not whenever the garbage is collected."""

    def __init__(self, frames: AsyncGenerator[bytes]) -> None:
        self._frames = frames
        super().__init__(frames, headers={"Cache-Control": "no-cache", "X-Accel-Buffering": "no"})

    async def stream_response(self, send: Send) -> None:
        """Send until either side is done."""
        async with aclosing(self._frames):
            await super().stream_response(send)


@router.get("", response_class=StreamingResponse, responses=_STREAM)
async def live(
    request: Request, caller: Me, token: Token, cursor: _Number = None, last_event_id: _LastId = None
) -> StreamingResponse:
    """Follow alerts, incidents, devices and the platform as they change (Server-Sent Events)."""
    hub: Hub = request.app.state.hub
    start = last_event_id if last_event_id is not None else cursor
    return _Stream(_while_logged_in(hub, request.app.state.gatekeeper, caller, token, start))


async def _while_logged_in(
    hub: Hub, gatekeeper: Gatekeeper, caller: Caller, token: str, cursor: int | None
) -> AsyncGenerator[bytes]:
    loop = asyncio.get_running_loop()
    checked = loop.time()
    async with aclosing(hub.stream(caller.scope, cursor)) as stream:
        async for frame in stream:
            if loop.time() - checked >= RECHECK_S:
                if await gatekeeper.find(token) is None:
                    return
                checked = loop.time()
            yield frame
