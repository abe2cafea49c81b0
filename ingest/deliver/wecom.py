"""企业微信 (WeCom) group robots: a text to a webhook whose key is a secret."""

from __future__ import annotations

from urllib.parse import urlencode

import orjson

from devices.errors import DeliveryError, UndeliverableError
from ingest.deliver.channel import Parcel, Taken
from ingest.deliver.endpoint import Wecom
from ingest.deliver.secrets import Secrets
from ingest.deliver.web import Web

_LONGEST = 2048  # bytes of a text message
_TOO_MANY = 45009  # their errcode for more than 20 messages a minute


class WecomCarrier:
    """Posts into a group; the robot answers 200 even where it refuses, with an errcode."""

    def __init__(self, settings: Wecom, web: Web, secrets: Secrets) -> None:
        self._settings, self._web, self._secrets = settings, web, secrets

    async def send(self, parcel: Parcel) -> Taken:
        """Post it."""
        text = parcel.text.encode()[:_LONGEST].decode(errors="ignore")
        body = orjson.dumps({"msgtype": "text", "text": {"content": text}})
        query = urlencode({"key": self._secrets.get(self._settings.key_secret)})
        judge(await self._web.post(f"{self._settings.url}?{query}", body, {}), busy=_TOO_MANY)
        return Taken()


def judge(answer: object, *, busy: int) -> None:
    """Read a robot's errcode; raises DeliveryError or UndeliverableError where it is not 0."""
    code = answer.get("errcode") if isinstance(answer, dict) else None
    if code == 0:
        return
    text = f"errcode {code}: {answer.get('errmsg', '') if isinstance(answer, dict) else answer!r}"
    if code is None or code in {busy, -1}:
        raise DeliveryError(text)
    raise UndeliverableError(text)
