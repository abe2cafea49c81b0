"""A mail server on the loopback: takes everything, keeps it in the ledger."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from typing import Self

from aiosmtpd.smtp import SMTP, Envelope, Session

from simulators.receivers.ledger import Ledger


@dataclass(kw_only=True, slots=True)
class MailServer:
    """The server; nobody called `nobody` has a mailbox."""

    ledger: Ledger
    port: int = 0

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Self]:
        """Serve while the block runs."""
        loop = asyncio.get_running_loop()
        server = await loop.create_server(
            lambda: SMTP(self, hostname="localhost", loop=loop, ident="shequ test"), "127.0.0.1", self.port
        )
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            await server.wait_closed()

    async def handle_RCPT(  # noqa: N802 - the library's names
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Refuse an unknown mailbox."""
        if address.startswith("nobody@"):
            return "550 there is nobody of this name"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - the library's names
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Keep a message; its Message-ID is its key."""
        content = envelope.content or b""
        raw = content.encode() if isinstance(content, str) else content
        message = message_from_bytes(raw, policy=policy.default)
        part = message.get_body(("plain",))
        text = part.get_content().strip() if part is not None else ""
        key = str(message["Message-ID"])
        self.ledger.take(
            way="email", key=key, to=", ".join(envelope.rcpt_tos), text=f"{message['Subject']}\n{text}"
        )
        return "250 taken"
