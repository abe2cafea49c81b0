"""Serve the console with uvicorn, and stop even while people are watching."""

from __future__ import annotations

import socket

import uvicorn
from fastapi import FastAPI

from console.app import create_app
from console.credentials import broker_credentials
from console.settings import ConsoleSettings
from ingest.deliver.settings import open_secrets
from ingest.logs import set_up_logs
from ingest.settings import load

GRACE_S = 3  # for requests under way; streams are ended at once


class ConsoleServer(uvicorn.Server):
    """A server that ends the live streams when it is told to stop: they have no end of their own."""

    def __init__(self, app: FastAPI, settings: ConsoleSettings) -> None:
        self._app = app
        config = uvicorn.Config(
            app,
            host=settings.host,
            port=settings.port,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=GRACE_S,
        )
        super().__init__(config)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop taking requests, end streams, wait for the rest."""
        self._app.state.hub.close()
        await super().shutdown(sockets)


def main() -> None:
    """Serve as configured until a signal says stop."""
    set_up_logs()
    settings = load(ConsoleSettings)
    app = create_app(settings, broker_credentials())
    app.state.secrets = open_secrets(settings.secrets)
    ConsoleServer(app, settings).run()


if __name__ == "__main__":
    main()
