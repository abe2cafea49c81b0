"""E-mail over SMTP; the letter's key is its Message-ID, so that a second copy is recognised."""

from __future__ import annotations

import hashlib
from email.message import EmailMessage
from email.policy import SMTP

import aiosmtplib

from devices.errors import DeliveryError, UndeliverableError
from ingest.deliver.channel import Parcel, Taken
from ingest.deliver.endpoint import Mail
from ingest.deliver.secrets import Secrets

_PERMANENT = 500


class MailCarrier:
    """Hands a message to a mail server."""

    def __init__(self, settings: Mail, secrets: Secrets, timeout_s: float) -> None:
        self._settings, self._secrets, self._timeout_s = settings, secrets, timeout_s

    async def send(self, parcel: Parcel) -> Taken:
        """Send it."""
        settings = self._settings
        password = self._secrets.get(settings.password_secret) if settings.password_secret else None
        message = self._write(parcel)
        try:
            await aiosmtplib.send(
                message,
                hostname=settings.host,
                port=settings.port,
                username=settings.username or None,
                password=password,
                use_tls=settings.security == "tls",
                start_tls=settings.security == "starttls",
                timeout=self._timeout_s,
            )
        except aiosmtplib.SMTPRecipientsRefused as exc:
            codes = [refused.code for refused in exc.recipients]
            kind = UndeliverableError if all(code >= _PERMANENT for code in codes) else DeliveryError
            raise kind("; ".join(str(refused) for refused in exc.recipients)) from exc
        except aiosmtplib.SMTPResponseException as exc:
            kind = UndeliverableError if exc.code >= _PERMANENT else DeliveryError
            raise kind(f"SMTP {exc.code}: {exc.message}") from exc
        except (aiosmtplib.SMTPException, ValueError) as exc:
            raise DeliveryError(f"{type(exc).__name__}: {exc}") from exc
        return Taken(remote_id=str(message["Message-ID"]))

    def _write(self, parcel: Parcel) -> EmailMessage:
        sender = self._settings.sender
        message = EmailMessage(policy=SMTP)
        try:
            message["From"], message["To"], message["Subject"] = sender, parcel.to, parcel.subject
        except ValueError as exc:
            raise UndeliverableError(f"no mail address: {exc}") from exc
        digest = hashlib.sha256(parcel.key.encode()).hexdigest()[:32]
        message["Message-ID"] = f"<{digest}@{sender.partition('@')[2]}>"
        message["Date"] = parcel.created_at
        if parcel.severity == 1:
            message["Importance"] = "high"
        message.set_content(parcel.text + "\n")
        return message
