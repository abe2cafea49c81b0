"""Devices' credentials: the broker keeps the accounts, the console asks it to make them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from ingest.broker_admin import BrokerAdmin
from ingest.registry_ca import Authority
from ingest.settings import BrokerAdminSettings, BrokerUrl, load


class Credentials(Protocol):
    """Whoever gives devices their account on the broker."""

    @property
    def password_door(self) -> tuple[str, int]:
        """Where a device logs in with a password: host and port."""

    @property
    def certificate_door(self) -> tuple[str, int] | None:
        """Where a device logs in with a certificate."""

    @property
    def authority(self) -> Authority | None:
        """Who signs certificates."""

    async def add_device(self, estate: str, device: str) -> str:
        """Make an account and return its password."""

    async def add_devices(self, devices: Sequence[tuple[str, str]]) -> Mapping[str, str]:
        """Make an account for every (estate, device), all or none; return the passwords by device."""

    async def add_certified(self, estate: str, device: str) -> None:
        """Make an account without a password, for a device with a certificate."""

    async def rotate(self, device: str) -> str:
        """Give the device a new password; its session ends."""

    async def remove_device(self, device: str) -> None:
        """Delete the account, if there is one; its session ends."""


@dataclass(frozen=True, slots=True)
class BrokerCredentials:
    """Makes device accounts over one short conversation each: they are rare."""

    url: BrokerUrl
    certificate_door: tuple[str, int] | None = None
    authority: Authority | None = None

    @property
    def password_door(self) -> tuple[str, int]:
        """Where a device logs in with a password: host and port."""
        return self.url.host, self.url.port

    async def add_device(self, estate: str, device: str) -> str:
        """Make the account and return its password; raises BrokerError."""
        return (await self.add_devices([(estate, device)]))[device]

    async def add_devices(self, devices: Sequence[tuple[str, str]]) -> Mapping[str, str]:
        """Make the accounts, all or none, and return the passwords; raises BrokerError."""
        async with BrokerAdmin.connect(self.url, self.url) as admin:
            return await admin.add_devices(devices)

    async def add_certified(self, estate: str, device: str) -> None:
        """Make an account without a password; raises BrokerError."""
        async with BrokerAdmin.connect(self.url, self.url) as admin:
            await admin.add_certified(estate, device)

    async def rotate(self, device: str) -> str:
        """Give the device a new password and return it; raises BrokerError."""
        async with BrokerAdmin.connect(self.url, self.url) as admin:
            return await admin.rotate(device)

    async def remove_device(self, device: str) -> None:
        """Delete the account, which cuts the device's session; raises BrokerError."""
        async with BrokerAdmin.connect(self.url, self.url) as admin:
            await admin.forget_device(device)


def broker_credentials() -> BrokerCredentials | None:
    """Return the configured account keeper, if there is one."""
    settings = load(BrokerAdminSettings)
    url = settings.broker_admin_url
    if url is None:
        return None
    tls = settings.broker_certificate_url and BrokerUrl(settings.broker_certificate_url)
    authority = Authority.open(settings.ca_folder) if settings.ca_folder else None
    return BrokerCredentials(
        BrokerUrl(url.get_secret_value()), (tls.host, tls.port) if tls else None, authority
    )
