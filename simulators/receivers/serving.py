"""Serve an application on the loopback while a block runs."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from starlette.types import ASGIApp


class _Server(uvicorn.Server):
    """A server that leaves the process' signals alone."""

    def install_signal_handlers(self) -> None:
        """Do nothing: whoever runs us has handlers of their own."""


@asynccontextmanager
async def serving(app: ASGIApp, port: int = 0) -> AsyncIterator[int]:
    """Answer the port the application listens on."""
    with socket.socket() as listener:  # uvicorn closes it, unless it was stopped before it began
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        config = uvicorn.Config(
            app, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=1
        )
        server = _Server(config)
        async with asyncio.TaskGroup() as group:
            group.create_task(server._serve([listener]), name="receivers.http")  # noqa: SLF001 - without signals
            while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
                await asyncio.sleep(0.01)
            try:
                yield int(listener.getsockname()[1])
            finally:
                server.should_exit = True
