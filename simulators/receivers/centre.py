"""A short message centre: SMPP 3.4 over TCP, one account, receipts, and replies when told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Self

from aiosmpplib import (
    BindTransceiver,
    BindTransceiverResp,
    DeliverSm,
    EnquireLink,
    EnquireLinkResp,
    PhoneNumber,
    SmppCommandStatus,
    SmppMessage,
    SubmitSm,
    SubmitSmResp,
)
from aiosmpplib.protocol import MESSAGE_TYPE_MAP

from simulators.receivers.ledger import Ledger

HEADER = 16
RECEIPT = 0b00000100  # esm_class of a delivery receipt


@dataclass(kw_only=True, slots=True)
class Centre:
    """The centre; a number ending in 0000 does not exist."""

    ledger: Ledger
    system_id: str
    password: str
    port: int = 0
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)
    _number: int = 0

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Self]:
        """Serve while the block runs."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            await self.hang_up()
            await server.wait_closed()

    async def hang_up(self) -> None:
        """Cut every line."""
        for writer in list(self._writers):
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def say(self, sender: str, text: str) -> None:
        """Send what somebody wrote back."""
        self._number += 1
        message = DeliverSm(
            sequence_num=self._number,
            short_message=text,
            source=PhoneNumber(sender),
            destination=PhoneNumber("10690"),
            encoding="ucs2",
        )
        for writer in list(self._writers):
            writer.write(message.pdu())
            await writer.drain()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readexactly(HEADER)
                about = SmppMessage.parse_header(head)
                body = await reader.readexactly(about.pdu_length - HEADER)
                message = MESSAGE_TYPE_MAP[about.smpp_command].from_pdu(head + body, about)
                for answer in self._answers(message, writer):
                    writer.write(answer.pdu())
                await writer.drain()
        except (asyncio.IncompleteReadError, OSError):
            return
        finally:
            self._writers.discard(writer)
            writer.close()

    def _answers(self, message: SmppMessage, writer: asyncio.StreamWriter) -> list[SmppMessage]:
        number = message.sequence_num
        if isinstance(message, BindTransceiver):
            if (message.system_id, message.password) != (self.system_id, self.password):
                return [BindTransceiverResp(number, SmppCommandStatus.ESME_RINVPASWD, system_id="centre")]
            self._writers.add(writer)
            return [BindTransceiverResp(number, system_id="centre")]
        if isinstance(message, EnquireLink):
            return [EnquireLinkResp(number)]
        if isinstance(message, SubmitSm):
            return self._submit(message)
        return []

    def _submit(self, message: SubmitSm) -> list[SmppMessage]:
        to = message.destination.number
        if to.endswith("0000"):
            return [SubmitSmResp(message.sequence_num, SmppCommandStatus.ESME_RINVDSTADR)]
        self._number += 1
        text = message.short_message or message.message_payload
        taken = self.ledger.take(way="smpp", key=f"smpp:{self._number}", to=to, text=text)
        said = (
            f"id:{taken.number} sub:001 dlvrd:001 submit date:2606010000 done date:2606010000"
            " stat:DELIVRD err:000 text:"
        )
        receipt = DeliverSm(
            sequence_num=self._number,
            short_message=said,
            source=PhoneNumber(to),
            destination=message.source,
            esm_class=RECEIPT,
        )
        return [SubmitSmResp(message.sequence_num, message_id=str(taken.number)), receipt]
