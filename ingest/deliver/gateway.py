"""SMS and voice over HTTP: one small signed protocol, which a gateway's own is a few lines away from.

We post `{key, to, text, kind, sender, severity}`; the gateway answers `{"id": …}` and later posts
receipts and replies to `/api/deliver/receipts/{endpoint}`, signed the same way.
"""

from __future__ import annotations

import orjson

from ingest.clock import Clock
from ingest.deliver.channel import Parcel, Taken
from ingest.deliver.endpoint import Gateway
from ingest.deliver.secrets import Secrets
from ingest.deliver.web import Web
from ingest.deliver.webhook import signed_headers


class GatewayCarrier:
    """Hands a text to a gateway, to be written or spoken."""

    def __init__(self, settings: Gateway, web: Web, secrets: Secrets, clock: Clock) -> None:
        self._settings, self._web, self._secrets, self._clock = settings, web, secrets, clock

    async def send(self, parcel: Parcel) -> Taken:
        """Post it; what the gateway calls it is remembered for its receipts."""
        body = orjson.dumps(
            {
                "key": parcel.key,
                "kind": parcel.channel,
                "to": parcel.to,
                "text": parcel.text,
                "sender": self._settings.sender,
                "severity": parcel.severity,
            }
        )
        secret = self._secrets.get(self._settings.sign_secret)
        answer = await self._web.post(
            self._settings.url, body, signed_headers(secret, body, parcel.key, self._clock)
        )
        number = answer.get("id") if isinstance(answer, dict) else None
        return Taken(remote_id=None if number is None else str(number)[:200])
