"""Webhook: signed JSON to anybody who wants it (HMAC-SHA256 with a timestamp)."""

from __future__ import annotations

from typing import Any, Final

import orjson

from ingest.clock import Clock
from ingest.deliver.channel import Parcel, Taken
from ingest.deliver.endpoint import Webhook
from ingest.deliver.outbox import LetterState
from ingest.deliver.secrets import Secrets, signature
from ingest.deliver.web import Web

SIGNATURE: Final = "X-Shequ-Signature"


def signed_headers(secret: str, body: bytes, key: str, clock: Clock) -> dict[str, str]:
    """Answer the headers by which a receiver knows us, and a letter it has seen before."""
    return {SIGNATURE: signature(secret, body, int(clock().timestamp())), "Idempotency-Key": key}


def wire(parcel: Parcel) -> dict[str, Any]:
    """Write a letter as JSON: the words, and what a program wants to know."""
    shown = {name: value for name, value in parcel.body.items() if not name.startswith("_")}
    facts = parcel.body.get("_facts") or {}
    return {
        "key": parcel.key,
        "subject": parcel.subject,
        "text": parcel.text,
        "severity": parcel.severity,
        "drill": parcel.drill,
        "estate": parcel.estate,
        "incident_id": parcel.incident_id,
        "alert_id": parcel.alert_id,
        "code": facts.get("code"),
        "case_code": facts.get("case_code"),
        "state": facts.get("state"),
        "created_at": parcel.created_at,
        "expires_at": parcel.expires_at,
        "body": shown,
    }


class WebhookCarrier:
    """Posts a letter; an answer in the two hundreds is its delivery."""

    def __init__(self, settings: Webhook, web: Web, secrets: Secrets, clock: Clock) -> None:
        self._settings, self._web, self._secrets, self._clock = settings, web, secrets, clock

    async def send(self, parcel: Parcel) -> Taken:
        """Post it."""
        body = orjson.dumps(wire(parcel))
        secret = self._secrets.get(self._settings.sign_secret)
        await self._web.post(self._settings.url, body, signed_headers(secret, body, parcel.key, self._clock))
        return Taken(state=LetterState.DELIVERED)
