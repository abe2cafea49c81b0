"""SMS over SMPP 3.4: one bound session that comes back by itself, receipts and replies included.

The library gives the PDUs (aiosmpplib, ADR 021); the session is ours, because a letter's outcome
must come back to the very task that sent it, and every task must have an owner.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final, Self

from aiosmpplib import (
    BindTransceiver,
    BindTransceiverResp,
    DeliverSm,
    DeliverSmResp,
    EnquireLink,
    EnquireLinkResp,
    PhoneNumber,
    SmppCommandStatus,
    SmppMessage,
    SubmitSm,
    SubmitSmResp,
    Unbind,
)
from aiosmpplib.protocol import MESSAGE_TYPE_MAP

from devices.errors import DeliveryError, UndeliverableError
from ingest.clock import Clock
from ingest.deliver.channel import AWAY, Parcel, Taken
from ingest.deliver.endpoint import Smpp
from ingest.deliver.outbox import LetterState
from ingest.deliver.secrets import Secrets

log = logging.getLogger(__name__)

HEADER: Final = 16
LONGEST: Final = 70_000  # bytes of one PDU
BEAT: Final = 30.0  # seconds without a word after which we ask whether the line stands
REST: Final = 2.0  # seconds before binding again
NEVER: Final = frozenset(
    {
        SmppCommandStatus.ESME_RINVDSTADR,
        SmppCommandStatus.ESME_RINVSRCADR,
        SmppCommandStatus.ESME_RINVMSGLEN,
    }
)
STATES: Final = {
    "DELIVRD": LetterState.DELIVERED,
    "EXPIRED": LetterState.FAILED,
    "DELETED": LetterState.FAILED,
    "UNDELIV": LetterState.FAILED,
    "REJECTD": LetterState.FAILED,
}
TRIES: Final = 10  # a receipt may be faster than the row that says which letter it is for
Receipt = Callable[[str, LetterState, str], Awaitable[bool]]  # remote id, state, reason; whether it is ours
Reply = Callable[[str, str], Awaitable[None]]  # from, text


async def read_pdu(reader: asyncio.StreamReader) -> SmppMessage:
    """Read one message.

    Raises DeliveryError where the line ended or the bytes make no sense.
    """
    try:
        head = await reader.readexactly(HEADER)
        about = SmppMessage.parse_header(head)
        if not HEADER <= about.pdu_length <= LONGEST:
            raise DeliveryError(f"an SMPP message of {about.pdu_length} bytes")
        body = await reader.readexactly(about.pdu_length - HEADER)
        return MESSAGE_TYPE_MAP[about.smpp_command].from_pdu(head + body, about)
    except (asyncio.IncompleteReadError, OSError, ValueError, LookupError, struct.error) as exc:
        raise DeliveryError(f"the SMPP line broke: {exc}") from exc


class SmppCarrier:
    """A session with a message centre."""

    def __init__(
        self, settings: Smpp, secrets: Secrets, clock: Clock, *, receipt: Receipt, reply: Reply
    ) -> None:
        self._settings, self._secrets, self._clock = settings, secrets, clock
        self._receipt, self._reply = receipt, reply
        self._writer: asyncio.StreamWriter | None = None
        self._heard: asyncio.Queue[tuple[DeliverSm, asyncio.StreamWriter]] = asyncio.Queue(1000)
        self._open: dict[int, asyncio.Future[SmppMessage]] = {}
        self._number = 0
        self._problem = "not bound yet"

    @classmethod
    @asynccontextmanager
    async def open(
        cls, settings: Smpp, secrets: Secrets, clock: Clock, *, receipt: Receipt, reply: Reply
    ) -> AsyncIterator[Self]:
        """Keep a session while the block runs."""
        carrier = cls(settings, secrets, clock, receipt=receipt, reply=reply)
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(carrier._keep(), name="deliver.smpp"),
                group.create_task(carrier._hear_all(), name="deliver.smpp.receipts"),
            ]
            try:
                yield carrier
            finally:
                for task in tasks:
                    task.cancel()

    async def send(self, parcel: Parcel) -> Taken:
        """Submit one message and wait for the centre's answer."""
        if not parcel.to.lstrip("+").isdigit():
            raise UndeliverableError("a phone number is digits, perhaps after a plus")
        left = parcel.expires_at - self._clock()
        message = SubmitSm(
            short_message=parcel.text,
            source=PhoneNumber(self._settings.source),
            destination=PhoneNumber(parcel.to),
            encoding="ucs2",
            registered_delivery=1,
            priority_flag=3 if parcel.severity == 1 else 1,
            validity_period=timedelta(seconds=max(60, int(left.total_seconds()))),
        )
        answer = await self._ask(message)
        status = answer.command_status
        if status == SmppCommandStatus.ESME_ROK and isinstance(answer, SubmitSmResp):
            return Taken(remote_id=answer.message_id or None)
        raise (UndeliverableError if status in NEVER else DeliveryError)(f"SMPP {status.name}")

    async def _ask(self, message: SmppMessage) -> SmppMessage:
        if self._writer is None:
            raise DeliveryError(self._problem)
        self._number = self._number % 0x7FFFFFFF + 1
        message.sequence_num = self._number
        answer: asyncio.Future[SmppMessage] = asyncio.get_running_loop().create_future()
        self._open[self._number] = answer
        try:
            self._writer.write(message.pdu())
            await self._writer.drain()
            return await answer
        except OSError as exc:
            raise DeliveryError(f"the SMPP line broke: {exc}") from exc
        finally:
            self._open.pop(message.sequence_num, None)

    async def _keep(self) -> None:
        """Stay bound until cancelled."""
        while True:
            try:
                await self._session()
            except (DeliveryError, OSError, TimeoutError) as exc:
                self._problem = f"not bound: {exc or type(exc).__name__}"
                log.warning("%s", self._problem, extra={"action": "smpp_retry"})
            await asyncio.sleep(REST)

    async def _session(self) -> None:
        settings = self._settings
        context = ssl.create_default_context() if settings.tls else None
        async with asyncio.timeout(BEAT):
            reader, writer = await asyncio.open_connection(settings.host, settings.port, ssl=context)
        try:
            await self._bind(reader, writer)
            self._writer = writer
            log.info("bound to %s", settings.host, extra={"action": "smpp_bound"})
            await self._listen(reader, writer)
        finally:
            self._writer = None
            for answer in self._open.values():
                if not answer.done():
                    answer.set_exception(DeliveryError("the SMPP line broke"))
            writer.close()

    async def _bind(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        settings = self._settings
        password = self._secrets.get(settings.password_secret)
        bind = BindTransceiver(
            system_id=settings.system_id, password=password, interface_version=0x34, sequence_num=1
        )
        writer.write(bind.pdu())
        async with asyncio.timeout(BEAT):
            answer = await read_pdu(reader)
        if not isinstance(answer, BindTransceiverResp) or answer.command_status != SmppCommandStatus.ESME_ROK:
            raise DeliveryError(f"the centre refused us: {answer.command_status.name}")
        self._number = 1

    async def _listen(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            try:
                async with asyncio.timeout(BEAT):
                    message = await read_pdu(reader)
            except TimeoutError:
                self._number += 1
                writer.write(EnquireLink(sequence_num=self._number).pdu())
                async with asyncio.timeout(BEAT):
                    message = await read_pdu(reader)
            await self._take(message, writer)

    async def _take(self, message: SmppMessage, writer: asyncio.StreamWriter) -> None:
        if isinstance(message, DeliverSm):
            await self._heard.put((message, writer))
        elif isinstance(message, EnquireLink):
            writer.write(EnquireLinkResp(sequence_num=message.sequence_num).pdu())
        elif isinstance(message, Unbind):
            raise DeliveryError("the centre unbound us")
        else:
            answer = self._open.get(message.sequence_num)
            if answer is not None and not answer.done():
                answer.set_result(message)

    async def _hear_all(self) -> None:
        """Acknowledge each receipt and reply after it is written down."""
        while True:
            message, writer = await self._heard.get()
            try:
                await self._hear(message)
            except AWAY as exc:  # unacknowledged, the centre says it again
                log.warning("a receipt waits: %s", exc, extra={"action": "smpp_receipt_waits"})
                continue
            if not writer.is_closing():
                writer.write(DeliverSmResp(sequence_num=message.sequence_num).pdu())

    async def _hear(self, message: DeliverSm) -> None:
        if not message.is_receipt():
            await self._reply(message.source.number, message.short_message or message.message_payload)
            return
        told = message.parse_receipt()
        status = str(told.get("stat", ""))
        state = STATES.get(status)
        if state is None:
            return
        reason = f"SMPP {status}" if state is LetterState.FAILED else ""
        for _ in range(TRIES):
            if await self._receipt(str(told.get("id", "")), state, reason):
                return
            await asyncio.sleep(0.2)
        log.info("a receipt for no letter of ours", extra={"action": "smpp_receipt_unknown"})
