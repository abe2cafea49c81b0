"""Endpoint in, carrier out: the one table of what each kind of endpoint is driven by."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Protocol

from ingest.clock import Clock
from ingest.deliver import endpoint as kinds
from ingest.deliver.cap import CapCarrier
from ingest.deliver.cascade import CascadeCarrier
from ingest.deliver.channel import Carrier
from ingest.deliver.desk import Desk
from ingest.deliver.device import DeviceCarrier
from ingest.deliver.dingtalk import DingtalkCarrier
from ingest.deliver.gateway import GatewayCarrier
from ingest.deliver.mail import MailCarrier
from ingest.deliver.outbox import LetterState
from ingest.deliver.secrets import Secrets
from ingest.deliver.smpp import SmppCarrier
from ingest.deliver.testing import answer_by_code
from ingest.deliver.web import Web
from ingest.deliver.webhook import WebhookCarrier
from ingest.deliver.wecom import WecomCarrier

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Tools:
    """What carriers work with."""

    desk: Desk
    web: Web
    secrets: Secrets
    clock: Clock
    names: Mapping[str, tuple[str, str]]

    @asynccontextmanager
    async def open(self, endpoint: kinds.Endpoint) -> AsyncIterator[Carrier]:
        """Drive an endpoint while the block runs; raises SettingError where it is set up wrongly."""
        settings = endpoint.wire()
        for name in (n for n in settings.__struct_fields__ if n.endswith("_secret")):
            if (wanted := getattr(settings, name)) is not None:
                self.secrets.get(wanted)
        if isinstance(settings, kinds.Smpp):
            async with self._smpp(endpoint.code, settings) as carrier:
                yield carrier
        else:
            yield MAKERS[type(settings)](self, endpoint, settings)

    @asynccontextmanager
    async def _smpp(self, code: str, settings: kinds.Smpp) -> AsyncIterator[Carrier]:
        async def receipt(remote_id: str, state: LetterState, reason: str) -> bool:
            number = await self.desk.receipt(code, state=state, remote_id=remote_id, reason=reason)
            return number is not None

        async def reply(sender: str, text: str) -> None:
            async with self.desk.pool.connection() as connection:
                answered = await answer_by_code(connection, code, text, sender)
            log.info(
                "a reply %s", "answers a test" if answered else "to nothing", extra={"action": "sms_reply"}
            )

        async with SmppCarrier.open(
            settings, self.secrets, self.clock, receipt=receipt, reply=reply
        ) as carrier:
            yield carrier


class Outfit(Protocol):
    """What carriers that need no database work with."""

    @property
    def web(self) -> Web:
        """How they speak HTTP."""

    @property
    def secrets(self) -> Secrets:
        """Where their secrets are."""

    @property
    def clock(self) -> Clock:
        """What time it is."""


ALONE: Mapping[type[kinds.Wire], Callable[[Outfit, kinds.Endpoint, Any], Carrier]] = MappingProxyType(
    {
        kinds.Webhook: lambda t, _, s: WebhookCarrier(s, t.web, t.secrets, t.clock),
        kinds.Gateway: lambda t, _, s: GatewayCarrier(s, t.web, t.secrets, t.clock),
        kinds.Wecom: lambda t, _, s: WecomCarrier(s, t.web, t.secrets),
        kinds.Dingtalk: lambda t, _, s: DingtalkCarrier(s, t.web, t.secrets, t.clock),
        kinds.Mail: lambda t, e, s: MailCarrier(s, t.secrets, e.timeout_s),
    }
)
"""By the kind of the settings: those that work while the database is away, for the platform's own watch."""

MAKERS: Mapping[type[kinds.Wire], Callable[[Tools, kinds.Endpoint, Any], Carrier]] = MappingProxyType(
    {
        **ALONE,
        kinds.Feed: lambda t, e, s: CapCarrier(e.code, s, t.desk.pool, t.names),
        kinds.Cascade: lambda t, _, s: CascadeCarrier(s, t.web, t.secrets),
        kinds.Device: lambda t, _, __: DeviceCarrier(t.desk.pool),
    }
)
"""By the kind of the settings; SMPP alone keeps a session and is opened above."""
