"""Serve the console with uvicorn, and stop even while people are watching."""

from __future__ import annotations

import socket
import ssl

import uvicorn
from fastapi import FastAPI

from console.app import create_app
from console.certificate import server_context
from console.credentials import broker_credentials
from console.settings import ConsoleSettings
from ingest.addresses import listening_problem
from ingest.deliver.settings import open_secrets
from ingest.logs import set_up_logs
from ingest.pauses import settle
from ingest.settings import BrokerAdminSettings, load, refuse_plain

GRACE_S = 3  # for requests under way; streams are ended at once


class ConsoleServer(uvicorn.Server):
    """A server that ends the live streams when it is told to stop: they have no end of their own."""

    def __init__(self, app: FastAPI, settings: ConsoleSettings, tls: ssl.SSLContext | None = None) -> None:
        self._app = app
        config = uvicorn.Config(
            app,
            host=settings.host,
            port=settings.port,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=GRACE_S,
            ssl_context_factory=(lambda _config, _default: tls) if tls else None,
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
    tls = server_context(settings, load(BrokerAdminSettings).ca_folder)
    if problem := listening_problem(settings.host, tls=tls is not None):
        refuse_plain("host", problem)
    app = create_app(settings, broker_credentials())
    app.state.secrets = open_secrets(settings.secrets)
    settle()
    ConsoleServer(app, settings, tls).run()


if __name__ == "__main__":
    main()
