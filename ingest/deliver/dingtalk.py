"""钉钉 (DingTalk) group robots, with their signature (加签)."""

from __future__ import annotations

import base64
import hashlib
import hmac
from urllib.parse import urlencode

import orjson

from ingest.clock import Clock
from ingest.deliver.channel import Parcel, Taken
from ingest.deliver.endpoint import Dingtalk
from ingest.deliver.secrets import Secrets
from ingest.deliver.web import Web
from ingest.deliver.wecom import judge

_LONGEST = 6000  # characters
_TOO_MANY = 130101  # their errcode for more than 20 messages a minute


def sign(secret: str, timestamp_ms: int) -> str:
    """Answer the signature: base64 of HMAC-SHA256 over milliseconds, a line feed and the secret."""
    text = f"{timestamp_ms}\n{secret}".encode()
    return base64.b64encode(hmac.new(secret.encode(), text, hashlib.sha256).digest()).decode()


class DingtalkCarrier:
    """Posts into a group."""

    def __init__(self, settings: Dingtalk, web: Web, secrets: Secrets, clock: Clock) -> None:
        self._settings, self._web, self._secrets, self._clock = settings, web, secrets, clock

    async def send(self, parcel: Parcel) -> Taken:
        """Post it."""
        body = orjson.dumps({"msgtype": "text", "text": {"content": parcel.text[:_LONGEST]}})
        stamp = int(self._clock().timestamp() * 1000)
        query = urlencode(
            {
                "access_token": self._secrets.get(self._settings.token_secret),
                "timestamp": stamp,
                "sign": sign(self._secrets.get(self._settings.sign_secret), stamp),
            }
        )
        judge(await self._web.post(f"{self._settings.url}?{query}", body, {}), busy=_TOO_MANY)
        return Taken()
